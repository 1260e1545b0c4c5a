//! What may be set by hand, and what is refused.

use super::{Wish, reset, set};
use crate::state::{KeyValue, State, StreamState};
use jiff::Timestamp;
use tapwright_spec::{Connector, Source, check};

const SPEC: &str = "
tapwright: 1
name: shop
title: Shop
version: 1.0.0
about: {summary: A shop.}
auth: none
http: {base_url: 'http://127.0.0.1', records: '$.rows[*]'}
streams:
  orders:
    description: Orders.
    endpoint: GET /orders
    primary_key: id
    replication: {method: incremental, key: id, since: {param: since}}
    fields: {id: integer}
  days:
    description: Days.
    endpoint: GET /days
    primary_key: day
    replication: {method: incremental, key: day, since: {param: since}}
    fields: {day: date}
  names:
    description: Names.
    endpoint: GET /names
    primary_key: name
    replication: {method: incremental, key: name, since: {param: since}}
    fields: {name: string}
  lines:
    description: Lines of every order.
    for_each: orders
    endpoint: 'GET /orders/{{ parent.id }}/lines'
    primary_key: id
    replication: {method: incremental, key: changed, since: {param: since}}
    fields: {id: integer, changed: timestamp}
  changes:
    description: What changes.
    endpoint: GET /changes
    primary_key: id
    replication: {method: feed, token: {from: $.next, param: cursor}}
    fields: {id: integer}
  users:
    description: Users.
    endpoint: GET /users
    primary_key: id
    fields: {id: integer}
";

fn shop() -> Connector {
    check(&Source::new("shop.yaml", SPEC)).unwrap_or_else(|faults| panic!("{faults:?}"))
}

fn at(text: &str) -> KeyValue {
    KeyValue::Timestamp(text.parse().expect("a time"))
}

fn state() -> State {
    let slices = [("1", "2026-01-03T00:00:00Z"), ("2", "2026-01-05T00:00:00Z")];
    let slices = slices.map(|(id, key)| (id.to_owned(), at(key))).into();
    let one = |bookmark| StreamState { bookmark: Some(bookmark), ..StreamState::default() };
    State(
        [
            ("orders".to_owned(), one(KeyValue::Integer(7))),
            ("lines".to_owned(), StreamState { slices, ..StreamState::default() }),
            ("gone".to_owned(), one(KeyValue::Integer(1))),
        ]
        .into(),
    )
}

/// What a setting comes to: the new bookmarks, or why it is refused.
fn comes_to(stream: &str, slice: Option<&str>, value: &str) -> Result<Vec<String>, String> {
    let now: Timestamp = "2026-01-31T00:00:00Z".parse().expect("a time");
    let (draft, moved) =
        set(&shop(), &state(), Wish { stream, slice, value }, now).map_err(|fault| fault.to_string())?;
    assert_eq!(draft.changed().count(), 1);
    Ok(moved.iter().map(ToString::to_string).collect())
}

#[test]
fn a_bookmark_is_read_by_the_type_of_its_stream() {
    for (stream, slice, value, expected) in [
        ("orders", None, "12", "orders: 7 → 12: what changed between them is not read"),
        ("orders", None, "-3", "orders: 7 → -3: the next run reads again from there"),
        ("days", None, "2026-01-30", "days: no bookmark → 2026-01-30T00:00:00Z: the next run goes on from there"),
        ("names", None, "m", "names: no bookmark → m: the next run goes on from there"),
        ("changes", None, "t-1", "changes: no bookmark → the feed's token: the next run goes on from there"),
        ("gone", None, "0", "gone: 1 → 0: the next run reads again from there"),
        (
            "lines",
            Some("2"),
            "30 days",
            "lines, slice 2: 2026-01-05T00:00:00Z → 2026-01-01T00:00:00Z: the next run reads again from there",
        ),
    ] {
        assert_eq!(comes_to(stream, slice, value).as_deref(), Ok([expected.to_owned()].as_slice()));
    }
    assert_eq!(comes_to("lines", None, "2026-01-01").map(|moved| moved.len()), Ok(2));
}

#[test]
fn what_cannot_be_right_is_refused_with_a_remedy() {
    for (stream, slice, value, expected) in [
        ("orders", None, "2026-01-01", "is an integer, and `2026-01-01` is none; write it in digits"),
        ("days", None, "2026-01-30T12:00:00Z", "is a date, and"),
        ("days", None, "2026-02-01", "lies in the future"),
        ("names", None, " ", "is a text, and ` ` is none"),
        ("changes", None, "a\nb", "the token of a feed"),
        ("users", None, "12", "it is a full table"),
        ("lines", Some("3"), "2026-01-01", "has no slice `3`"),
        ("lines", Some("2"), "soon", "a point in time"),
        ("orders", Some("2"), "12", "leave --slice out"),
        ("order", None, "12", "did you mean `orders`?"),
    ] {
        let refused = comes_to(stream, slice, value).expect_err(expected);
        assert!(refused.contains(expected), "{refused}");
    }
}

#[test]
fn a_reset_forgets_what_is_named_or_all() {
    let names = |streams: &[&str]| {
        let streams: Vec<String> = streams.iter().map(|&name| name.to_owned()).collect();
        let (draft, moved) = reset(&shop(), &state(), &streams).map_err(|fault| fault.to_string())?;
        assert!(draft.changed().all(|(_, state)| *state == StreamState::default()));
        Ok(moved.into_iter().map(|one| one.stream).collect::<Vec<_>>().join(" "))
    };
    assert_eq!(names(&["lines"]), Ok("lines".to_owned()));
    assert_eq!(names(&["users"]), Ok(String::new()));
    assert_eq!(names(&[]), Ok("gone lines orders".to_owned()));
    assert!(names(&["line"]).is_err_and(|fault: String| fault.contains("did you mean `lines`?")));
}
