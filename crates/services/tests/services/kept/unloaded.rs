//! Functions whose code is not there any more, or cannot be loaded: all else goes on, and they do when they have other code.

use std::fs;

use hearth_services::lambda::{CodeChange, InvocationError, MappingChange, Refusal, SettingsChange};

use super::world::{Begin, Kept, code, settings};
use crate::world::here;

/// A process that finds two functions, of which `orders` has lost its code.
async fn without_code(kept: &Kept) -> Kept {
    let other = code("other").digest().sha256.map(|byte| format!("{byte:02x}")).concat();
    let fork = kept.fork(|folder| {
        for entry in fs::read_dir(folder).expect("a folder") {
            let entry = entry.expect("an entry");
            if !entry.file_name().to_str().expect("text").starts_with(&other) {
                fs::write(entry.path(), b"PK").expect("it is written");
            }
        }
    });
    fork.begin_after(kept, 0).await.expect("it begins")
}

async fn invoke(kept: &Kept, name: &str) -> Result<bytes::Bytes, InvocationError> {
    let request = hearth_engine::InvokeRequest { event: "\"echo 1\"".into(), ..Default::default() };
    let reply = kept.world.functions().invoke(&here(), name, None, request).await?;
    Ok(reply.result.expect("it answers"))
}

fn change(says: &'static str) -> CodeChange {
    CodeChange { code: code(says), architecture: None, revision: None, dry_run: false, publish: false }
}

#[tokio::test]
async fn a_function_without_code_is_there_and_all_others_run() {
    let kept = Kept::new().await;
    kept.create("orders", "code").await;
    kept.create("other", "other").await;
    kept.world.publish("orders", "live");
    let before = kept.world.functions().describe(&here(), "orders", None).expect("it is there");

    let later = without_code(&kept).await;
    assert!(invoke(&later, "other").await.is_ok());
    for name in ["orders", "orders:1", "orders:live"] {
        let refused = invoke(&later, name).await.expect_err("it has no code");
        let message = refused.to_string();
        assert!(matches!(refused, InvocationError::Unloaded { .. }), "{message}");
        assert!(
            message.contains("in the following state: Failed (`") && message.contains("is damaged"),
            "{message}"
        );
    }
    let functions = later.world.functions();
    let unloaded = functions.unloaded();
    let named: Vec<_> = unloaded.iter().map(|(_, version)| version.version.to_string()).collect();
    assert_eq!(named, ["$LATEST", "1"]);
    let there = functions.describe(&here(), "orders", None).expect("it is there");
    assert!(there.view.deployed.failure().is_some() && there.tags == before.tags);
    assert_eq!(
        there.view.deployed.content.code.digest().sha256,
        before.view.deployed.content.code.digest().sha256
    );
    assert_eq!(functions.zip(&here(), "orders", None), None);
    let settings = SettingsChange { memory: Some(256), ..SettingsChange::default() };
    let refused = functions.update_configuration(&here(), "orders", None, settings).await;
    assert!(matches!(refused, Err(Refusal::Conflict(_))), "{refused:?}");

    // The file stays as it is: somebody may save what is in it.
    let last = later.restart().await;
    assert_eq!((last.files(), last.world.functions().unloaded().len()), (2, 2));
}

#[tokio::test]
async fn other_code_mends_it_and_what_waited_goes_on() {
    let kept = Kept::new().await;
    kept.create("orders", "code").await;
    kept.create("other", "other").await;
    let queue = kept.mapped_queue("queue");
    kept.map(&queue, MappingChange::default());
    let accepted = kept.world.send("orders", "fail Oops");
    kept.world.advance(1).await;
    kept.world.handled("orders");

    let later = without_code(&kept).await;
    later.message(&queue);
    later.world.send("orders", "echo 1");
    later.world.advance(1_800).await;
    assert_eq!(later.world.handled("orders").len(), 0);
    let (_, messages) = later.world.services.queues().totals();
    assert_eq!(messages, 1, "nobody has taken it");

    // The very same code: its file is written again.
    later.world.functions().update_code(&here(), "orders", change("code")).await.expect("it has code");
    assert!(invoke(&later, "orders").await.is_ok());
    later.world.advance(600).await;
    let handled = later.world.handled("orders");
    assert!(handled.iter().any(|handled| handled.request_id == accepted), "an event of before");
    assert_eq!(later.world.services.queues().totals(), (1, 0), "the message was taken");
    let last = later.restart().await;
    assert_eq!(last.world.functions().unloaded().len(), 0);
    assert!(invoke(&last, "orders").await.is_ok());
}

#[tokio::test]
async fn a_declared_function_gets_the_code_that_is_declared() {
    let kept = Kept::new().await;
    kept.create_with("orders", "code", settings()).await;
    let later = without_code(&kept).await;
    let functions = later.world.functions();
    let deployed = functions.describe(&here(), "orders", None).expect("it is there").view.deployed;
    let configuration = deployed.content.settings.configuration.clone();
    let package = code("code").package().clone();
    functions.declare(&here(), configuration, package, Vec::new()).await.expect("it has code");
    assert!(functions.unloaded().is_empty() && invoke(&later, "orders").await.is_ok());
}
