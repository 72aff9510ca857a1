//! The settings at the top, and functions.

use std::{path::Path, time::Duration};

use hearth_model::{
    cold_start::Profile,
    logging::{ApplicationLogLevel, LogFormat, LogLevels, LoggingConfiguration, SystemLogLevel},
    pool::ReuseOrder,
};

use super::{super::*, parse, refused};

#[test]
fn all_keys_are_read() {
    let manifest = parse(
        r#"
seed = 7
account_concurrency = 500
reuse = "random"
idle_lifetime_s = 60
network = ["db.example.com:5432", "localhost:*"]

[functions.thumbnail]
code = "functions/thumbnail"
runtime = "provided.al2023"
handler = "app.handler"
memory_mib = 512
timeout_s = 30
ephemeral_storage_mib = 1024
reserved_concurrency = 100
environment = { TABLE = "images", STAGE = "test" }
layers = ["layers/fonts.zip"]
logging = { format = "json", application_level = "debug", system_level = "warn", group = "shop" }
cold_start = { profile = "java21", package_mib = 50, vpc = true, seed = 3 }
dead_letter_queue = "failed"
asynchronous = { maximum_retry_attempts = 1, maximum_event_age_s = 60, on_success = "hello", on_failure = "arn:aws:sqs:us-east-1:000000000000:told" }

[functions.hello]
code = "hello.wasm"
cold_start = "python3.12"

[functions.plain]
code = "/opt/plain.zip"
cold_start = "none"
"#,
    )
    .expect("a manifest");
    assert_eq!(manifest.settings.seed, 7);
    assert_eq!(manifest.settings.account_concurrency, 500);
    assert_eq!(manifest.settings.pool.reuse, ReuseOrder::Random { seed: 7 });
    assert_eq!(manifest.settings.pool.idle_lifetime, Duration::from_secs(60));
    let network: Vec<String> = manifest.settings.network.iter().map(ToString::to_string).collect();
    assert_eq!(network, ["db.example.com:5432", "localhost:*"]);

    let names: Vec<&str> =
        manifest.functions.iter().map(|function| function.configuration.name.as_str()).collect();
    assert_eq!(names, ["hello", "plain", "thumbnail"]);

    let thumbnail = manifest.function("thumbnail").expect("declared");
    assert_eq!(thumbnail.code.path, Path::new("project/functions/thumbnail"));
    assert_eq!(thumbnail.layers[0].path, Path::new("project/layers/fonts.zip"));
    let configuration = &thumbnail.configuration;
    assert_eq!(configuration.handler, "app.handler");
    assert_eq!(configuration.memory.get(), 512);
    assert_eq!(configuration.timeout.duration(), Duration::from_secs(30));
    assert_eq!(configuration.ephemeral_storage.get(), 1024);
    assert_eq!(configuration.reserved_concurrency, Some(100));
    let variables: Vec<_> = configuration.environment.iter().collect();
    assert_eq!(variables, [("STAGE", "test"), ("TABLE", "images")]);
    let levels = LogLevels { application: ApplicationLogLevel::Debug, system: SystemLogLevel::Warn };
    let group = Some("shop".parse().expect("a name"));
    assert_eq!(configuration.logging, LoggingConfiguration { format: LogFormat::Json(levels), group });
    let cold_start = &configuration.cold_start;
    assert_eq!(cold_start.profile, Some(Profile::Java21));
    assert_eq!((cold_start.package_bytes, cold_start.vpc, cold_start.seed), (50 << 20, true, 3));

    assert_eq!(thumbnail.dead_letter.as_ref().map(|queue| queue.name.as_str()), Some("failed"));
    let asynchronous = thumbnail.asynchronous.as_ref().expect("declared");
    assert_eq!((asynchronous.maximum_retry_attempts, asynchronous.maximum_event_age_s), (Some(1), Some(60)));
    let name = |target: &Option<Target>| target.as_ref().map(|target| target.name.clone());
    assert_eq!(name(&asynchronous.on_success).as_deref(), Some("hello"));
    assert_eq!(name(&asynchronous.on_failure).as_deref(), Some("arn:aws:sqs:us-east-1:000000000000:told"));

    let hello = manifest.function("hello").expect("declared");
    assert_eq!(hello.configuration.timeout.duration(), Duration::from_secs(3));
    assert_eq!(hello.configuration.cold_start.profile, Some(Profile::Python312));
    assert_eq!(hello.configuration.cold_start.seed, 7, "the manifest's");

    let plain = manifest.function("plain").expect("declared");
    assert_eq!(plain.code.path, Path::new("/opt/plain.zip"));
    assert_eq!(plain.configuration.cold_start.profile, None);
}

