"""The handler that every tutorial begins with."""

import json


def lambda_handler(event, context):
    print(f"request {context.aws_request_id}")
    return {"statusCode": 200, "body": json.dumps({"message": f"Hello, {event.get('name', 'World')}!"})}
