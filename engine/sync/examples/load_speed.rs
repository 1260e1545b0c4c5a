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
use tapwright_spec::expression::Template;
use tapwright_spec::model::{
    Bookmark, Field, FieldType, Filter, Format, Incremental, Limits, Member, Method, Next, Order, Pagination, Records,
    Replication, Request, Stream,
};
use tapwright_spec::path::Path;
use tapwright_spec::time::TimeFormat;
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
    let mut normaliser = Normaliser::new(&stream(Shape::Upsert))?;
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
    let stream = stream(shape);
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
            sum += destination.write(&stream.name, &Delivery { tables, batch: &batch, received })?;
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

/// The stream of the records: as the program that measures the floor has it, nested values as JSON.
fn stream(shape: Shape) -> Stream {
    let full_table = shape != Shape::Upsert;
    use FieldType::{Boolean, Integer, Json, Number, Object, String as Text, Timestamp};
    let member = |name: &str, kind| Member { name: name.into(), kind, description: None, personal: false };
    let label = vec![member("id", Integer), member("name", Text), member("color", Text)];
    let (labels, open) = match shape {
        Shape::Nested => (FieldType::List(Box::new(Object(Some(label)))), Object(None)),
        _ => (Json, Json),
    };
    let names = [
        ("id", Integer),
        ("external_id", Text),
        ("subject", Text),
        ("description", Text),
        ("channel", Text),
        ("priority", Text),
        ("status", Text),
        ("customer_id", Integer),
        ("assignee_id", Integer),
        ("group_id", Integer),
        ("company_id", Integer),
        ("locale", Text),
        ("is_vip", Boolean),
        ("is_spam", Boolean),
        ("reply_count", Integer),
        ("satisfaction", Number),
        ("first_response_minutes", Number),
        ("sla_due_at", Timestamp),
        ("created_at", Timestamp),
        ("updated_at", Timestamp),
        ("resolved_at", Timestamp),
        ("labels", labels),
        ("custom_fields", open.clone()),
        ("via", open),
        ("url", Text),
    ];
    let incremental = Incremental {
        bookmark: Bookmark::Key("updated_at".into()),
        since: None,
        format: TimeFormat::Rfc3339,
        exclusive: false,
        until: None,
        until_format: TimeFormat::Rfc3339,
        window: None,
        filter: Filter::Api,
        order: Order::None,
        lookback: None,
        attribution: None,
    };
    Stream {
        name: "cases".into(),
        title: String::new(),
        description: String::new(),
        link: None,
        notes: None,
        permission: None,
        object: None,
        routed_from: None,
        job: None,
        request: Request {
            method: Method::Get,
            base_url: Template::literal(""),
            home: Template::literal(""),
            second_home: None,
            path: Template::literal("/"),
            params: Vec::new(),
            headers: Vec::new(),
            body: None,
        },
        records: Records {
            compression: None,
            format: Format::Json,
            path: Path::compile("$[*]").expect("a path"),
            key: None,
        },
        pagination: Pagination {
            next: Next::Single,
            size: None,
            stop: Vec::new(),
            total: None,
            max_pages: None,
            max_records: None,
            restart_after: None,
            ahead: 1,
        },
        primary_key: vec!["id".into()],
        deleted: None,
        replication: if full_table { Replication::FullTable } else { Replication::Incremental(Box::new(incremental)) },
        for_each: None,
        add: Vec::new(),
        hooks: Vec::new(),
        split: None,
        keep_if: None,
        flatten: Vec::new(),
        remove: Vec::new(),
        rename: Vec::new(),
        unlisted: tapwright_spec::model::Unlisted::Drop,
        fields: names.into_iter().map(|(name, kind)| field(name, kind)).collect(),
        on_response: Vec::new(),
        limits: Limits::default(),
    }
}

fn field(name: &str, kind: FieldType) -> Field {
    Field {
        name: name.into(),
        title: name.into(),
        description: None,
        kind,
        from: None,
        take: None,
        required: false,
        added: false,
        references: None,
        values: Vec::new(),
        example: None,
        personal: false,
        hook: None,
        format: TimeFormat::Rfc3339,
    }
}
