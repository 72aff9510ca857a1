//! Does on request what functions should not do: the sandbox's tests drive it.
//!
//! The event says what (`{"action": "loop"}`). The environment variable `MISBEHAVE_INIT` may hold such an event for
//! init.

use std::{
    collections::BTreeMap,
    env, hint,
    io::{self, Write},
    process,
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use hearth_lambda::{Context, Error, handler};
use serde_json::{Value, json};

mod event;
mod files;
mod network;

use event::{Event, Print, Stream};

const MIB: usize = 1024 * 1024;

static CALLS: AtomicU64 = AtomicU64::new(0);

fn init() -> Result<(), Error> {
    match env::var("MISBEHAVE_INIT") {
        Ok(event) => perform(serde_json::from_slice(event.as_bytes())?, &Context::default()).map(drop),
        Err(_) => Ok(()),
    }
}

fn handle(event: Event, context: &Context) -> Result<Value, Error> {
    CALLS.fetch_add(1, Ordering::Relaxed);
    perform(event, context)
}

fn perform(event: Event, context: &Context) -> Result<Value, Error> {
    match event {
        Event::Loop => loop {
            hint::black_box(());
        },
        Event::Recurse => Ok(json!({ "depth": recurse(0) })),
        Event::Panic { message } => panic!("{}", message.as_deref().unwrap_or("as the event said")),
        Event::Trap => trap(),
        Event::Exit { code } => exit(code),
        Event::Error { error_type, message, stack_trace } => {
            Err(Error::new(error_type, message).with_stack_trace(stack_trace))
        }
        Event::Memory { mib } => Ok(json!({ "taken_mib": take_memory(mib.unwrap_or(usize::MAX)) })),
        Event::Sleep { ms } => {
            thread::sleep(Duration::from_millis(ms));
            Ok(json!({ "slept_ms": ms }))
        }
        Event::Print(print) => {
            let printed = match print.stream {
                Stream::Stdout => write_lines(&print, io::stdout().lock())?,
                Stream::Stderr => write_lines(&print, io::stderr().lock())?,
            };
            Ok(json!({ "printed_bytes": printed }))
        }
        Event::Answer { bytes } => Ok(Value::String("x".repeat(bytes.saturating_sub(2)))),
        Event::Count => Ok(json!({ "count": CALLS.load(Ordering::Relaxed) })),
        Event::Environment => {
            let arguments: Vec<_> = env::args().collect();
            let variables: BTreeMap<_, _> = env::vars().collect();
            Ok(json!({ "arguments": arguments, "variables": variables }))
        }
        Event::Context => Ok(json!({
            "request_id": context.request_id,
            "invoked_function_arn": context.invoked_function_arn,
            "remaining_ms": u64::try_from(context.remaining_time().as_millis()).unwrap_or(u64::MAX),
            "trace_header": context.trace_header,
            "client_context": context.client_context,
            "identity": context.identity,
        })),
        Event::Clock => clock(),
        Event::Read { path } => files::read(&path),
        Event::Write { path, text } => files::write(&path, &text),
        Event::List { path } => files::list(&path),
        Event::Remove { path } => files::remove(&path),
        Event::Rename { from, to } => files::rename(&from, &to),
        Event::HardLink { from, to } => files::hard_link(&from, &to),
        Event::Symlink { target, path } => files::symlink(&target, &path),
        Event::OpenFiles { count } => files::open_many(count),
        Event::Connect { address, text } => network::connect(&address, &text),
        Event::Talk { address, text, dots, finish, keep } => {
            network::talk(&address, &text, dots, finish, keep)
        }
        Event::Fetch { url } => network::fetch(&url),
        Event::Send { address, text } => network::send(&address, &text),
        Event::Listen { address } => network::listen(&address),
        Event::Resolve { name } => network::resolve(&name),
    }
}

#[expect(unconditional_recursion, reason = "on purpose")]
fn recurse(depth: u64) -> u64 {
    // The addition after the call keeps the compiler from making a loop of it.
    hint::black_box(recurse(hint::black_box(depth + 1))) + 1
}

fn trap() -> ! {
    #[cfg(target_family = "wasm")]
    core::arch::wasm32::unreachable();
    #[cfg(not(target_family = "wasm"))]
    process::abort()
}

fn exit(code: u8) -> ! {
    // By way of preview 1, which the standard library may take, a code other than zero becomes one.
    if cfg!(target_family = "wasm") {
        wasip2::cli::exit::exit_with_code(code);
    }
    process::exit(code.into())
}

fn take_memory(mib: usize) -> usize {
    let mut blocks: Vec<Vec<u8>> = Vec::new();
    while blocks.len() < mib {
        blocks.push(hint::black_box(vec![1; MIB]));
    }
    blocks.len()
}

fn write_lines(print: &Print, mut stream: impl Write) -> io::Result<usize> {
    let mut line = Vec::new();
    if print.invalid_utf8 {
        line.push(0xff);
    }
    match &print.text {
        Some(text) => line.extend_from_slice(text.as_bytes()),
        None => line.resize(line.len() + print.bytes, b'.'),
    }
    if print.newline {
        line.push(b'\n');
    }
    for _ in 0..print.lines {
        stream.write_all(&line)?;
    }
    stream.flush()?;
    Ok(line.len() * print.lines)
}

fn clock() -> Result<Value, Error> {
    let wall = SystemTime::now().duration_since(UNIX_EPOCH)?;
    let start = Instant::now();
    thread::sleep(Duration::from_millis(10));
    Ok(json!({ "wall_ms": wall.as_millis() as u64, "ten_ms_took_us": start.elapsed().as_micros() as u64 }))
}

handler!(handle, init = init);

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(event: Value) -> Result<Value, Error> {
        handle(serde_json::from_value(event).expect("the event is known"), &Context::default())
    }

    #[test]
    fn answers_have_their_size() {
        for bytes in [2, 3, 6_291_556, 6_291_557] {
            let answer = answer(json!({ "action": "answer", "bytes": bytes })).unwrap();
            assert_eq!(serde_json::to_vec(&answer).unwrap().len(), bytes);
        }
    }

    #[test]
    fn errors_are_as_asked() {
        let error =
            answer(json!({ "action": "error", "error_type": "MyError", "message": "no" })).unwrap_err();
        assert_eq!(error.to_string(), "MyError: no");
    }

    #[test]
    fn lines_are_as_asked() {
        let check = |print: Value, expected: &[u8]| {
            let mut stream = Vec::new();
            let print = serde_json::from_value(print).expect("all fields have defaults");
            assert_eq!(write_lines(&print, &mut stream).unwrap(), expected.len());
            assert_eq!(stream, expected);
        };
        check(json!({ "lines": 2, "bytes": 3 }), b"...\n...\n");
        check(json!({ "text": "hi", "newline": false }), b"hi");
        check(json!({ "text": "", "invalid_utf8": true }), b"\xff\n");
    }

    #[test]
    fn memory_is_taken() {
        assert_eq!(answer(json!({ "action": "memory", "mib": 3 })).unwrap()["taken_mib"], 3);
    }

    #[test]
    fn unknown_actions_name_the_known() {
        let error = serde_json::from_value::<Event>(json!({ "action": "fly" })).map(|_| ()).unwrap_err();
        assert!(error.to_string().contains("expected one of `loop`, `recurse`"), "{error}");
    }
}
