//! What is planned, from which state.

use super::{PlanFault, Selection, Step, plan};
use crate::state::{KeyValue, State, StreamState};
use jiff::Timestamp;
use tapwright_spec::{Connector, Source, check};

const SPEC: &str = "
tapwright: 1
name: shop
title: Shop
version: 1.0.0
about: {summary: A shop.}
schedule: {historical: 30 days}
auth: none
http: {base_url: 'http://127.0.0.1', records: '$.rows[*]'}
streams:
  orders:
    description: Orders.
    endpoint: GET /orders
    primary_key: id
    replication: {method: incremental, key: changed, since: {param: since}, lookback: 1 hour}
    fields: {id: integer, changed: timestamp}
  lines:
    description: Lines of changed orders.
    for_each: {stream: orders, changed_only: true}
    endpoint: 'GET /orders/{{ parent.id }}/lines'
    primary_key: id
    replication: {method: incremental, key: changed}
    fields: {id: integer, changed: timestamp}
  notes:
    description: Notes on every order.
    for_each: orders
    endpoint: 'GET /orders/{{ parent.id }}/notes'
    primary_key: id
    fields: {id: integer}
  users:
    description: Users.
    endpoint: GET /users
    primary_key: id
    fields: {id: integer}
";

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

fn shop() -> Connector {
    check(&Source::new("shop.yaml", SPEC)).unwrap_or_else(|faults| panic!("{faults:?}"))
}

fn knows(stream: &str, bookmark: &str) -> (String, StreamState) {
    let bookmark = Some(KeyValue::Timestamp(at(bookmark)));
    (stream.to_owned(), StreamState { bookmark, ..StreamState::default() })
}

fn planned(streams: &[&str], start: Option<&str>, state: &State) -> Result<Vec<Step>, PlanFault> {
    let streams = streams.iter().map(|name| (*name).to_owned()).collect();
    let selection = Selection { streams, start: start.map(at), full_refresh: false };
    plan(&shop(), &selection, state, at("2026-01-31T00:00:00Z"))
        .map(|plan| plan.families.iter().map(|family| family.steps[0].clone()).collect())
}

fn since(step: &Step) -> Option<String> {
    step.since.as_ref().map(ToString::to_string)
}

#[test]
fn a_first_run_begins_with_the_default_history() {
    let families = planned(&["orders"], None, &State::default()).expect("a plan");
    assert_eq!(since(&families[0]).as_deref(), Some("2026-01-01T00:00:00Z"));
    assert_eq!(families.len(), 1);
}

#[test]
fn a_later_run_looks_back_from_its_bookmark() {
    let state = State([knows("orders", "2026-01-30T12:00:00Z")].into());
    let families = planned(&["orders"], None, &state).expect("a plan");
    assert_eq!(since(&families[0]).as_deref(), Some("2026-01-30T11:00:00Z"));
}

#[test]
fn a_parent_goes_on_where_the_neediest_of_it_and_its_children_does() {
    let state = State([knows("orders", "2026-01-30T12:00:00Z"), knows("lines", "2026-01-20T00:00:00Z")].into());
    let families = planned(&["orders", "lines"], None, &state).expect("a plan");
    assert_eq!(since(&families[0]).as_deref(), Some("2026-01-19T23:00:00Z"));
    let alone = planned(&["lines"], None, &state).expect("a plan");
    assert_eq!((alone[0].load, since(&alone[0]).as_deref()), (false, Some("2026-01-19T23:00:00Z")));
}

#[test]
fn a_child_of_every_parent_needs_all_parents() {
    let state = State([knows("orders", "2026-01-30T12:00:00Z")].into());
    let families = planned(&["notes"], None, &state).expect("a plan");
    assert_eq!((families[0].load, since(&families[0])), (false, None));
    assert_eq!(families[0].children.len(), 1);
}

#[test]
fn another_start_date_is_said_and_read_from() {
    let mut state = State([knows("orders", "2026-01-30T12:00:00Z")].into());
    let moved = planned(&["orders"], Some("2025-06-01T00:00:00Z"), &state).expect("a plan");
    assert_eq!(since(&moved[0]).as_deref(), Some("2025-06-01T00:00:00Z"));
    assert!(moved[0].note.as_ref().is_some_and(|note| note.contains("start date")));
    state.0.get_mut("orders").expect("orders").start = Some(at("2025-06-01T00:00:00Z"));
    let same = planned(&["orders"], Some("2025-06-01T00:00:00Z"), &state).expect("a plan");
    assert_eq!((since(&same[0]).as_deref(), &same[0].note), (Some("2026-01-30T11:00:00Z"), &None));
}

#[test]
fn a_later_start_date_leaves_no_gap() {
    let mut state = State([knows("orders", "2026-01-10T12:00:00Z")].into());
    for known in [None, Some(at("2025-06-01T00:00:00Z"))] {
        state.0.get_mut("orders").expect("orders").start = known;
        let later = planned(&["orders"], Some("2026-01-20T00:00:00Z"), &state).expect("a plan");
        assert_eq!(since(&later[0]).as_deref(), Some("2026-01-10T11:00:00Z"));
        assert_eq!((later[0].start, later[0].note.is_some()), (known, known.is_some()));
    }
    // A bookmark that was set before the start date goes on where it stands.
    let earlier = planned(&["orders"], Some("2026-01-15T00:00:00Z"), &State::default()).expect("a plan");
    assert_eq!(since(&earlier[0]).as_deref(), Some("2026-01-15T00:00:00Z"));
    state.0.get_mut("orders").expect("orders").start = Some(at("2026-01-20T00:00:00Z"));
    let behind = planned(&["orders"], Some("2026-01-15T00:00:00Z"), &state).expect("a plan");
    assert_eq!(since(&behind[0]).as_deref(), Some("2026-01-10T11:00:00Z"));
}

#[test]
fn a_stream_that_is_not_there_is_named_with_the_nearest() {
    let fault = planned(&["oders"], None, &State::default()).expect_err("no such stream");
    assert!(fault.to_string().contains("did you mean `orders`?"), "{fault}");
}
