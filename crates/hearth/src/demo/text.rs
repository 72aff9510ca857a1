//! The figures as people read them.

use std::{fmt::Write, time::Duration};

use super::{
    chart::bar,
    stages::{Concurrency, Price, Profiles, Reserved, Thumbnail, TimedOut, Times, Wave},
    upload::Upload,
};
use crate::terminal::{BOLD, DIM, NAME};

pub(super) fn thumbnail(figures: &Thumbnail) -> String {
    let Thumbnail { input, output, cold, warm, .. } = figures;
    let mut text = title(1, "A photograph becomes a thumbnail");
    line(
        &mut text,
        format_args!(
            "{NAME}thumbnail{NAME:#}: {} KiB of WebAssembly made of Rust, {} MiB of memory",
            kibibytes(figures.code_bytes),
            Thumbnail::MEMORY_MIB
        ),
    );
    line(
        &mut text,
        format_args!(
            "JPEG {}x{}, {} KiB  →  JPEG {}x{}, {} KiB",
            input.0,
            input.1,
            kibibytes(figures.photograph_bytes),
            output.0,
            output.1,
            kibibytes(figures.thumbnail_bytes)
        ),
    );
    line(
        &mut text,
        format_args!(
            "code loaded in {} {DIM}(compiled once, then mapped from the cache){DIM:#}",
            time(figures.load)
        ),
    );
    line(
        &mut text,
        format_args!(
            "{DIM}{:>12} {:>12} {:>12} {:>12} {:>12}{DIM:#}",
            "", "provision", "init", "handler", "total"
        ),
    );
    row(&mut text, "cold", cold);
    row(&mut text, "warm", warm);
    line(
        &mut text,
        format_args!(
            "{DIM}warm: the median of {}; the environment is there already, and so are its globals{DIM:#}",
            Thumbnail::WARM_INVOCATIONS
        ),
    );
    text
}

pub(super) fn upload(figures: &Upload) -> String {
    let mut text = title(2, "An upload makes a thumbnail");
    line(
        &mut text,
        format_args!(
            "{NAME}s3://{bucket}/{photograph}{NAME:#}, {} KiB  →  {NAME}s3://{bucket}/{thumbnail}{NAME:#}, {} KiB",
            kibibytes(figures.photograph_bytes),
            kibibytes(figures.thumbnail_bytes),
            bucket = Upload::BUCKET,
            photograph = Upload::PHOTOGRAPH,
            thumbnail = Upload::THUMBNAIL,
        ),
    );
    line(
        &mut text,
        format_args!(
            "from the upload to the thumbnail: {BOLD}{}{BOLD:#}, cold start included; the handler took {} of it",
            time(figures.took),
            time(figures.handler)
        ),
    );
    line(
        &mut text,
        format_args!(
            "{DIM}S3's event invokes it; it reads the one and writes the other itself, over HTTP, from its sandbox{DIM:#}"
        ),
    );
    text
}

pub(super) fn concurrency(figures: &Concurrency) -> String {
    let mut text = title(3, "Each concurrent invocation has an environment of its own");
    let mut wave = |name: &str, wave: &Wave| {
        line(
            &mut text,
            format_args!(
                "{name} {} at once: {BOLD}{} cold{BOLD:#}, {BOLD}{} warm{BOLD:#}, {} environments, the last answer after {}",
                Concurrency::INVOCATIONS,
                wave.cold,
                wave.warm,
                wave.environments.len(),
                time(wave.took)
            ),
        );
    };
    wave("first", &figures.first);
    wave("next ", &figures.second);
    let reused = figures.first.environments.intersection(&figures.second.environments).count();
    line(
        &mut text,
        format_args!(
            "{DIM}the handler waits {}; {reused} environments served both; init p50 {}, p99 {}{DIM:#}",
            time(Concurrency::HANDLER),
            time(figures.init_p50),
            time(figures.init_p99)
        ),
    );
    text
}

pub(super) fn reserved(figures: &Reserved) -> String {
    let mut text = title(4, "Reserved concurrency is a limit, too");
    line(
        &mut text,
        format_args!(
            "{} at once with reserved concurrency {}: {BOLD}{} served{BOLD:#}, {BOLD}{} throttled{BOLD:#} (429)",
            Reserved::INVOCATIONS,
            Reserved::LIMIT,
            figures.served,
            figures.throttled
        ),
    );
    line(&mut text, format_args!("{DIM}Reason: {}{DIM:#}", figures.reason));
    text
}

