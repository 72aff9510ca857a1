//! The Query protocol: what all of its services have in common.

use crate::{client::Answer, world::World};

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded; charset=utf-8");

async fn post(form: &str) -> Answer {
    let world = World::new().await;
    world.client().await.call("POST /", &[FORM], form).await
}

#[tokio::test]
async fn a_request_without_an_action_is_refused_in_the_words_of_its_service() {
    let answer = post("Version=2010-08-01").await;
    assert_eq!((answer.status, answer.header("content-type")), (400, Some("text/xml")));
    let id = answer.header("x-amzn-requestid").expect("a request id");
    let expect = format!(
        "<?xml version=\"1.0\"?><ErrorResponse xmlns=\"http://monitoring.amazonaws.com/doc/2010-08-01/\"><Error>\
         <Type>Sender</Type><Code>MissingAction</Code><Message>The request must contain the parameter Action.</Message>\
         </Error><RequestId>{id}</RequestId></ErrorResponse>"
    );
    assert_eq!(answer.body, expect);
}

#[tokio::test]
async fn what_is_no_request_of_any_service_is_refused() {
    for form in ["Action=Publish&Version=2010-03-31", "Action=Publish", "Version", "Action=%", "\u{80}"] {
        let answer = post(form).await;
        assert_eq!((answer.status, answer.header("content-type")), (400, Some("text/xml")), "{form}");
        let begin = "<?xml version=\"1.0\"?><ErrorResponse><Error><Type>Sender</Type><Code>MalformedQueryString</Code>";
        assert!(answer.body.starts_with(begin), "{}", answer.body);
    }
}

#[tokio::test]
async fn a_caller_is_the_root_of_the_account_that_its_access_key_means() {
    let world = World::new().await;
    let ask = async |access_key: &str, action: &str| {
        let scope = format!("{access_key}/20260101/us-east-1/sts/aws4_request");
        let signature = format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0");
        let headers = [FORM, ("authorization", &signature)];
        world.client().await.call("POST /", &headers, &format!("Action={action}&Version=2011-06-15")).await
    };
    for (access_key, account) in [("AKIAIOSFODNN7EXAMPLE", "000000000000"), ("123456789012", "123456789012")]
    {
        let answer = ask(access_key, "GetCallerIdentity").await;
        let id = answer.header("x-amzn-requestid").expect("a request id");
        let expect = format!(
            "<?xml version=\"1.0\"?><GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
             <GetCallerIdentityResult><Arn>arn:aws:iam::{account}:root</Arn><UserId>{account}</UserId>\
             <Account>{account}</Account></GetCallerIdentityResult>\
             <ResponseMetadata><RequestId>{id}</RequestId></ResponseMetadata></GetCallerIdentityResponse>"
        );
        assert_eq!((answer.status, &answer.body), (200, &expect));
    }
    let answer = ask("test", "AssumeRole").await;
    assert_eq!(answer.status, 400, "{}", answer.body);
    assert!(answer.body.contains("<Code>InvalidAction</Code>"), "{}", answer.body);
    assert!(
        answer.body.contains("Hearth has no AssumeRole: of STS it has GetCallerIdentity"),
        "{}",
        answer.body
    );
}

#[tokio::test]
async fn an_action_may_stand_in_the_query_string() {
    let world = World::new().await;
    let mut client = world.client().await;
    let answer = client.get("/?Action=ListQueues&Version=2012-11-05").await;
    assert_eq!(answer.header("content-type"), Some("text/xml"), "{}", answer.body);
    let answer = client.get("/?Version=2012-11-05").await;
    assert_eq!(answer.header("content-type"), Some("application/json"), "{}", answer.body);
}
