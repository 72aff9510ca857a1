//! Functions on the engine, with a sandbox that echoes.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use bytes::Bytes;
use hearth_engine::{
    Engine, EngineOptions, InvokeRequest,
    clock::Clock,
    package::{Package, PackageFile, PackagePath},
    port::{
        BoxFuture, Code as SandboxCode, Contract, Environment, InvocationContext, LoadError, Program,
        ProvisionSettings, Sandbox,
    },
};
use hearth_model::{
    function::FunctionConfiguration,
    identity::{AccountId, FunctionName, Partition, Region},
    limits,
    outcome::Failure,
    pool::ThrottleReason,
    reference::InvalidReference,
    sqs::QueueOptions,
    time::Timestamp,
};

use super::*;
use crate::sqs::Queues;

/// Answers with the code it was loaded from, the event and the ARN.
struct Echo;

struct EchoCode(Bytes);

impl Sandbox for Echo {
    fn load(
        &self,
        SandboxCode { package, .. }: SandboxCode,
    ) -> BoxFuture<'_, Result<Arc<dyn Program>, LoadError>> {
        Box::pin(async move {
            let (path, file) = package.files().next().expect("a file");
            if file.content == "broken" {
                let (file, reason) = (path.to_string(), "broken".to_owned());
                return Err(LoadError::Invalid { file, reason });
            }
            Ok(Arc::new(EchoCode(file.content.clone())) as Arc<dyn Program>)
        })
    }
}

impl Program for EchoCode {
    fn contract(&self) -> Contract {
        Contract::Handler
    }

    fn provision(&self, _: ProvisionSettings) -> Result<Box<dyn Environment>, Failure> {
        Ok(Box::new(EchoCode(self.0.clone())))
    }
}

impl Environment for EchoCode {
    fn init(&mut self) -> BoxFuture<'_, Result<(), Failure>> {
        Box::pin(async { Ok(()) })
    }

    fn invoke<'a>(
        &'a mut self,
        event: Bytes,
        context: &'a InvocationContext,
    ) -> BoxFuture<'a, Result<Bytes, Failure>> {
        let (code, event) = (String::from_utf8_lossy(&self.0), String::from_utf8_lossy(&event));
        let answer = format!("{code} {event} {}", context.invoked_function_arn);
        Box::pin(async move { Ok(answer.into()) })
    }

    fn reset(&mut self) {}

    fn peak_memory_bytes(&self) -> u64 {
        0
    }
}

fn functions() -> Functions {
    let clock = Clock::frozen(Timestamp::UNIX_EPOCH);
    on(Engine::new(EngineOptions::default(), Arc::new(Echo), clock))
}

fn on(engine: Arc<Engine>) -> Functions {
    let queues = Queues::new(Arc::clone(&engine), QueueOptions::default());
    Functions::new(engine, queues)
}

fn code(content: impl Into<Bytes>) -> Arc<Package> {
    let path = PackagePath::parse("bootstrap").expect("a path");
    let file = PackageFile { content: content.into() };
    Arc::new(Package::new(BTreeMap::from([(path, file)])).expect("a package"))
}

fn hello() -> FunctionConfiguration {
    FunctionConfiguration::new(FunctionName::parse("hello").expect("a name"))
}

fn partition(account: &str, region: &str) -> Partition {
    let account = AccountId::parse(account).expect("an account");
    Partition { account, region: Region::parse(region).expect("a region") }
}

async fn invoke(
    functions: &Functions,
    partition: &Partition,
    name: &str,
    qualifier: Option<&str>,
) -> Result<String, InvocationError> {
    let request = InvokeRequest { event: Bytes::from_static(b"1"), ..InvokeRequest::default() };
    let reply = functions.invoke(partition, name, qualifier, request).await?;
    Ok(String::from_utf8(reply.result.expect("an answer").to_vec()).expect("text"))
}

#[tokio::test]
async fn a_function_is_found_by_name_and_by_arn() {
    let functions = functions();
    let here = Partition::default();
    functions.deploy(&here, hello(), code("v1"), Vec::new()).await.expect("deployed");
    let arn = "arn:aws:lambda:us-east-1:000000000000:function:hello";
    let check = async |name: &str, qualifier: Option<&str>, seen: &str| {
        let answer = invoke(&functions, &here, name, qualifier).await.expect(name);
        assert_eq!(answer, format!("v1 1 {seen}"));
    };
    check("hello", None, arn).await;
    check("000000000000:function:hello", None, arn).await;
    check(arn, None, arn).await;
    check("hello", Some("$LATEST"), &format!("{arn}:$LATEST")).await;
    check("hello:$LATEST", None, &format!("{arn}:$LATEST")).await;
}

#[tokio::test]
async fn what_is_not_there_is_named_as_aws_names_it() {
    let functions = functions();
    let here = Partition::default();
    functions.deploy(&here, hello(), code("v1"), Vec::new()).await.expect("deployed");
    let check = async |name: &str, qualifier: Option<&str>, message: &str| {
        let error = invoke(&functions, &here, name, qualifier).await.expect_err(name);
        assert_eq!(error.to_string(), message);
    };
    let missing = "Function not found: arn:aws:lambda:us-east-1:000000000000:function:";
    check("nobody", None, &format!("{missing}nobody:$LATEST")).await;
    check("hello", Some("7"), &format!("{missing}hello:7")).await;
    check("hello:live", None, &format!("{missing}hello:live")).await;
    let elsewhere = "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')";
    check("arn:aws:lambda:eu-west-1:000000000000:function:hello", None, elsewhere).await;
    let other = "arn:aws:lambda:us-east-1:123456789012:function:hello";
    check(other, None, &format!("Function not found: {other}:$LATEST")).await;
    let name = invoke(&functions, &here, "no name", None).await.expect_err("malformed");
    assert!(matches!(name, InvocationError::Reference(InvalidReference::Validation(_))));
}

