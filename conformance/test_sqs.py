"""SQS: queues and messages. It is boto3 that decides in which protocol: JSON or, before November 2023, Query."""

import os

import pytest
from aws import eventually, refusal


@pytest.fixture
def sqs(aws):
    return aws.client("sqs")


def create(sqs, name="orders", **attributes):
    return sqs.create_queue(QueueName=name, Attributes={key: str(value) for key, value in attributes.items()})[
        "QueueUrl"
    ]


def attribute(sqs, url, name):
    return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"][name]


def receive(sqs, url, **parameters):
    return sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, **parameters).get("Messages", [])


def test_the_protocol_is_the_one_that_is_to_be_tested(sqs):
    protocol = os.environ.get("SQS_PROTOCOL", "json")
    assert sqs.meta.service_model.metadata["protocol"] == protocol


def test_queues_come_and_go(aws, sqs):
    url = create(sqs, VisibilityTimeout=45)
    assert url == f"{aws.endpoint}/{aws.account}/orders"
    assert sqs.get_queue_url(QueueName="orders")["QueueUrl"] == url
    assert create(sqs, VisibilityTimeout=45) == url, "the same queue again"
    refusal("QueueAlreadyExists", create, sqs=sqs, VisibilityTimeout=46)
    assert attribute(sqs, url, "QueueArn") == f"arn:aws:sqs:us-east-1:{aws.account}:orders"
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "60"})
    assert attribute(sqs, url, "VisibilityTimeout") == "60"
    create(sqs, "other")
    assert sqs.list_queues(QueueNamePrefix="ord")["QueueUrls"] == [url]
    sqs.delete_queue(QueueUrl=url)
    gone = refusal("AWS.SimpleQueueService.NonExistentQueue", sqs.get_queue_url, QueueName="orders")
    assert gone.status == 400


def test_a_message_is_received_once_and_deleted(sqs):
    url = create(sqs)
    colour = {"StringValue": "blue", "DataType": "String"}
    # boto3 checks the digests of bodies and attributes.
    sent = sqs.send_message(QueueUrl=url, MessageBody="hello", MessageAttributes={"colour": colour})
    [message] = receive(sqs, url, MessageAttributeNames=["All"], AttributeNames=["All"])
    assert (message["MessageId"], message["Body"]) == (sent["MessageId"], "hello")
    assert message["MessageAttributes"] == {"colour": colour}
    assert message["Attributes"]["ApproximateReceiveCount"] == "1"
    assert receive(sqs, url) == [], "it is in flight"
    assert attribute(sqs, url, "ApproximateNumberOfMessagesNotVisible") == "1"
    sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)
    [again] = receive(sqs, url, AttributeNames=["ApproximateReceiveCount"])
    assert again["Attributes"] == {"ApproximateReceiveCount": "2"}
    sqs.delete_message(QueueUrl=url, ReceiptHandle=again["ReceiptHandle"])
    assert attribute(sqs, url, "ApproximateNumberOfMessagesNotVisible") == "0"


def test_batches_tell_what_became_of_each(sqs):
    url = create(sqs)
    entries = [{"Id": str(number), "MessageBody": f"message {number}"} for number in range(9)]
    late = {"Id": "late", "MessageBody": "never", "DelaySeconds": 901}
    answer = sqs.send_message_batch(QueueUrl=url, Entries=[*entries, late])
    assert [entry["Id"] for entry in answer["Successful"]] == [str(number) for number in range(9)]
    assert [(entry["Id"], entry["SenderFault"]) for entry in answer["Failed"]] == [("late", True)]
    messages = receive(sqs, url)
    assert len(messages) == 9
    handles = [{"Id": str(id), "ReceiptHandle": one["ReceiptHandle"]} for id, one in enumerate(messages)]
    assert len(sqs.delete_message_batch(QueueUrl=url, Entries=handles)["Successful"]) == 9
    twice = [{"Id": "same", "MessageBody": "1"}, {"Id": "same", "MessageBody": "2"}]
    refusal("AWS.SimpleQueueService.BatchEntryIdsNotDistinct", sqs.send_message_batch, QueueUrl=url, Entries=twice)


