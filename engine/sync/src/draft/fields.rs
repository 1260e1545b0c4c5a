//! The fields of the records, with the types that their values have.

use serde_json::Value;

use super::Draft;
use super::flat;
use super::list::List;
use crate::trial::infer::{infer, yaml};
use tapwright_spec::counted;

/// What the names of fields that tell of people contain.
const PERSONAL: [&str; 6] = ["email", "phone", "firstname", "lastname", "fullname", "birth"];

/// Writes `fields:`.
pub(super) fn write(list: &List<'_>, draft: &mut Draft) {
    let count = list.records.len();
    let mut names: Vec<&String> = Vec::new();
    for name in list.records.iter().flat_map(|record| record.keys()) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let records = counted(count, "record");
    draft
        .line(4, &format!("# Types by the looks of the values in {records}; `tapwright try` compares them with more."));
    draft.line(4, "fields:");
    for name in names {
        let values: Vec<&Value> = list.records.iter().filter_map(|record| record.get(name)).collect();
        let (kind, why) = field(name, &values);
        let why = match (why, values.len()) {
            ("", some) if some < count => format!("  # in {some} of {records}"),
            ("", _) => String::new(),
            (why, _) => format!("  # {why}"),
        };
        draft.line(6, &format!("{}{why}", yaml(name, &kind)));
    }
}

/// The type of a field, and why, where that is more than its looks.
fn field(name: &str, values: &[&Value]) -> (String, &'static str) {
    let Some(kind) = infer(values) else { return ("json".to_owned(), "only nulls came, so any value is taken") };
    let within = |low: i64, high: i64| {
        let mut given = values.iter().filter(|value| !value.is_null());
        given.all(|value| value.as_i64().is_some_and(|number| (low..high).contains(&number)))
    };
    let is_when =
        ["_at", "At", "time", "Time", "_on", "created", "updated", "modified"].iter().any(|end| name.ends_with(end));
    match kind.as_str() {
        "integer" if is_when && within(900_000_000, 4_000_000_000) => {
            ("{type: timestamp, format: unix}".to_owned(), "called as a time, and of the size of seconds since 1970")
        }
        "integer" if is_when && within(900_000_000_000, 4_000_000_000_000) => (
            "{type: timestamp, format: unix_ms}".to_owned(),
            "called as a time, and of the size of milliseconds since 1970",
        ),
        "string" if PERSONAL.iter().any(|part| flat(name).contains(part)) => {
            ("{type: string, personal: true}".to_owned(), "called as what tells of a person")
        }
        "json" if values.iter().any(|value| !value.is_array()) => (kind, "values of several types came"),
        _ => (kind, ""),
    }
}
