//! A stream from the few lines that a case says of it.

use serde_json::Value;
use tapwright_spec::expression::Template;
use tapwright_spec::model::{
    Bookmark, Deleted, Field, FieldType, Filter, Format, Incremental, Limits, LoadMode, Member, Method, Next, Order,
    Pagination, Records, Replication, Request, SchemaPolicy, Stream, Take, Unlisted,
};
use tapwright_spec::path::Path;
use tapwright_spec::time::TimeFormat;

/// Reads `{name, primary_key, key, fields, unlisted, schema_changes, deleted, tombstone, load_mode}`.
pub(crate) fn read(case: &Value) -> Stream {
    let texts = |value: &Value| -> Vec<String> {
        let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
        list.iter().map(|one| one.as_str().expect("a text").to_owned()).collect()
    };
    let fields = case["fields"].as_object().cloned().unwrap_or_default();
    Stream {
        name: case["name"].as_str().expect("a name").to_owned(),
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
        primary_key: texts(&case["primary_key"]),
        deleted: case["deleted"].as_str().map(|path| Deleted {
            from: Path::compile(path).expect("a path"),
            is: Vec::new(),
            format: TimeFormat::Rfc3339,
            tombstone: case.get("tombstone").is_some(),
        }),
        replication: match case["key"].as_str() {
            None => Replication::FullTable,
            Some(key) => Replication::Incremental(Box::new(Incremental {
                bookmark: Bookmark::Key(key.to_owned()),
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
            })),
        },
        for_each: None,
        add: Vec::new(),
        hooks: Vec::new(),
        split: None,
        keep_if: None,
        flatten: Vec::new(),
        remove: Vec::new(),
        rename: Vec::new(),
        unlisted: match case["unlisted"].as_str() {
            Some("add") => Unlisted::Add,
            Some("json") => Unlisted::Json,
            _ => Unlisted::Drop,
        },
        schema_changes: match case["schema_changes"].as_str() {
            Some("freeze") => SchemaPolicy::Freeze,
            Some("discard_value") => SchemaPolicy::DiscardValue,
            Some("discard_row") => SchemaPolicy::DiscardRow,
            Some("fail") => SchemaPolicy::Fail,
            _ => SchemaPolicy::Evolve,
        },
        load_mode: match case["load_mode"].as_str() {
            Some("segment") => LoadMode::Segment,
            _ => LoadMode::Stitch,
        },
        fields: fields.iter().map(|(name, value)| field(name, value)).collect(),
        on_response: Vec::new(),
        limits: Limits::default(),
    }
}

fn field(name: &str, value: &Value) -> Field {
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    Field {
        name: name.to_owned(),
        title: name.to_owned(),
        description: None,
        kind: kind(value),
        from: text("from").map(|path| Path::compile(path).expect("a path")),
        take: text("take").map(|_| Take::LastSegment),
        required: value.get("required").is_some(),
        added: value.get("added").is_some(),
        references: None,
        values: Vec::new(),
        example: None,
        personal: false,
        hook: None,
        format: TimeFormat::parse(text("format").unwrap_or("rfc3339")).expect("a format"),
    }
}

fn kind(value: &Value) -> FieldType {
    let members = |value: &Value| {
        value.get("fields").and_then(Value::as_object).map(|fields| {
            let member = |(name, value): (&String, &Value)| Member {
                name: name.clone(),
                kind: kind(value),
                description: None,
                personal: false,
            };
            fields.iter().map(member).collect()
        })
    };
    match value {
        Value::Object(object) => match &object["type"] {
            Value::Array(one) if one[0] == "object" => FieldType::List(Box::new(FieldType::Object(members(value)))),
            Value::String(text) if text == "object" => FieldType::Object(members(value)),
            other => kind(other),
        },
        Value::Array(one) => FieldType::List(Box::new(kind(&one[0]))),
        Value::String(text) => match text.as_str() {
            "object" => FieldType::Object(None),
            other => FieldType::named(other).unwrap_or_else(|| panic!("{other} is no type")),
        },
        other => panic!("{other} is no type"),
    }
}
