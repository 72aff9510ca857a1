"""Layers."""

from aws import package, refusal, zip_of


def publish(aws, files, name="words", **parameters):
    return aws.lambda_.publish_layer_version(LayerName=name, Content={"ZipFile": zip_of(files)}, **parameters)


def test_layers_are_mounted_in_order(aws):
    first = publish(aws, {"a.txt": "first", "both.txt": "first"})
    second = publish(aws, {"both.txt": "second"}, name="more")
    assert (first["Version"], first["LayerVersionArn"]) == (1, f"{first['LayerArn']}:1")
    arns = [first["LayerVersionArn"], second["LayerVersionArn"]]
    created = aws.deploy("reader", "misbehave", Layers=arns)
    assert [layer["Arn"] for layer in created["Layers"]] == arns

    def read(name):
        return aws.invoke("reader", {"action": "read", "path": f"/opt/{name}"})["excerpt"]

    assert (read("a.txt"), read("both.txt")) == ("first", "second")
    aws.lambda_.update_function_configuration(FunctionName="reader", Layers=arns[::-1])
    assert read("both.txt") == "first"
    aws.lambda_.update_function_configuration(FunctionName="reader", Layers=[])
    assert "Layers" not in aws.lambda_.get_function_configuration(FunctionName="reader")


def test_versions_of_a_layer(aws):
    publish(aws, {"a": "1"}, Description="one", CompatibleRuntimes=["provided.al2023"])
    second = publish(aws, {"a": "2"}, Description="two")
    assert second["Version"] == 2
    listed = aws.lambda_.list_layer_versions(LayerName="words")["LayerVersions"]
    assert [layer["Version"] for layer in listed] == [2, 1]
    latest = aws.lambda_.list_layers()["Layers"]
    assert [(layer["LayerName"], layer["LatestMatchingVersion"]["Version"]) for layer in latest] == [("words", 2)]
    one = aws.lambda_.get_layer_version(LayerName="words", VersionNumber=1)
    assert (one["Description"], one["CompatibleRuntimes"]) == ("one", ["provided.al2023"])
    by_arn = aws.lambda_.get_layer_version_by_arn(Arn=second["LayerVersionArn"])
    assert by_arn["Description"] == "two"
    aws.lambda_.delete_layer_version(LayerName="words", VersionNumber=1)
    refusal("ResourceNotFoundException", aws.lambda_.get_layer_version, LayerName="words", VersionNumber=1)


def test_a_layer_that_is_not_there(aws):
    create = {
        "FunctionName": "reader",
        "Runtime": "provided.al2023",
        "Handler": "any",
        "Role": "arn:aws:iam::000000000000:role/a",
        "Code": {"ZipFile": package("echo")},
        "Layers": [f"arn:aws:lambda:us-east-1:{aws.account}:layer:nothing:1"],
    }
    missing = refusal("InvalidParameterValueException", aws.lambda_.create_function, **create)
    assert missing.message.startswith(
        f"Layer version arn:aws:lambda:us-east-1:{aws.account}:layer:nothing:1 does not exist"
    )