#[test]
fn an_empty_manifest_is_an_empty_world() {
    let manifest = parse("").expect("a manifest");
    assert_eq!(manifest.settings, Settings::default());
    assert!(manifest.functions.is_empty());
}

#[test]
fn a_typo_is_shown_with_what_was_meant() {
    refused(
        "[functions.thumbnail]\ncode = \"app\"\nmemroy_mib = 512\n",
        "
error: unknown key `memroy_mib` in function `thumbnail`
 --> project/hearth.toml:3:1
  |
3 | memroy_mib = 512
  | ^^^^^^^^^^
  |
  = help: did you mean `memory_mib`?
",
    );
    refused(
        "[function.a]\ncode = \"a\"\n",
        "
error: unknown key `function` in the manifest
 --> project/hearth.toml:1:2
  |
1 | [function.a]
  |  ^^^^^^^^
  |
  = help: did you mean `functions`?
",
    );
    refused(
        "[functions.a]\ncode = \"a\"\ncold_start = { profile = \"pyton3.12\", vcp = true }\n",
        "
error: there is no cold-start profile `pyton3.12`
 --> project/hearth.toml:3:26
  |
3 | cold_start = { profile = \"pyton3.12\", vcp = true }
  |                          ^^^^^^^^^^^
  |
  = help: did you mean `python3.12`?

error: unknown key `vcp` in `cold_start`
 --> project/hearth.toml:3:39
  |
3 | cold_start = { profile = \"pyton3.12\", vcp = true }
  |                                       ^^^
  |
  = help: did you mean `vpc`?
",
    );
    refused(
        "reuse = \"fifo\"",
        "
error: there is no reuse order `fifo`
 --> project/hearth.toml:1:9
  |
1 | reuse = \"fifo\"
  |         ^^^^^^
  |
  = help: there are `most-recently-used`, `least-recently-used`, `random`
",
    );
    refused(
        "network = [\"db:5432\", \"https://db\"]",
        "
error: `https://db` is no destination: write HOST:PORT, such as `db.example.com:5432`, `127.0.0.1:6379`, `[::1]:80` or `*:8080`
 --> project/hearth.toml:1:23
  |
1 | network = [\"db:5432\", \"https://db\"]
  |                       ^^^^^^^^^^^^
",
    );
}

#[test]
fn values_of_a_wrong_type_or_range_are_shown() {
    refused(
        "[functions.a]\ncode = \"a\"\nmemory_mib = 64\ntimeout_s = \"30\"\n",
        "
error: memory must be from 128 to 10240 MiB, not 64
 --> project/hearth.toml:3:14
  |
3 | memory_mib = 64
  |              ^^

error: `timeout_s` must be a whole number, not a string
 --> project/hearth.toml:4:13
  |
4 | timeout_s = \"30\"
  |             ^^^^
  |
  = help: remove the quotes: `timeout_s = 30`
",
    );
    refused(
        "[functions.a]\ncode = \"a\"\nenvironment = { DEBUG = 1 }\n",
        "
error: `DEBUG` must be a string, not a whole number
 --> project/hearth.toml:3:25
  |
3 | environment = { DEBUG = 1 }
  |                         ^
  |
  = help: add quotes: `DEBUG = \"1\"`
",
    );
    refused(
        "[functions.a]\ncode = \"a\"\nenvironment = { _HANDLER = \"x\" }\n",
        "
error: environment variable `_HANDLER` is reserved: Lambda sets it
 --> project/hearth.toml:3:15
  |
3 | environment = { _HANDLER = \"x\" }
  |               ^^^^^^^^^^^^^^^^^^
",
    );
    refused(
        "[functions.a]\ncode = \"a\"\nruntime = \"nodejs22.x\"\n",
        "
error: Hearth does not have the runtime `nodejs22.x`: use `python3.14`, or build the handler as WebAssembly and use `provided.al2023`
 --> project/hearth.toml:3:11
  |
3 | runtime = \"nodejs22.x\"
  |           ^^^^^^^^^^^^
",
    );
    for (text, message) in [
        ("seed = -1", "`seed` must be from 0 to 18446744073709551615, not -1"),
        ("seed = 1.5", "`seed` must be a whole number, not a number with a fraction"),
        ("seed = 99999999999999999999999999999999999999999", "`seed` is too large"),
        ("idle_lifetime_s = 0", "`idle_lifetime_s` must be from 1 to 86400, not 0"),
        ("functions = []", "`functions` must be tables `[functions.NAME]`, not a list"),
        ("functions.a = 1", "function `a` must be a table"),
        ("functions.a = { code = 1 }", "`code` must be a string, not a whole number"),
        (
            "functions.a = { code = \"a\", layers = [\"1\", \"2\", \"3\", \"4\", \"5\", \"6\"] }",
            "a function has at most 5 layers",
        ),
        (
            "functions.a = { code = \"a\", layers = \"l\" }",
            "`layers` must be a list of strings, not a string",
        ),
        (
            "functions.a = { code = \"a\", cold_start = 1 }",
            "`cold_start` must be a profile's name or a table",
        ),
        ("functions.a = { code = \"a\", logging = \"json\" }", "`logging` must be a table, not a string"),
        ("functions.a = { code = \"a\", logging = { format = \"jsn\" } }", "there is no log format `jsn`"),
        (
            "functions.a = { code = \"a\", logging = { format = \"json\", system_level = \"error\" } }",
            "there is no log level `error` for `system_level`",
        ),
        (
            "functions.a = { code = \"a\", logging = { application_level = \"warn\" } }",
            "log levels are for logs in JSON",
        ),
        (
            "functions.a = { code = \"a\", logging = { group = \"my group\" } }",
            "a log group's name has letters, digits and",
        ),
        ("functions.\"a b\" = { code = \"a\" }", "`a b` is not a function name"),
    ] {
        let error = parse(text).expect_err(text).to_string();
        assert!(error.starts_with(&format!("error: {message}")), "{text}: {error}");
    }
}

#[test]
fn a_function_needs_code() {
    refused(
        "[functions.a]\ntimeout_s = 3\n",
        "
error: function `a` has no `code`
 --> project/hearth.toml:1:12
  |
1 | [functions.a]
  |            ^
  |
  = help: add `code = \"PATH\"`: a folder, a `.zip` or a `.wasm` file
",
    );
}

#[test]
fn two_functions_of_one_name_are_both_shown() {
    refused(
        "[functions.a]\ncode = \"x\"\n[functions.a]\ncode = \"y\"\n",
        "
error: two functions are named `a`
 --> project/hearth.toml:3:12
  |
1 | [functions.a]
  |            - the first one
2 | code = \"x\"
3 | [functions.a]
  |            ^
  |
  = help: give one of them another name, or make one of both
",
    );
    refused(
        "seed = 1\nseed = 2\n",
        "
error: `seed` is there twice
 --> project/hearth.toml:2:1
  |
2 | seed = 2
  | ^^^^
  |
  = help: remove one of the two
",
    );
}

#[test]
fn what_is_no_toml_is_shown() {
    refused(
        "[functions.a]\ncode = app\n",
        "
error: string values must be quoted, expected literal string
 --> project/hearth.toml:2:8
  |
2 | code = app
  |        ^^^
",
    );
}

#[test]
fn reservations_leave_a_hundred_for_the_others() {
    refused(
        "account_concurrency = 200\nfunctions.a = { code = \"a\", reserved_concurrency = 60 }\n\
         functions.b = { code = \"b\", reserved_concurrency = 50 }\n",
        "
error: only 40 of concurrency can still be reserved
 --> project/hearth.toml:3:52
  |
3 | functions.b = { code = \"b\", reserved_concurrency = 50 }
  |                                                    ^^
  |
  = help: reserve less, or raise `account_concurrency`: of its 200, 100 stay for functions that have reserved none
",
    );
    assert!(
        parse("account_concurrency = 5\nfunctions.a = { code = \"a\", reserved_concurrency = 0 }").is_ok()
    );
}

#[test]
fn what_applies_to_events_is_checked() {
    refused(
        "[functions.a]\ncode = \"a\"\nasynchronous = { maximum_retry_attempts = 3, on_failed = \"b\" }\n",
        "
error: `maximum_retry_attempts` must be from 0 to 2, not 3
 --> project/hearth.toml:3:43
  |
3 | asynchronous = { maximum_retry_attempts = 3, on_failed = \"b\" }
  |                                           ^

error: unknown key `on_failed` in `asynchronous`
 --> project/hearth.toml:3:46
  |
3 | asynchronous = { maximum_retry_attempts = 3, on_failed = \"b\" }
  |                                              ^^^^^^^^^
  |
  = help: did you mean `on_failure`?
",
    );
}

#[test]
fn a_missing_manifest_is_named() {
    let error = Manifest::read(Path::new("nowhere/hearth.toml")).expect_err("not there");
    assert_eq!(error.to_string(), "cannot read the manifest `nowhere/hearth.toml`");
}

#[test]
fn errors_of_code_point_at_it() {
    let manifest = parse("[functions.a]\ncode = \"app\"\n").expect("a manifest");
    let code = manifest.function("a").expect("declared").code.place.clone();
    let error =
        manifest.errors_at([(code, "cannot read `project/app`: no such file".to_owned())]).to_string();
    let expected = "error: cannot read `project/app`: no such file\n --> project/hearth.toml:2:8\n  |\n\
                    2 | code = \"app\"\n  |        ^^^^^";
    assert_eq!(error, expected);
}