def test_groups_of_a_fifo_queue_keep_their_order(sqs):
    url = create(sqs, "orders.fifo", FifoQueue="true", ContentBasedDeduplication="true")
    for group, body in [("a", "a1"), ("b", "b1"), ("a", "a2"), ("a", "a1")]:
        sqs.send_message(QueueUrl=url, MessageBody=body, MessageGroupId=group)
    messages = receive(sqs, url, AttributeNames=["MessageGroupId"])
    bodies = [(message["Attributes"]["MessageGroupId"], message["Body"]) for message in messages]
    assert sorted(bodies) == [("a", "a1"), ("a", "a2"), ("b", "b1")], "the second a1 is a duplicate"
    assert bodies.index(("a", "a1")) < bodies.index(("a", "a2"))
    sqs.send_message(QueueUrl=url, MessageBody="a3", MessageGroupId="a")
    assert receive(sqs, url) == [], "the group is blocked while its first messages are in flight"
    refusal("MissingParameter", sqs.send_message, QueueUrl=url, MessageBody="no group")


def test_what_is_received_too_often_goes_to_the_dead_letter_queue(sqs):
    dead = create(sqs, "dead")
    arn = attribute(sqs, dead, "QueueArn")
    url = create(sqs, VisibilityTimeout=0, RedrivePolicy=f'{{"deadLetterTargetArn": "{arn}", "maxReceiveCount": "2"}}')
    sqs.send_message(QueueUrl=url, MessageBody="poison")
    eventually(lambda: receive(sqs, url) == [])
    [message] = receive(sqs, dead, WaitTimeSeconds=5)
    assert message["Body"] == "poison"
    assert sqs.list_dead_letter_source_queues(QueueUrl=dead)["queueUrls"] == [url]


def test_purging_leaves_nothing(sqs):
    url = create(sqs)
    sqs.send_message(QueueUrl=url, MessageBody="one")
    sqs.purge_queue(QueueUrl=url)
    assert attribute(sqs, url, "ApproximateNumberOfMessages") == "0"
    refusal("AWS.SimpleQueueService.PurgeQueueInProgress", sqs.purge_queue, QueueUrl=url)


def test_queues_have_tags(sqs):
    url = create(sqs)
    sqs.tag_queue(QueueUrl=url, Tags={"team": "blue", "stage": "test"})
    sqs.untag_queue(QueueUrl=url, TagKeys=["stage"])
    assert sqs.list_queue_tags(QueueUrl=url)["Tags"] == {"team": "blue"}


def test_bad_parameters_are_refused(sqs):
    url = create(sqs)
    refusal("InvalidParameterValue", sqs.create_queue, QueueName="no queue!")
    refusal("InvalidParameterValue", sqs.receive_message, QueueUrl=url, MaxNumberOfMessages=11)
    refusal("ReceiptHandleIsInvalid", sqs.delete_message, QueueUrl=url, ReceiptHandle="nonsense")
    missing = url.replace("orders", "nobody")
    refusal("AWS.SimpleQueueService.NonExistentQueue", sqs.send_message, QueueUrl=missing, MessageBody="x")


def test_queues_of_one_name_live_side_by_side(aws, other_account, other_region):
    places = [place.client("sqs") for place in (aws, other_account, other_region)]
    urls = [create(sqs) for sqs in places]
    for number, (sqs, url) in enumerate(zip(places, urls, strict=True)):
        sqs.send_message(QueueUrl=url, MessageBody=str(number))
    bodies = [[message["Body"] for message in receive(sqs, url)] for sqs, url in zip(places, urls, strict=True)]
    assert bodies == [["0"], ["1"], ["2"]]
