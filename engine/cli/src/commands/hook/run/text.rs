//! What is told of a hook that runs alone: what it is, what it will do, what it took.

use std::fmt::Write;
use std::time::Duration;

use tapwright_hook::{Effect, Hook, Level, Log, Start, Used};
use tapwright_spec::counted;

use super::Tally;

/// What is counted.
#[derive(Clone, Copy)]
pub(super) enum Unit {
    Records,
    Requests,
    Pages,
    Streams,
}

pub(super) fn add(text: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing to a text cannot fail.
    let _ = writeln!(text, "{line}");
}

/// What the hook is.
pub(super) fn told(hook: &Hook, took: Duration) -> String {
    let mut text = String::new();
    add(&mut text, format_args!("{}: {}", hook.grant().name, hook.summary()));
    let jobs: Vec<&str> = hook.jobs().iter().map(|job| job.name()).collect();
    add(&mut text, format_args!("jobs: {}", jobs.join(", ")));
    add(&mut text, format_args!("sha256: {}", hook.sha256()));
    let start = match hook.start() {
        Start::Warm => "it was compiled before".to_owned(),
        Start::Cold { unkept: None } => "compiled, and kept for the next run".to_owned(),
        Start::Cold { unkept: Some(reason) } => format!("compiled, and not kept: {reason}"),
    };
    add(&mut text, format_args!("loaded in {}: {start}", shown(took)));
    text
}

/// What it will do.
pub(super) fn effect(effect: &Effect, took: Duration) -> String {
    let mut text = String::new();
    add(&mut text, format_args!("started in {}", shown(took)));
    match &effect.reads {
        Some(reads) => add(&mut text, format_args!("reads: {}", reads.join(", "))),
        None => add(&mut text, format_args!("reads: whole records")),
    }
    for field in &effect.fields {
        let description = field.description.as_ref().map(|text| format!("  {text}")).unwrap_or_default();
        add(&mut text, format_args!("field: {} {}{description}", field.name, field.kind));
    }
    effect.others.iter().for_each(|others| add(&mut text, format_args!("other fields: {others}")));
    effect.notes.iter().for_each(|note| add(&mut text, format_args!("note: {note}")));
    text
}

/// What it said and took.
pub(super) fn ending((log, used): (&Log, Used), tally: &Tally, unit: Unit) -> String {
    let mut text = String::new();
    for (level, line) in &log.lines {
        let level = match level {
            Level::Debug => "debug",
            Level::Info => "info",
            Level::Warning => "warning",
        };
        add(&mut text, format_args!("log: {level}: {line}"));
    }
    if log.left_out > 0 {
        add(&mut text, format_args!("log: {}", counted(log.left_out, "more line")));
    }
    if tally.lines > 0 {
        let Tally { lines, given, refused, time } = tally;
        let (one, many) = match unit {
            Unit::Records => ("record", "records"),
            Unit::Requests => ("request", "requests"),
            Unit::Pages => ("page", "pages"),
            Unit::Streams => ("stream", "streams"),
        };
        let each = format!("{:.1} µs a {one}", time.div_f64(*lines as f64).as_secs_f64() * 1e6);
        match unit {
            Unit::Streams => {
                let slices = counted(given, "slice");
                add(&mut text, format_args!("streams: {lines} in, {slices} out, {refused} refused"));
            }
            _ => add(&mut text, format_args!("{many}: {lines} in, {given} out, {refused} refused")),
        }
        add(&mut text, format_args!("time: {}, {each}", shown(*time)));
    }
    let memory = used.memory as f64 / f64::from(1 << 20);
    add(&mut text, format_args!("memory: {memory:.1} MiB at most; instances: {}", used.instances));
    text
}

fn shown(time: Duration) -> String {
    match time.as_secs_f64() {
        seconds if seconds < 1.0 => format!("{:.1} ms", seconds * 1e3),
        seconds => format!("{seconds:.1} s"),
    }
}
