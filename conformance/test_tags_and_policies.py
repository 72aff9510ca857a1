"""Tags, and who may invoke."""

import json

from aws import refusal


def test_tags_come_and_go(aws):
    arn = aws.deploy("orders", Tags={"team": "blue"})["FunctionArn"]
    aws.lambda_.tag_resource(Resource=arn, Tags={"stage": "test", "team": "green"})
    assert aws.lambda_.list_tags(Resource=arn)["Tags"] == {"stage": "test", "team": "green"}
    assert aws.lambda_.get_function(FunctionName="orders")["Tags"] == {"stage": "test", "team": "green"}
    aws.lambda_.untag_resource(Resource=arn, TagKeys=["team", "nothing"])
    assert aws.lambda_.list_tags(Resource=arn)["Tags"] == {"stage": "test"}
    refusal("ResourceNotFoundException", aws.lambda_.list_tags, Resource=aws.function_arn("nobody"))


def test_a_policy_is_kept_statement_by_statement(aws):
    arn = aws.deploy("orders")["FunctionArn"]
    refusal("ResourceNotFoundException", aws.lambda_.get_policy, FunctionName="orders")
    permission = {
        "FunctionName": "orders",
        "StatementId": "bucket",
        "Action": "lambda:InvokeFunction",
        "Principal": "s3.amazonaws.com",
        "SourceArn": "arn:aws:s3:::uploads",
        "SourceAccount": aws.account,
    }
    added = json.loads(aws.lambda_.add_permission(**permission)["Statement"])
    assert added == {
        "Sid": "bucket",
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "lambda:InvokeFunction",
        "Resource": arn,
        "Condition": {
            "StringEquals": {"AWS:SourceAccount": aws.account},
            "ArnLike": {"AWS:SourceArn": "arn:aws:s3:::uploads"},
        },
    }
    taken = refusal("ResourceConflictException", aws.lambda_.add_permission, **permission)
    assert taken.message == (
        "The statement id (bucket) provided already exists. Please provide a new statement id, or remove the existing "
        "statement."
    )
    policy = aws.lambda_.get_policy(FunctionName="orders")
    assert json.loads(policy["Policy"]) == {"Version": "2012-10-17", "Id": "default", "Statement": [added]}
    aws.lambda_.remove_permission(FunctionName="orders", StatementId="bucket", RevisionId=policy["RevisionId"])
    refusal("ResourceNotFoundException", aws.lambda_.get_policy, FunctionName="orders")
