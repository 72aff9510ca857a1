//! Functions and layers.

use std::collections::BTreeMap;

use hearth_engine::package::Package;
use hearth_model::{
    faults::{FaultKind, GivenFault, Rule},
    function::FunctionConfiguration,
    identity::{FunctionName, Partition},
};
use hearth_services::lambda::{
    AliasChange, AsynchronousChange, CodeChange, Cors, Declared, FunctionDescription, LayerFilter,
    LayerNotes, LayerPermission, LoggingChange, PageRequest, Permission, Publication, RecursiveLoop,
    RuntimeUpdate, SettingsChange, UrlChange,
};

use hearth_services::s3::{Caller, NewBucket};

use super::world::{Begin, Kept, code, settings};
use crate::world::here;

/// What its owner is told of a version.
fn told(kept: &Kept, name: &str) -> impl PartialEq + std::fmt::Debug + use<> {
    let FunctionDescription { view, tags, reserved_concurrency } =
        kept.world.functions().describe(&here(), name, None).expect("it exists");
    let content = view.deployed.content.clone();
    let layers: Vec<_> =
        content.layers.iter().map(|layer| (layer.arn.clone(), layer.code.digest())).collect();
    let version = (view.deployed.version, view.deployed.revision, view.deployed.modified);
    (view.arn(), version, content.settings, content.code.digest(), layers, tags, reserved_concurrency)
}

#[tokio::test]
async fn everything_about_a_function_is_there_again() {
    let kept = Kept::new().await;
    let functions = kept.world.functions();
    let layer = functions.publish_layer(&here(), "lib", code("layer"), LayerNotes::default()).await;
    let letters = kept.world.services.queues();
    letters.create_queue(&here(), "letters", &BTreeMap::new(), BTreeMap::new()).expect("it is created");
    let change = SettingsChange {
        description: Some("Grüße".to_owned()),
        timeout: Some(17),
        memory: Some(1_769),
        ephemeral_storage: Some(600),
        environment: Some([("TABLE".to_owned(), "images".to_owned())].into()),
        layers: Some(vec![layer.expect("it is published").arn()]),
        dead_letter: Some("arn:aws:sqs:us-east-1:000000000000:letters".to_owned()),
        logging: Some(LoggingChange {
            format: Some("JSON".to_owned()),
            group: Some("shop".to_owned()),
            application_level: Some("DEBUG".to_owned()),
            system_level: Some("WARN".to_owned()),
        }),
        ..settings()
    };
    kept.create_with("orders", "code", change).await;
    for description in ["first", "second"] {
        let publication = Publication { description: Some(description.to_owned()), ..Publication::default() };
        functions.publish(&here(), "orders", publication).expect("it is published");
        let change = SettingsChange {
            description: Some(description.to_owned()),
            timeout: Some(18),
            ..SettingsChange::default()
        };
        functions.update_configuration(&here(), "orders", None, change).await.expect("it is changed");
    }
    let alias = AliasChange {
        version: Some("1".to_owned()),
        weights: Some([("2".to_owned(), 0.25)].into()),
        description: Some("alive".to_owned()),
        revision: None,
    };
    functions.create_alias(&here(), "orders", "live", alias).expect("it is created");
    let asynchronous = AsynchronousChange {
        maximum_retry_attempts: Some(1),
        maximum_event_age_s: Some(90),
        on_failure: Some("arn:aws:sqs:us-east-1:000000000000:letters".to_owned()),
        on_success: None,
    };
    functions.configure_asynchronous(&here(), "orders", Some("live"), &asynchronous).expect("it is set");
    functions.reserve(&here(), "orders", Some(10)).expect("there is enough");
    functions.provision(&here(), "orders", "2", 3).expect("there is enough");
    let permission = Permission {
        statement_id: "url".to_owned(),
        action: "lambda:InvokeFunctionUrl".to_owned(),
        principal: "*".to_owned(),
        url_authorization: Some("NONE".to_owned()),
        ..Permission::default()
    };
    for qualifier in [None, Some("live"), Some("1")] {
        functions
            .add_permission(&here(), "orders", qualifier, None, permission.clone())
            .expect("it is added");
    }
    let url = UrlChange {
        authorization: Some("NONE".to_owned()),
        invoke_mode: Some("RESPONSE_STREAM".to_owned()),
        cors: Some(Cors { allow_origins: Some(vec!["*".to_owned()]), max_age_s: Some(7), ..Cors::default() }),
    };
    functions.create_url(&here(), "orders", Some("live"), url).expect("it is created");
    functions.set_recursive_loop(&here(), "orders", RecursiveLoop::Allow).expect("it is set");
    let update = RuntimeUpdate::FunctionUpdate;
    functions.set_runtime_management(&here(), "orders", Some("1"), update, None).expect("it is set");
    kept.world.advance(1).await;

    let later = kept.restart_after(100).await;
    later.world.advance(1).await;
    for name in ["orders", "orders:1", "orders:2", "orders:live"] {
        assert_eq!(told(&later, name), told(&kept, name), "{name}");
    }
    let of = |kept: &Kept| {
        let functions = kept.world.functions();
        let url = functions.url(&here(), "orders", Some("live")).expect("it exists");
        let found = functions.url_of(&url.owner.id()).expect("it is found");
        assert_eq!((found.owner(), found.configuration()), (&url.owner, &*url.configuration));
        assert!(found.lets_in(None));
        (
            functions.alias(&here(), "orders", "live").expect("it exists"),
            functions
                .asynchronous_configurations(&here(), "orders", &PageRequest::default())
                .expect("a page"),
            functions.provisioned(&here(), "orders", "2").expect("it is provisioned"),
            [None, Some("live"), Some("1")]
                .map(|qualifier| functions.policy(&here(), "orders", qualifier).expect("it has one")),
            url,
            functions.recursive_loop(&here(), "orders").expect("it exists"),
            functions.runtime_management(&here(), "orders", Some("1")).expect("it exists"),
            functions.account_settings(&here()),
        )
    };
    assert_eq!(of(&later), of(&kept));
    let next = later.world.functions().publish(&here(), "orders", Publication::default());
    assert_eq!(next.expect("nothing has changed").deployed.version.to_string(), "2");
}

