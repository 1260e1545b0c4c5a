//! What a batch says beside its rows: replication keys, picked values, names that cannot be.

use serde_json::json;
use tapwright_sync::normalise::{Batch, NameFault, Normaliser, Picker};
use tapwright_sync::state::KeyValue;

use crate::stream;

#[test]
fn keys_are_told_with_their_order() {
    let spec = json!({"name": "t", "primary_key": ["id"], "key": "at", "fields": {"id": "integer", "at": "timestamp"}});
    let mut normaliser = Normaliser::new(&stream::read(&spec)).expect("a stream");
    let at = |text: &str| KeyValue::Timestamp(text.parse().expect("a time"));
    let records = [
        r#"{"id": 1, "at": "2026-01-01T00:00:00Z"}"#,
        r#"{"id": 2, "at": "2026-01-01T02:00:00.5+02:00"}"#,
        r#"{"id": 3}"#,
        r#"{"id": 4, "at": "bad"}"#,
    ];
    let mut batch = Batch::new();
    for record in records {
        normaliser.read(record, &[], &mut batch);
    }
    let keys = batch.keys(normaliser.tables()).expect("keys");
    assert_eq!(keys.first, at("2026-01-01T00:00:00Z"));
    assert_eq!(keys.last, at("2026-01-01T00:00:00.5Z"));
    assert!(keys.ascending);
    assert_eq!((batch.records(), batch.without_key(), batch.rejected().len()), (3, 1, 1));
    normaliser.read(records[0], &[], &mut batch);
    let keys = batch.keys(normaliser.tables()).expect("keys");
    assert_eq!(keys.greatest, at("2026-01-01T00:00:00.5Z"));
    assert!(!keys.ascending);
}

#[test]
fn a_picker_reads_a_few_fields() {
    let spec = json!({"name": "t", "primary_key": ["id"], "key": "day", "fields": {
        "id": {"type": "integer", "from": "$._links.self.href", "take": "last_segment"},
        "day": "date", "name": "string", "tags": ["string"], "other": "integer"}});
    let stream = stream::read(&spec);
    let names = ["id".to_owned(), "tags".to_owned(), "name".to_owned()];
    let mut picker = Picker::new(&stream, &names).expect("fields");
    let record = r#"{"_links": {"self": {"href": "/c/17"}}, "day": "2026-01-02", "tags": ["a"], "other": "no number"}"#;
    let picked = picker.read(record).expect("values");
    assert_eq!(json!(picked), json!({"id": 17, "name": null, "tags": ["a"]}));
    let day = KeyValue::Timestamp("2026-01-02T00:00:00Z".parse().expect("a time"));
    assert_eq!(picker.key_of(record), Some(day));
    assert_eq!(picker.key_of(r#"{"day": null}"#), None);
    assert!(picker.read(r#"{"_links": {"self": {"href": "/c/x"}}}"#).is_err());
}

#[test]
fn names_that_cannot_be_are_told_before_the_run() {
    let fault = |fields: serde_json::Value| {
        let spec = json!({"name": "t", "primary_key": [], "fields": fields});
        Normaliser::new(&stream::read(&spec)).expect_err("a fault")
    };
    assert!(matches!(fault(json!({"Name": "string", "name": "string"})), NameFault::Collision(_)));
    let nested = json!({"a__b": "string", "a": {"type": "object", "fields": {"b": "string"}}});
    assert!(matches!(fault(nested), NameFault::Collision(_)));
    assert!(matches!(fault(json!({"_sdc_sequence": "string"})), NameFault::Reserved(_)));
    assert!(matches!(fault(json!({"\u{7}": "string"})), NameFault::Empty(_)));
    let added = json!({"a": {"type": ["string"], "added": 1}});
    assert!(matches!(fault(added), NameFault::AddedNested(_)));
    let spec = json!({"name": "t", "primary_key": ["a"], "fields": {"a": ["string"]}});
    let fault = Normaliser::new(&stream::read(&spec)).expect_err("a fault");
    assert!(matches!(fault, NameFault::NoColumn(_)));
}

#[test]
fn hostile_records_are_rejected_and_do_no_harm() {
    let spec = json!({"name": "t", "primary_key": ["id"], "key": "id", "fields": {"id": "integer", "open": "object", "l": [["integer"]]}});
    let mut normaliser = Normaliser::new(&stream::read(&spec)).expect("a stream");
    let deep = |depth: usize| format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
    let wide: Vec<String> = (0..3_000).map(|key| format!("\"k{key}\": 1")).collect();
    let records = [
        format!("{{\"id\": 1, \"open\": {}}}", deep(100_000)),
        format!("{{\"id\": 2, \"skipped\": {}}}", deep(100_000)),
        format!("{{\"id\": 3, \"open\": {{{}}}}}", wide.join(",")),
        "{\"id\": 4, \"open\": {\"a\": 1, \"A\": 2}}".to_owned(),
        "{\"id\": 5, \"open\": {\"n\": 18446744073709551616}}".to_owned(),
        "{\"id\": 6, \"open\": {\"s\": \"\\ud800\"}}".to_owned(),
        "{\"id\": 7, \"x\"".to_owned(),
        "{\"id\": 8, \"l\": [[1, 2], [], null, [3]]}".to_owned(),
    ];
    let mut batch = Batch::new();
    for record in &records {
        normaliser.read(record, &[], &mut batch);
    }
    let reasons: Vec<&str> = batch.rejected().iter().map(|one| one.reason.as_str()).collect();
    let told = ["nested more than", "one column too many", "field collision on `open__A`", "hex escape", "no JSON"];
    assert_eq!(reasons.len(), told.len(), "{reasons:#?}");
    for (reason, told) in reasons.iter().zip(told) {
        assert!(reason.contains(told), "{reason} does not say {told}");
    }
    assert_eq!(batch.records(), 3);
    let inner = normaliser.tables().all().iter().position(|table| table.name == "t__l__value");
    assert_eq!(batch.table(inner.expect("a table")).all().len(), 3);
}