pub(super) fn timed_out(figures: &TimedOut) -> String {
    let mut text = title(5, "A timeout resets the environment");
    line(
        &mut text,
        format_args!(
            "an endless loop with a timeout of {} s, stopped after {}",
            TimedOut::TIMEOUT_S,
            time(figures.took)
        ),
    );
    line(&mut text, format_args!("{DIM}{}{DIM:#}", figures.message));
    line(
        &mut text,
        format_args!(
            "calls counted in a global: {} before, {BOLD}{} after{BOLD:#}: globals are lost",
            figures.calls_before, figures.calls_after
        ),
    );
    line(
        &mut text,
        format_args!(
            "{}: {BOLD}\"{}\"{BOLD:#}: /tmp is kept{}",
            TimedOut::FILE,
            figures.file_after,
            if figures.same_environment { ", it is the same environment" } else { "" }
        ),
    );
    text
}

pub(super) fn profiles(figures: &Profiles) -> String {
    let mut text = title(6, "Cold starts as Lambda's runtimes have them");
    line(
        &mut text,
        format_args!(
            "{} modelled starts each; bars are logarithmic: {NAME}█{NAME:#} to p50, {NAME}░{NAME:#} to p99",
            Profiles::STARTS
        ),
    );
    let longest = figures.profiles.iter().map(|modelled| modelled.p99).max().unwrap_or_default();
    for modelled in &figures.profiles {
        line(
            &mut text,
            format_args!(
                "{:<16} {:>8} {:>8}  {NAME}{}{NAME:#}",
                modelled.profile.as_str(),
                whole_millis(modelled.p50),
                whole_millis(modelled.p99),
                bar(modelled.p50, modelled.p99, longest)
            ),
        );
    }
    let (profile, total, measured) = figures.invoked;
    line(
        &mut text,
        format_args!(
            "{DIM}one real invocation under `{}`: Init Duration {}, of which the sandbox took {}{DIM:#}",
            profile.as_str(),
            time(total),
            time(measured)
        ),
    );
    text
}

pub(super) fn price(figures: &Price) -> String {
    let mut text = title(7, "What this would have cost on Lambda");
    line(
        &mut text,
        format_args!(
            "this run: {} invocations, {} billed: {BOLD}{:.8}{BOLD:#}",
            figures.bill.invocations,
            time(figures.bill.billed),
            figures.bill.cost.total()
        ),
    );
    line(
        &mut text,
        format_args!(
            "a million warm thumbnails at {} each: {BOLD}{:.2}{BOLD:#}",
            whole_millis(figures.thumbnail_billed),
            figures.million_thumbnails.total()
        ),
    );
    text
}

fn title(number: usize, title: &str) -> String {
    format!("\n{BOLD}{number}  {title}{BOLD:#}\n")
}

fn line(text: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing to a string does not fail.
    let _ = writeln!(text, "   {line}");
}

fn row(text: &mut String, name: &str, times: &Times) {
    let part = |duration: Duration| if duration.is_zero() { "–".to_owned() } else { time(duration) };
    line(
        text,
        format_args!(
            "{BOLD}{name:<12}{BOLD:#} {:>12} {:>12} {:>12} {BOLD}{:>12}{BOLD:#}",
            part(times.phases.provision),
            part(times.phases.init),
            part(times.phases.handle),
            part(times.total)
        ),
    );
}

fn kibibytes(bytes: usize) -> usize {
    bytes.div_ceil(1024)
}

/// A duration in the unit that suits it.
fn time(duration: Duration) -> String {
    let micros = duration.as_secs_f64() * 1e6;
    if micros < 1_000.0 {
        format!("{micros:.0} µs")
    } else if micros < 1_000_000.0 {
        format!("{:.1} ms", micros / 1e3)
    } else {
        format!("{:.2} s", micros / 1e6)
    }
}

fn whole_millis(duration: Duration) -> String {
    format!("{} ms", duration.as_millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_the_unit_that_suits_them() {
        assert_eq!(time(Duration::from_nanos(7_400)), "7 µs");
        assert_eq!(time(Duration::from_micros(1_240)), "1.2 ms");
        assert_eq!(time(Duration::from_millis(2_346)), "2.35 s");
    }
}
