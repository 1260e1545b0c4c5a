//! Reading is compared with a reader that builds trees.

use proptest::prelude::*;
use serde_json::Value;

use super::{Json, Kind};
use crate::{Text, ToJson};

/// The tree of what this crate reads.
fn tree(json: Json<'_>) -> Value {
    match json.kind() {
        Kind::Null => Value::Null,
        Kind::Boolean => Value::from(json.boolean().expect("a boolean")),
        Kind::Number => serde_json::from_str(json.number().expect("a number")).expect("a number of JSON"),
        Kind::Text => Value::from(json.text().expect("a text").into_owned()),
        Kind::List => json.items().map(tree).collect(),
        Kind::Object => json.members().map(|(name, value)| (name.into_owned(), tree(value))).collect(),
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[ -~\\\\\"/\u{0}-\u{1f}äß𝄞\\]}{\\[,:]{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::btree_map("[ -~\\\\\"\u{0}-\u{1f}ä]{0,6}", inner, 0..6)
                .prop_map(|map| map.into_iter().collect()),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_read_is_what_was_written(value in any_json()) {
        for text in [serde_json::to_string(&value), serde_json::to_string_pretty(&value)] {
            prop_assert_eq!(&tree(Json::new(&text.expect("JSON"))), &value);
        }
    }

    #[test]
    fn texts_are_written_as_json(text in any::<String>()) {
        prop_assert_eq!(serde_json::from_str::<String>(&written(&text)).expect("JSON"), text);
    }

    #[test]
    fn whole_numbers_are_written_as_json(number in any::<i64>()) {
        prop_assert_eq!(written(&number), number.to_string());
    }
}

fn written(value: &dyn ToJson) -> String {
    let mut written = Text::new();
    value.write(&mut written);
    written.into()
}

#[test]
fn the_least_and_the_greatest_number() {
    assert_eq!(
        [i64::MIN, 0, i64::MAX].map(|number| written(&number)).join(" "),
        format!("{} 0 {}", i64::MIN, i64::MAX)
    );
}

#[test]
fn escapes_of_all_kinds() {
    let text = Json::new(r#""\"\\\/\b\f\n\r\t\u00e4\ud834\udd1e\ud834x""#);
    assert_eq!(text.text().expect("a text"), "\"\\/\u{8}\u{c}\n\r\tä𝄞\u{fffd}x");
}

#[test]
fn numbers_stay_as_they_were_written() {
    let record = Json::new(r#" {"a": 12345678901234567890.10 , "b":[ 1e400,-0 ]} "#);
    assert_eq!(record.get("a").and_then(Json::number), Some("12345678901234567890.10"));
    assert_eq!(record.get("b").map(Json::raw), Some("[ 1e400,-0 ]"));
    let inner: Vec<_> = record.get("b").into_iter().flat_map(Json::items).map(Json::raw).collect();
    assert_eq!(inner, ["1e400", "-0"]);
}

#[test]
fn the_last_member_of_a_name_counts_and_members_of_members_are_found() {
    let record = Json::new(r#"{"a":1,"l\u0069nks":{"self":{"href":"/1"}},"a":2}"#);
    assert_eq!(record.get("a").and_then(Json::integer), Some(2));
    assert_eq!(record.at(&["links", "self", "href"]).and_then(Json::text).as_deref(), Some("/1"));
    assert_eq!(record.at(&["links", "other"]), None);
    assert_eq!(record.get("a").map(|one| (one.items().count(), one.members().count())), Some((0, 0)));
}

#[test]
#[should_panic(expected = "no JSON: :1")]
fn text_that_is_no_json_ends_the_call() {
    Json::new("{:1}").members().count();
}
