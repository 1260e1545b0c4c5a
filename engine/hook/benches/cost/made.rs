//! What the hooks are given: a site's definitions of custom fields, and cases that have them.

use std::fmt::Write;

use serde_json::json;

/// Eight definitions of custom fields, as Desk lists them.
pub(crate) fn definitions() -> String {
    let kinds = [
        ("level", r#"{"type":"list","choices":["vip","regular","trial"]}"#),
        ("my_int", r#"{"type":"integer"}"#),
        ("founded", r#"{"type":"date"}"#),
        ("escalated", r#"{"type":"boolean"}"#),
        ("remark", r#"{"type":"string"}"#),
        ("region", r#"{"type":"list","choices":["EU::DE","EU::FR","US::CA"]}"#),
        ("order_number", r#"{"type":"string"}"#),
        ("seats", r#"{"type":"integer"}"#),
    ];
    let mut text = String::new();
    for (number, (name, values)) in kinds.iter().enumerate() {
        let address = format!("/api/v2/custom_fields/{}", number + 1);
        let link = json!({"self": {"href": address}});
        writeln!(text, r#"{{"name":"{name}","type":"ticket","active":true,"data":{values},"_links":{link}}}"#)
            .expect("a text");
    }
    text
}

/// Cases of 1.2 KB, each with all eight.
pub(crate) fn records(count: usize) -> Vec<String> {
    let record = |number: usize| {
        let custom = json!({
            "level": "vip", "my_int": (number * 7).to_string(), "founded": "2014-02-01", "escalated": number.is_multiple_of(2),
            "remark": format!("asked twice about the order of last week, number {number}"), "region": "EU::DE",
            "order_number": format!("A-{number:08}"), "seats": "25",
        });
        let record = json!({
            "id": number, "external_id": null, "subject": format!("Where is my order number {number}?"), "priority": 5,
            "description": "The customer wrote that the parcel has not come, and that nobody answers the telephone. ".repeat(4),
            "blurb": "Where is my order? It should have been here last week. Please answer soon, thank you.",
            "status": "open", "type": "email", "labels": ["parcel", "late"], "label_ids": [17, 23], "language": "en_us",
            "created_at": "2014-02-03T10:11:12Z", "updated_at": "2014-02-04T10:11:12Z", "active_at": null,
            "received_at": "2014-02-03T10:11:12Z", "first_opened_at": null, "opened_at": null, "resolved_at": null,
            "has_pending_interactions": false, "has_failed_interactions": false, "active_notes_count": 0,
            "custom_fields": custom,
            "_links": {"self": {"href": format!("/api/v2/cases/{number}"), "class": "case"}},
        });
        record.to_string()
    };
    (0..count).map(record).collect()
}
