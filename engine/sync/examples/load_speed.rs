//! CPU time of the load path alone: records in memory -> rows in a destination. No API.
//!
//! `cargo run --release -p tapwright-sync --example load_speed -- [RECORDS] [JSONL FILE or -] [DESTINATION]`. Without a
//! file the records are made here: 25 fields, some 1.15 KB each. Without a destination they go into a SQLite file; in
//! PostgreSQL into a schema for each shape, which must not be there. Figures are for people, no test reads them; those
//! of a server are not in them.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;

use jiff::Timestamp;
use tapwright_spec::Source;
use tapwright_spec::diagnostic::Style;
use tapwright_spec::model::Stream;
use tapwright_sync::destination::{self, Completion, Delivery, Mode, Opening, Written};
use tapwright_sync::normalise::{Batch, Normaliser};
use tapwright_sync::state::Draft;

type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// Incremental, nested values as JSON.
    Upsert,
    /// Full table, nested values as JSON.
    Replace,
    /// Full table, with a child table and two open objects.
    Nested,
}

const PAGE: usize = 100;
const COMMIT: usize = 10_000;

fn main() -> Fallible<()> {
    let mut arguments = std::env::args().skip(1);
    let count = arguments.next().map_or(Ok(200_000), |text| text.parse())?;
    let records: Vec<String> = match arguments.next() {
        Some(path) if path != "-" => std::fs::read_to_string(path)?.lines().take(count).map(str::to_owned).collect(),
        _ => (1..=count as u64).map(record).collect(),
    };
    let path = std::env::temp_dir().join(format!("load_speed_{}.sqlite", std::process::id()));
    let given = arguments.next();
    parse_only(&records)?;
    for shape in [Shape::Upsert, Shape::Replace, Shape::Nested] {
        remove(&path);
        let place = match &given {
            Some(url) => format!("{url}?schema=load_speed_{shape:?}"),
            None => format!("sqlite:{}", path.display()),
        };
        for pass in ["empty file", "same again", "same again, all changed"] {
            let changed: Vec<String>;
            let records = match pass.ends_with("changed") {
                true => {
                    changed = records.iter().map(|text| text.replacen("\"status\":\"", "\"status\":\"x", 1)).collect();
                    &changed
                }
                false => &records,
            };
            let label = format!("{shape:?}, {pass}");
            let before = cpu()?;
            let written = load(&place, records, shape)?;
            say(&label, cpu()? - before, records.len(), Some(written))?;
        }
    }
    remove(&path);
    Ok(())
}

fn say(label: &str, seconds: f64, records: usize, written: Option<Written>) -> Fallible<()> {
    let each = seconds * 1e6 / records as f64;
    let memory = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = memory.lines().find(|line| line.starts_with("VmRSS")).unwrap_or_default();
    let mut out = std::io::stdout().lock();
    writeln!(out, "{label:40} {seconds:7.2} CPU s {each:7.2} us/record  {peak} {written:?}")?;
    Ok(())
}

fn remove(path: &std::path::Path) {
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(PathBuf::from(format!("{}{end}", path.display())));
    }
}

/// User and system time of this process in seconds.
fn cpu() -> Fallible<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let ticks: f64 = fields[11].parse::<f64>()? + fields[12].parse::<f64>()?;
    Ok(ticks / 100.0)
}

fn parse_only(records: &[String]) -> Fallible<()> {
    let mut normaliser = Normaliser::new(&stream(Shape::Upsert)?)?;
    let before = cpu()?;
    for page in records.chunks(PAGE) {
        let mut batch = Batch::new();
        for record in page {
            normaliser.read(record, &[], &mut batch);
        }
        assert_eq!(batch.records(), page.len(), "{:?}", batch.rejected());
    }
    say("normalise alone", cpu()? - before, records.len(), None)
}

fn load(place: &str, records: &[String], shape: Shape) -> Fallible<Written> {
    let stream = stream(shape)?;
    let mut normaliser = Normaliser::new(&stream)?;
    let mut destination = destination::open(place, "bench")?;
    let tables = normaliser.tables();
    let version = (shape != Shape::Upsert).then_some(1);
    let opening = Opening { stream: &stream.name, tables, mode: Mode::of(&stream), version };
    let existing = destination.begin(&opening)?;
    normaliser.adopt(&existing);
    let mut sum = Written::default();
    for part in records.chunks(COMMIT) {
        for page in part.chunks(PAGE) {
            let mut batch = Batch::new();
            for record in page {
                normaliser.read(record, &[], &mut batch);
            }
            let received = Timestamp::now();
            let tables = normaliser.tables();
            sum += destination.write(&stream.name, &Delivery { tables, batch: &batch, records: &[], received })?;
        }
        sum += destination.flush(&stream.name)?;
        let _ = destination.commit(&Draft::default())?;
    }
    destination.finish(&stream.name, Completion::Complete)?;
    let _ = destination.commit(&Draft::default())?;
    Ok(sum)
}

fn record(id: u64) -> String {
    let mut random = id.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = |below: u64| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random % below
    };
    let mut description = String::new();
    for _ in 0..42 {
        let words = ["customer", "replies", "invoice", "héllo", "window", "late", "order", "sync"];
        description.push_str(words[next(8) as usize]);
        description.push(' ');
    }
    if id.is_multiple_of(10) {
        description.push_str("\\\"quoted\\\"\\nsecond line");
    }
    let mut text = String::with_capacity(1_300);
    let (a, b, c, d) = (next(2_000), next(400), next(9_000), next(1_000_000));
    let assignee = if id.is_multiple_of(7) { "null".to_owned() } else { b.to_string() };
    let _ = write!(
        text,
        r##"{{"id":{id},"external_id":"ext-{d:012x}","subject":"about the {a} and the {b} late orders","description":"{description}","channel":"email","priority":"high","status":"open","customer_id":{a},"assignee_id":{assignee},"group_id":{b},"company_id":{c},"locale":"en-US","is_vip":false,"is_spam":false,"reply_count":{b},"satisfaction":{}.25,"first_response_minutes":{a}.125,"sla_due_at":"2026-01-31T12:00:00Z","created_at":"2026-01-31T12:00:00Z","updated_at":"2026-01-31T12:00:00Z","resolved_at":null,"labels":[{{"id":{b},"name":"plan","color":"#a0b1c2"}},{{"id":{a},"name":"vip","color":"#a0b1c2"}}],"custom_fields":{{"plan":"pro","seats":{b},"region":"emea","arr":{c}.5,"churn_risk":false,"csm":"ann bo","tier":2,"renewal_on":"2026-01-31"}},"via":{{"source":"email","ip":"10.1.2.3","agent":"some browser of some version on some system"}},"url":"/api/v2/cases/{id}"}}"##,
        b % 5,
    );
    text
}

/// The stream of the benchmark's spec, in this shape.
fn stream(shape: Shape) -> Fallible<Stream> {
    let spec = include_str!("../../../tests/bench/cases.yaml");
    let text = match shape {
        Shape::Upsert => spec.replace(
            "replication: full_table",
            "replication: {method: incremental, key: updated_at, since: client_side}",
        ),
        Shape::Replace => spec.to_owned(),
        Shape::Nested => spec
            .replace("labels: json", "labels: {type: [object], fields: {id: integer, name: string, color: string}}")
            .replace("custom_fields: json", "custom_fields: {type: object}")
            .replace("via: json", "via: {type: object}"),
    };
    let connector =
        tapwright_spec::check(&Source::new("cases.yaml", text)).map_err(|faults| faults.render(Style::Plain))?;
    Ok(connector.streams[0].clone())
}
