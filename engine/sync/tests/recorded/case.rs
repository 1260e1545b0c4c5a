//! One case: its runs one after the other into one database, told as YAML.

use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use tapwright_spec::settings::{Given, settings};
use tapwright_spec::time::parse_moment;
use tapwright_spec::{Connector, Source, diagnostic::Style};
use tapwright_sync::clock::{Clock, TestClock};
use tapwright_sync::destination;
use tapwright_sync::http::Recording;
use tapwright_sync::plan::Selection;
use tapwright_sync::report::{RunReport, StreamReport};
use tapwright_sync::run::{Job, Run};

use crate::api::Watched;
use crate::database;

/// `recording.yaml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Runs {
    /// The user's configuration, the same for all runs.
    #[serde(default)]
    config: Value,
    runs: Vec<Asked>,
}

/// A run: what is asked for, and what the API answers.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// When it begins; the first of January 2026 if nothing is said.
    #[serde(default = "new_year")]
    now: String,
    #[serde(default)]
    streams: Vec<String>,
    #[serde(default)]
    start: Option<String>,
    #[serde(default)]
    full_refresh: bool,
    exchanges: Value,
}

fn new_year() -> String {
    "2026-01-01T00:00:00Z".to_owned()
}

/// Plays a case; gives what came of it, or why it could not be played.
pub(crate) fn play(spec: &str, recording: &str) -> Result<String, String> {
    let source = Source::new("spec.yaml", spec);
    let connector = tapwright_spec::check(&source).map_err(|faults| faults.render(Style::Plain))?;
    let connector = Arc::new(connector);
    let runs: Runs = serde_yaml::from_str(recording).map_err(|error| format!("recording.yaml: {error}"))?;
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let path = folder.path().join("case.db");
    let mut told = String::from("runs:\n");
    for asked in &runs.runs {
        run(&connector, &runs.config, asked, &path, &mut told)?;
    }
    Ok(told)
}

fn run(
    connector: &Arc<Connector>,
    config: &Value,
    asked: &Asked,
    path: &Path,
    told: &mut String,
) -> Result<(), String> {
    let now: Timestamp = asked.now.parse().map_err(|error| format!("{}: {error}", asked.now))?;
    let clock = Arc::new(TestClock::new(now));
    let recording = Recording::parse(&json!({"exchanges": asked.exchanges}).to_string())?;
    let api = Arc::new(Watched::new(recording));
    let file = config.is_object().then(|| Source::new("config.yaml", config.to_string()));
    let settings = settings(connector, &Given { file, texts: Vec::new() }).map_err(|f| f.render(Style::Plain))?;
    let start = asked.start.as_deref().map(|text| parse_moment(text, now)).transpose()?;
    let job = Job {
        connector: Arc::clone(connector),
        settings,
        selection: Selection { streams: asked.streams.clone(), start, full_refresh: asked.full_refresh },
        destination: destination::open(&format!("sqlite:{}", path.display()), &connector.name)
            .map_err(|fault| fault.to_string())?,
        place: "case.db".into(),
        transport: api.clone(),
        clock: clock.clone(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    let outcome = runtime.map_err(|error| error.to_string())?.block_on(async {
        let (_sender, stop) = tokio::sync::watch::channel(None);
        Run::prepare(job).map_err(|fault| fault.to_string())?.go(stop).await.map_err(|fault| fault.to_string())
    });
    tell(told, "-", None);
    let (mut sent, unused) = api.told();
    if connector.streams.iter().filter(|stream| stream.for_each.is_none()).count() > 1 {
        // Streams without a parent are read side by side; the order within each is told.
        sent.sort_by_key(|request| request.split(['?', ' ']).nth(1).map(str::to_owned));
    }
    list(told, "requests", sent.iter().map(String::as_str));
    if !unused.is_empty() {
        list(told, "not asked for", unused.into_iter());
    }
    let waited = (clock.now() - now).total(jiff::Unit::Second).unwrap_or(0.0);
    match outcome {
        Ok(report) => reported(told, &report, waited),
        Err(fault) => tell(told, "    fault", Some(&json!(fault))),
    }
    tell(told, "    state", None);
    for (stream, state) in database::state(path) {
        let _ = writeln!(told, "      {stream}: {state}");
    }
    tell(told, "    tables", None);
    for (table, rows) in database::tables(path) {
        let _ = writeln!(told, "      {table}:{}", if rows.is_empty() { " []" } else { "" });
        for row in rows {
            let _ = writeln!(told, "        - {row}");
        }
    }
    Ok(())
}

fn tell(told: &mut String, name: &str, value: Option<&Value>) {
    let _ = match value {
        None if name == "-" => writeln!(told, "  -"),
        None => writeln!(told, "{name}:"),
        Some(value) => writeln!(told, "{name}: {value}"),
    };
}

fn list<'a>(told: &mut String, name: &str, lines: impl Iterator<Item = &'a str>) {
    let lines: Vec<_> = lines.collect();
    let _ = writeln!(told, "    {name}:{}", if lines.is_empty() { " []" } else { "" });
    for line in lines {
        let _ = writeln!(told, "      - {}", json!(line));
    }
}

fn reported(told: &mut String, report: &RunReport, waited: f64) {
    if let Some(interrupted) = &report.interrupted {
        tell(told, "    interrupted", Some(&json!(interrupted)));
    }
    // What chance adds to the waits between tries is left out.
    if waited >= 30.0 {
        let _ = writeln!(told, "    waited: {:.0} s", (waited / 10.0).floor() * 10.0);
    }
    let _ = writeln!(told, "    complete: {}", report.is_complete());
    tell(told, "    streams", None);
    for stream in &report.streams {
        let _ = writeln!(told, "      {}:", stream.stream);
        let _ = writeln!(told, "        {}: {}", stream.verdict.word(), json!(stream.reason));
        let _ = writeln!(told, "        records: {}", figures(stream));
        for (name, lines) in [("notes", &stream.notes), ("unlisted", &stream.unlisted)] {
            if !lines.is_empty() {
                let _ = writeln!(told, "        {name}: {}", json!(lines));
            }
        }
    }
}

/// The counts that are not nought.
fn figures(stream: &StreamReport) -> String {
    let all = [
        ("read", stream.records),
        ("new", stream.new),
        ("changed", stream.changed),
        ("unchanged", stream.unchanged),
        ("repeated", stream.repeated),
        ("deleted", stream.deleted),
        ("rejected", stream.rejected),
        ("left_out", stream.left_out),
        ("retries", stream.retries),
    ];
    let shown: Vec<String> =
        all.into_iter().filter(|(_, count)| *count > 0).map(|(name, count)| format!("{name}: {count}")).collect();
    format!("{{{}}}", shown.join(", "))
}