#[tokio::test]
async fn layers_are_there_again() {
    let kept = Kept::new().await;
    let functions = kept.world.functions();
    let notes = LayerNotes {
        description: Some("all".to_owned()),
        license: Some("MIT".to_owned()),
        runtimes: vec!["python3.14".to_owned()],
        architectures: vec!["arm64".to_owned()],
    };
    for says in ["one", "two", "three"] {
        functions.publish_layer(&here(), "lib", code(says), notes.clone()).await.expect("it is published");
    }
    let permission = LayerPermission {
        statement_id: "all".to_owned(),
        action: "lambda:GetLayerVersion".to_owned(),
        principal: "*".to_owned(),
        organization: None,
    };
    functions.add_layer_permission(&here(), "lib", 2, None, permission).expect("it is added");
    functions.delete_layer_version(&here(), "lib", 3).expect("it is deleted");
    kept.world.advance(1).await;
    let later = kept.restart().await;
    let of = |kept: &Kept| {
        let functions = kept.world.functions();
        let page = functions.layer_versions(&here(), "lib", &LayerFilter::default(), &PageRequest::default());
        let version = |version: &hearth_services::lambda::LayerVersion| {
            (version.arn(), version.code.digest(), version.notes.clone(), version.created)
        };
        let versions: Vec<_> = page.expect("a page").items.iter().map(version).collect();
        (versions, functions.layer_policy(&here(), "lib", 2).expect("it has one"))
    };
    assert_eq!(of(&later), of(&kept));
    assert_eq!((kept.files(), later.files()), (2, 2));
    let next = later.world.functions().publish_layer(&here(), "lib", code("four"), notes).await;
    assert_eq!(next.expect("it is published").number, 4, "no number is given twice");
}

#[tokio::test]
async fn what_is_gone_stays_gone() {
    let kept = Kept::new().await;
    let functions = kept.world.functions();
    for name in ["emptied", "deleted"] {
        kept.create(name, "code").await;
        functions.publish(&here(), name, Publication::default()).expect("it is published");
        kept.world.point(name, "live", "1");
    }
    functions.delete_alias(&here(), "emptied", "live").expect("it is deleted");
    functions.delete(&here(), "emptied", Some("1")).expect("it is deleted");
    functions.delete(&here(), "deleted", None).expect("it is deleted");
    let later = kept.restart().await;
    let functions = later.world.functions();
    assert_eq!(functions.list(&here()).len(), 1);
    assert!(functions.describe(&here(), "emptied", Some("1")).is_err());
    assert!(functions.describe(&here(), "emptied", Some("live")).is_err());
    functions.delete(&here(), "emptied", None).expect("it is deleted");
    later.world.advance(1).await;
    assert_eq!((later.storage.entries(), later.files()), (1, 0), "where logs are, and nothing else");
}

