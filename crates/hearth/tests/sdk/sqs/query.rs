//! The Query protocol, in which SDKs spoke until November 2023: forms, and whole documents of XML.

use bytes::Bytes;
use http::{Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, task::JoinSet};

use super::{bodies, receive};
use crate::hearth::Hearth;

const AUTHORIZATION: &str = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sqs/aws4_request, \
    SignedHeaders=host, Signature=0";

/// Sends a form; returns the document, with `ID` for the request's id.
async fn call(hearth: &Hearth, form: &str) -> (StatusCode, String) {
    let stream = TcpStream::connect(hearth.address()).await.unwrap();
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    let mut connections = JoinSet::new();
    connections.spawn(connection);
    let request = Request::post("/")
        .header(header::HOST, hearth.address().to_string())
        .header(header::AUTHORIZATION, AUTHORIZATION)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded; charset=utf-8")
        .body(Full::new(Bytes::from(format!("{form}&Version=2012-11-05"))));
    let response = sender.send_request(request.unwrap()).await.unwrap();
    assert_eq!(response.headers()[header::CONTENT_TYPE], "text/xml");
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    let document = String::from_utf8(body.to_vec()).unwrap();
    let id = text(&document, "RequestId").to_owned();
    assert_eq!(id.len(), 36, "{document}");
    (status, document.replace(&id, "ID"))
}

/// The text of an element that occurs once.
fn text<'a>(document: &'a str, name: &str) -> &'a str {
    let (_, rest) = document.split_once(&format!("<{name}>")).unwrap_or_else(|| panic!("{name}: {document}"));
    let (text, rest) = rest.split_once(&format!("</{name}>")).unwrap();
    assert!(!rest.contains(&format!("<{name}>")), "{name} occurs again: {document}");
    text
}

/// The document of an answer.
fn answer(operation: &str, result: &str) -> (StatusCode, String) {
    let result = match result {
        "" => String::new(),
        members => format!("<{operation}Result>{members}</{operation}Result>"),
    };
    let document = format!(
        "<?xml version=\"1.0\"?><{operation}Response xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\">{result}\
         <ResponseMetadata><RequestId>ID</RequestId></ResponseMetadata></{operation}Response>"
    );
    (StatusCode::OK, document)
}

#[tokio::test(flavor = "multi_thread")]
async fn from_create_to_delete() {
    let hearth = Hearth::start().await;
    let url = format!("http://{}/000000000000/orders", hearth.address());
    let create =
        "Action=CreateQueue&QueueName=orders&Attribute.1.Name=VisibilityTimeout&Attribute.1.Value=45";
    let location = format!("<QueueUrl>{url}</QueueUrl>");
    assert_eq!(call(&hearth, create).await, answer("CreateQueue", &location));
    assert_eq!(call(&hearth, "Action=ListQueues").await, answer("ListQueues", &location));

    let queue = format!("QueueUrl={url}");
    let attributes = format!("Action=GetQueueAttributes&{queue}&AttributeName.1=VisibilityTimeout");
    let expected = "<Attribute><Name>VisibilityTimeout</Name><Value>45</Value></Attribute>";
    assert_eq!(call(&hearth, &attributes).await, answer("GetQueueAttributes", expected));

    let send = format!(
        "Action=SendMessage&{queue}&MessageBody=hello&MessageAttribute.1.Name=colour\
         &MessageAttribute.1.Value.DataType=String&MessageAttribute.1.Value.StringValue=blue\
         &MessageAttribute.2.Name=raw&MessageAttribute.2.Value.DataType=Binary\
         &MessageAttribute.2.Value.BinaryValue=AQID"
    );
    let sent = call(&hearth, &send).await;
    let id = text(&sent.1, "MessageId").to_owned();
    let digests = [
        ("MD5OfMessageBody", "5d41402abc4b2a76b9719d911017c592"),
        ("MD5OfMessageAttributes", "607dc9bf9261ab117977328a9a70c1e3"),
    ];
    for (name, digest) in digests {
        assert_eq!(text(&sent.1, name), digest);
    }

    let received =
        format!("Action=ReceiveMessage&{queue}&AttributeName.1=ApproximateReceiveCount&WaitTimeSeconds=20");
    let received = call(&hearth, &received).await;
    let handle = text(&received.1, "ReceiptHandle").to_owned();
    let message = format!(
        "<Message><MessageId>{id}</MessageId><ReceiptHandle>{handle}</ReceiptHandle>\
         <MD5OfBody>5d41402abc4b2a76b9719d911017c592</MD5OfBody><Body>hello</Body>\
         <Attribute><Name>ApproximateReceiveCount</Name><Value>1</Value></Attribute></Message>"
    );
    assert_eq!(received, answer("ReceiveMessage", &message));

    let handle = handle.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    let show = format!("Action=ChangeMessageVisibility&{queue}&ReceiptHandle={handle}&VisibilityTimeout=0");
    assert_eq!(call(&hearth, &show).await, answer("ChangeMessageVisibility", ""));
    // Both protocols mean the same queues.
    assert_eq!(bodies(&receive(&hearth.sqs(), &url, 0).await), ["hello"]);
    let delete = format!("Action=DeleteMessage&{queue}&ReceiptHandle={handle}");
    assert_eq!(call(&hearth, &delete).await, answer("DeleteMessage", ""));
    assert_eq!(call(&hearth, &format!("Action=DeleteQueue&{queue}")).await, answer("DeleteQueue", ""));

    let (status, document) = call(&hearth, &format!("Action=SendMessage&{queue}&MessageBody=late")).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(text(&document, "Type"), "Sender");
    assert_eq!(text(&document, "Code"), "AWS.SimpleQueueService.NonExistentQueue");
}
