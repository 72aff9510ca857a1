"""What takes the shop hours and days takes these tests milliseconds."""

import json

GOOD = json.dumps({"id": "A-1", "items": [{"sku": "tea", "quantity": 2, "unit_price_cents": 450}]})


def order(hearth, body):
    hearth.client("sqs").send_message(QueueUrl="orders", MessageBody=body)


def lost_orders(hearth):
    received = hearth.client("sqs").receive_message(QueueUrl="lost-orders", MaxNumberOfMessages=10)
    return [message["Body"] for message in received.get("Messages", [])]


def test_an_order_is_taken_before_the_test_goes_on(hearth):
    order(hearth, GOOD)
    hearth.settle()
    attributes = hearth.client("sqs").get_queue_attributes(QueueUrl="orders", AttributeNames=["All"])["Attributes"]
    assert attributes["ApproximateNumberOfMessages"] == "0"
    assert attributes["ApproximateNumberOfMessagesNotVisible"] == "0"


def test_what_is_no_order_is_tried_for_six_hours_and_then_lost(hearth):
    order(hearth, "tea, please")
    hearth.settle()
    # Eleven more attempts, and the report at two.
    assert hearth.advance("5h 59m")["invocations"] == 12
    assert lost_orders(hearth) == []
    hearth.advance("1m")
    assert lost_orders(hearth) == ["tea, please"]


def test_the_report_is_made_every_night(hearth):
    assert hearth.advance("30d")["invocations"] == 30