#[tokio::test]
async fn code_goes_when_nothing_has_it_any_more() {
    let kept = Kept::new().await;
    let functions = kept.world.functions();
    kept.create("orders", "one").await;
    functions.publish(&here(), "orders", Publication::default()).expect("it is published");
    for says in ["two", "three"] {
        let change = CodeChange {
            code: code(says),
            architecture: None,
            revision: None,
            dry_run: false,
            publish: false,
        };
        functions.update_code(&here(), "orders", change).await.expect("it is updated");
        kept.world.advance(1).await;
        assert_eq!(kept.files(), 2, "the published one and the latest");
    }
    let (later, before) = (kept.restart().await, told(&kept, "orders"));
    assert_eq!(told(&later, "orders"), before);
    // The process died before it had removed it.
    let left = kept.fork(|folder| std::fs::write(folder.join("left.zip"), b"code").expect("it is written"));
    assert_eq!(left.begin_after(&kept, 0).await.expect("it can be read").files(), 2);
}

#[tokio::test]
async fn a_function_that_is_declared_keeps_what_belongs_to_it() {
    let kept = Kept::new().await;
    let name = FunctionName::parse("orders").expect("a name");
    let package = |says| code(says).package().clone();
    let declare = async |kept: &Kept, says, memory: u32| {
        let configuration = FunctionConfiguration {
            memory: memory.try_into().expect("a size"),
            ..FunctionConfiguration::new(name.clone())
        };
        let layers: Vec<std::sync::Arc<Package>> = vec![package("layer")];
        let functions = kept.world.functions();
        functions.declare(&here(), configuration, package(says), layers).await.expect("it is declared")
    };
    assert!(matches!(declare(&kept, "one", 128).await, Declared::Created(_)));
    kept.world.publish("orders", "live");
    let later = kept.restart().await;
    assert!(matches!(declare(&later, "one", 128).await, Declared::Unchanged));
    assert_eq!(told(&later, "orders"), told(&kept, "orders"));
    assert!(matches!(declare(&later, "one", 256).await, Declared::Updated));
    assert!(matches!(declare(&later, "two", 256).await, Declared::Updated));
    let last = later.restart().await;
    assert_eq!(told(&last, "orders"), told(&later, "orders"));
    assert_eq!(told(&last, "orders:live"), told(&kept, "orders:live"));
}

#[tokio::test]
async fn accounts_and_regions_are_apart() {
    let kept = Kept::new().await;
    kept.create("orders", "code").await;
    let there = Partition {
        account: hearth_model::identity::AccountId::parse("123456789012").expect("an account"),
        region: hearth_model::identity::Region::parse("eu-west-1").expect("a region"),
    };
    let configuration = FunctionConfiguration::new(FunctionName::parse("orders").expect("a name"));
    let deployed =
        kept.world.functions().deploy(&there, configuration, code("there").package().clone(), Vec::new());
    deployed.await.expect("it deploys");
    let later = kept.restart().await;
    let functions = later.world.functions();
    assert!(functions.remove(&there, &FunctionName::parse("orders").expect("a name")).is_some());
    let last = later.restart().await;
    assert_eq!(told(&last, "orders"), told(&kept, "orders"));
    assert!(last.world.functions().list(&there).is_empty());
}

#[tokio::test]
async fn a_full_disk_takes_neither_code_nor_objects_until_there_is_room() {
    let kept = Kept::new().await;
    for disk in ["code", "objects"] {
        let (fault, disk) = (Some(FaultKind::DiskFull), Some(disk.to_owned()));
        let once = GivenFault { fault, disk, count: Some(1), ..GivenFault::default() };
        kept.world.services.engine().faults().add(Rule::try_from(once).expect("a rule"));
    }
    let functions = kept.world.functions();
    let publish = async || {
        let published = functions.publish_layer(&here(), "lib", code("layer"), LayerNotes::default()).await;
        published.map_err(|refusal| refusal.to_string())
    };
    let refused = publish().await.expect_err("there is no room");
    assert!(refused.contains("no storage space"), "{refused}");
    assert_eq!(kept.files(), 0);
    publish().await.expect("there is room again");
    assert_eq!(kept.files(), 1);

    let buckets = kept.world.services.buckets();
    buckets.create(&Caller::hearth(here()), "photos", &NewBucket::default()).expect("a bucket");
    let refused = buckets.draft("photos", None, false).expect_err("there is no room");
    assert!(refused.to_string().contains("cannot keep objects on disk: no storage space"), "{refused}");
    buckets.draft("photos", None, false).expect("there is room again");
}