#[tokio::test]
async fn accounts_and_regions_are_apart_but_for_arns() {
    let functions = functions();
    let (ours, theirs) = (partition("000000000001", "us-east-1"), partition("000000000002", "us-east-1"));
    let far = partition("000000000001", "eu-west-1");
    functions.deploy(&ours, hello(), code("ours"), Vec::new()).await.expect("deployed");
    functions.deploy(&far, hello(), code("far"), Vec::new()).await.expect("deployed");

    assert!(invoke(&functions, &ours, "hello", None).await.expect("ours").starts_with("ours 1 "));
    assert!(invoke(&functions, &far, "hello", None).await.expect("far").starts_with("far 1 "));
    assert!(invoke(&functions, &theirs, "hello", None).await.is_err());
    let arn = hello().name.arn(&ours);
    assert_eq!(invoke(&functions, &theirs, &arn, None).await, Ok(format!("ours 1 {arn}")));
    assert_eq!(functions.list(&ours).len(), 1);
    assert!(functions.list(&theirs).is_empty());
}

#[tokio::test]
async fn a_name_is_given_once_and_can_be_given_again() {
    let functions = functions();
    let here = Partition::default();
    let first = functions.deploy(&here, hello(), code("v1"), Vec::new());
    let second = functions.deploy(&here, hello(), code("v2"), Vec::new());
    let (first, second) = tokio::join!(first, second);
    assert!(first.is_ok());
    assert_eq!(second.expect_err("taken").to_string(), "Function already exist: hello");

    functions.remove(&here, &hello().name).expect("it was there");
    assert!(invoke(&functions, &here, "hello", None).await.is_err());
    functions.deploy(&here, hello(), code("v3"), Vec::new()).await.expect("deployed again");
    assert!(invoke(&functions, &here, "hello", None).await.expect("v3").starts_with("v3 "));
}

#[tokio::test]
async fn an_update_changes_the_code_and_a_broken_one_does_not() {
    let functions = functions();
    let here = Partition::default();
    let declare = |says| functions.declare(&here, hello(), code(says), Vec::new());
    assert!(matches!(declare("v1").await, Ok(Declared::Created(_))));
    assert!(matches!(declare("v1").await, Ok(Declared::Unchanged)));
    assert!(matches!(declare("v2").await, Ok(Declared::Updated)));
    assert!(invoke(&functions, &here, "hello", None).await.expect("v2").starts_with("v2 "));
    let broken = declare("broken").await.expect_err("broken");
    assert!(broken.to_string().contains("`bootstrap` is damaged"), "{broken}");
    assert!(invoke(&functions, &here, "hello", None).await.expect("v2").starts_with("v2 "));
}

#[tokio::test]
async fn code_and_layers_together_have_a_limit() {
    let functions = functions();
    let most = usize::try_from(limits::PACKAGE_UNZIPPED_BYTES).expect("fits");
    let layers = vec![code(vec![0; most])];
    let error =
        functions.deploy(&Partition::default(), hello(), code("x"), layers).await.expect_err("too large");
    assert_eq!(
        error.to_string(),
        "Function code combined with layers exceeds the maximum allowed size of 262144000 bytes. The actual size is \
         262144001 bytes."
    );
}

#[tokio::test]
async fn events_and_limits_are_checked_before_anything_runs() {
    let functions = functions();
    let here = Partition::default();
    let configuration = FunctionConfiguration { reserved_concurrency: Some(0), ..hello() };
    functions.deploy(&here, configuration, code("v1"), Vec::new()).await.expect("deployed");
    let send = async |event: Bytes| {
        let request = InvokeRequest { event, ..InvokeRequest::default() };
        functions.invoke(&here, "hello", None, request).await.expect_err("refused")
    };
    let large = send(vec![b'1'; limits::SYNCHRONOUS_REQUEST_BYTES + 1].into()).await;
    assert!(matches!(large, InvocationError::Event(InvalidEvent::TooLarge { .. })));
    let broken = send(Bytes::from_static(b"{")).await;
    assert!(matches!(broken, InvocationError::Event(InvalidEvent::NotJson { .. })));
    let reason = ThrottleReason::ReservedFunctionConcurrentInvocationLimitExceeded;
    assert_eq!(send(Bytes::new()).await, InvocationError::Throttled(reason));
}

#[tokio::test]
async fn nothing_is_accepted_after_the_end() {
    let clock = Clock::frozen(Timestamp::UNIX_EPOCH);
    let engine = Engine::new(EngineOptions::default(), Arc::new(Echo), clock);
    let functions = on(Arc::clone(&engine));
    functions.deploy(&Partition::default(), hello(), code("v1"), Vec::new()).await.expect("deployed");
    engine.shutdown(Duration::from_secs(1)).await;
    let refused = invoke(&functions, &Partition::default(), "hello", None).await;
    assert_eq!(refused, Err(InvocationError::ShuttingDown));
}
