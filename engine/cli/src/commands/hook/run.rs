//! `tapwright hook run HOOK`: a hook alone, with records from a file.

use std::fmt::Write;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use serde_json::Value;
use tapwright_hook::{Capability, Changed, Effect, Grant, Hook, Host, Level, Limits, Records, Start, Stream, Table};

use super::super::{INCOMPLETE, Refusal, print};

/// Bytes that a file of given records, or a line of the input, may have.
const FILE: u64 = 64 << 20;

/// Run a hook alone on records of a file; print its fields, the records that it gives, time and memory
///
/// Exit status: 0 all records were taken; 3 some were refused; 1 the hook cannot run, or its options are wrong; 2 usage.
#[derive(clap::Args)]
pub(crate) struct Run {
    /// The component, as `tapwright hook build` gives it
    #[arg(value_name = "HOOK")]
    hook: PathBuf,
    /// Records, one JSON object a line; without it only the fields are shown
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,
    /// Name of the stream that the records are said to be of
    #[arg(long, value_name = "NAME", default_value = "records")]
    stream: String,
    /// Options of the hook, a JSON object
    #[arg(long, value_name = "JSON", default_value = "{}")]
    options: String,
    /// Records that the hook is given, one JSON object a line; may be repeated
    #[arg(long = "given", value_name = "NAME=FILE")]
    given: Vec<String>,
    /// A stream that the hook may send records to; may be repeated
    #[arg(long = "route", value_name = "NAME")]
    routes: Vec<String>,
    /// Let it write to the log, as `allow: [log]` does in a spec
    #[arg(long)]
    log: bool,
    /// Records in a batch
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u16).range(1..))]
    batch: u16,
    /// Milliseconds of processor time that a call may take
    #[arg(long, value_name = "N", default_value_t = 1000)]
    time: u32,
    /// MiB of memory that it may take
    #[arg(long, value_name = "N", default_value_t = 64)]
    memory: u16,
}

/// What became of all records.
#[derive(Default)]
struct Tally {
    records: usize,
    given: usize,
    refused: usize,
    time: Duration,
}

impl Run {
    pub(crate) fn run(self) -> ExitCode {
        self.go().unwrap_or_else(Refusal::code)
    }

    fn go(&self) -> Result<ExitCode, Refusal> {
        let host = Host::on_this_machine().map_err(Refusal::Said)?;
        let began = Instant::now();
        let hook = host.load(self.grant())?;
        print(&told(&hook, began.elapsed()));
        let options: Value =
            serde_json::from_str(&self.options).map_err(|error| Refusal::Said(format!("--options: {error}")))?;
        let faults: Vec<String> = hook.options_faults(&options).iter().map(ToString::to_string).collect();
        if !faults.is_empty() {
            return Err(Refusal::Said(faults.join("\nerror: ")));
        }
        let given = self.given.iter().map(|given| table(given)).collect::<Result<_, _>>()?;
        let stream = Stream {
            name: self.stream.clone(),
            fields: Vec::new(),
            primary_key: Vec::new(),
            routes: self.routes.clone(),
        };
        let began = Instant::now();
        let mut records = Records::open(&hook, &options, stream, given)?;
        print(&effect(records.effect(), began.elapsed()));
        let mut tally = Tally::default();
        if let Some(input) = &self.input {
            self.feed(&mut records, input, &mut tally)?;
        }
        print(&ending(&mut records, &tally));
        Ok(if tally.refused > 0 { ExitCode::from(INCOMPLETE) } else { ExitCode::SUCCESS })
    }

    fn grant(&self) -> Grant {
        let name = self.hook.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let time = Duration::from_millis(self.time.into());
        Grant {
            allow: if self.log { vec![Capability::Log] } else { Vec::new() },
            limits: Limits { time, memory: usize::from(self.memory) << 20, ..Limits::default() },
            ..Grant::of(&name, &self.hook)
        }
    }

    /// Hands the records over, batch by batch.
    fn feed(&self, records: &mut Records, input: &Path, tally: &mut Tally) -> Result<(), Refusal> {
        let fault = |error: &dyn std::fmt::Display| Refusal::Said(format!("{}: {error}", input.display()));
        let mut file = BufReader::new(File::open(input).map_err(|error| fault(&error))?);
        loop {
            let mut batch = Vec::new();
            while batch.len() < usize::from(self.batch) {
                let mut line = String::new();
                match file.by_ref().take(FILE).read_line(&mut line).map_err(|error| fault(&error))? {
                    0 => break,
                    length if length as u64 == FILE => return Err(fault(&format!("a line has {FILE} bytes or more"))),
                    _ if line.trim().is_empty() => {}
                    _ => batch.push(line),
                }
            }
            if batch.is_empty() {
                return Ok(());
            }
            let texts: Vec<&str> = batch.iter().map(String::as_str).collect();
            let began = Instant::now();
            let changed = records.change(&texts)?;
            tally.time += began.elapsed();
            tally.records += texts.len();
            tally.given += changed.lines().len();
            tally.refused += changed.refused.len();
            print(&self.lines(&changed));
        }
    }

    /// The records that come out. Those that go to another stream stand behind its name.
    fn lines(&self, changed: &Changed) -> String {
        let mut text = String::new();
        for line in changed.lines() {
            if let Some(route) = line.route.and_then(|route| self.routes.get(route)) {
                text.push_str(route);
                text.push_str(": ");
            }
            text.push_str(line.record);
            text.push('\n');
        }
        changed.refused.iter().for_each(|refused| add(&mut text, format_args!("refused: {}", refused.fault)));
        text
    }
}

fn add(text: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing to a text cannot fail.
    let _ = writeln!(text, "{line}");
}

/// The records of a `NAME=FILE`.
fn table(given: &str) -> Result<Table, Refusal> {
    let Some((name, path)) = given.split_once('=') else {
        return Err(Refusal::Said(format!("--given {given}: write NAME=FILE")));
    };
    let fault = |error: &dyn std::fmt::Display| Refusal::Said(format!("{path}: {error}"));
    let length = fs::metadata(path).map_err(|error| fault(&error))?.len();
    if length > FILE {
        return Err(fault(&format!("it has more than {FILE} bytes")));
    }
    let records = fs::read(path).map_err(|error| fault(&error))?;
    Ok(Table { name: name.to_owned(), records: Some(records) })
}

/// What the hook is.
fn told(hook: &Hook, took: Duration) -> String {
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
fn effect(effect: &Effect, took: Duration) -> String {
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

/// What it took.
fn ending(records: &mut Records, tally: &Tally) -> String {
    let mut text = String::new();
    let log = records.log();
    for (level, line) in &log.lines {
        let level = match level {
            Level::Debug => "debug",
            Level::Info => "info",
            Level::Warning => "warning",
        };
        add(&mut text, format_args!("log: {level}: {line}"));
    }
    if log.left_out > 0 {
        add(&mut text, format_args!("log: {} more lines", log.left_out));
    }
    if tally.records > 0 {
        let Tally { records, given, refused, time } = tally;
        let each = time.div_f64(*records as f64);
        let each = format!("{:.1} µs a record", each.as_secs_f64() * 1e6);
        add(&mut text, format_args!("records: {records} in, {given} out, {refused} refused"));
        add(&mut text, format_args!("time: {}, {each}", shown(*time)));
    }
    let used = records.used();
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
