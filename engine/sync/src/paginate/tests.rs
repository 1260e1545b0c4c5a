//! The faults that a walk must see.

mod model;
mod overlap;

use serde_json::json;
use tapwright_spec::model::{Carrier, Next, Pagination, RestartAfter, Stop, Token};
use tapwright_spec::path::Path;
use url::Url;

use super::{Delta, Facts, Key, Paginator, PagingFault, StopReason, Turn};
use crate::http::{Hosts, Origins};
use crate::state::KeyValue;

fn url(text: &str) -> Url {
    text.parse().expect("a url")
}

fn home() -> Origins {
    Origins::new(url("http://a.example/"), Hosts::default())
}

fn rules(next: Next) -> Pagination {
    Pagination {
        next,
        size: None,
        stop: Vec::new(),
        total: None,
        max_pages: None,
        max_records: None,
        restart_after: None,
        ahead: 1,
    }
}

fn query(name: &str) -> Carrier {
    Carrier::Query(name.into())
}

fn next_url() -> Next {
    Next::NextUrl { path: Path::compile("$.next").expect("a path") }
}

fn cursor() -> Next {
    Next::Cursor { token: Token::Body(Path::compile("$.next").expect("a path")), send: query("after") }
}

fn header_cursor() -> Next {
    Next::Cursor { token: Token::Header("X-Next".into()), send: Carrier::Header("X-After".into()) }
}

fn last_record() -> Next {
    Next::Cursor { token: Token::Last(vec!["id".into()]), send: Carrier::Body(vec!["page".into(), "after".into()]) }
}

fn merge() -> Next {
    Next::Merge { path: Path::compile("$.continue").expect("a path") }
}

fn page_number() -> Next {
    Next::PageNumber { send: query("page"), first: 1 }
}

fn offset() -> Next {
    Next::Offset { send: query("offset"), first: 0, overlap: false }
}

fn key(value: i64) -> Key {
    Key {
        value: KeyValue::Integer(value),
        // As an API that counts in tens of our unit would be asked.
        sent: (value / 10).to_string(),
    }
}

/// A page at `here` with `records` records, each page unlike the others by `content`.
fn facts(here: &Url, records: u64, content: u64) -> Facts<'_> {
    Facts {
        url: here,
        records,
        next: None,
        more: None,
        link: None,
        total: None,
        content,
        ends: None,
        repeats: false,
        last_key: None,
        stop: false,
    }
}

#[test]
fn a_next_link_is_absolute_or_relative_to_host_or_request() {
    let rules = rules(next_url());
    let here = url("http://a.example/api/cases?page=1");
    for (target, expected) in [
        ("http://a.example/b?page=2", "http://a.example/b?page=2"),
        ("/api/v2/cases?page=2", "http://a.example/api/v2/cases?page=2"),
        ("?page=2", "http://a.example/api/cases?page=2"),
        ("more", "http://a.example/api/more"),
    ] {
        let mut paginator = Paginator::new(&rules, home(), None);
        let page = Facts { next: Some(json!(target)), ..facts(&here, 1, 1) };
        assert_eq!(paginator.turn(&page), Ok(Turn::Go(Delta::Url(url(expected)))));
    }
}

#[test]
fn a_next_link_to_a_stranger_is_an_error_unless_allowed() {
    let rules = rules(next_url());
    let here = url("http://a.example/x");
    for target in ["http://b.example/x", "//b.example/x", "http://a.example:81/x", "file:///x"] {
        let page = Facts { next: Some(json!(target)), ..facts(&here, 1, 1) };
        let fault = Paginator::new(&rules, home(), None).turn(&page);
        assert!(matches!(fault, Err(PagingFault::ForeignHost { .. })), "{target}: {fault:?}");
    }
    let allowed =
        Origins::new(url("http://a.example"), Hosts { allowed: vec!["b.example".into()], ..Hosts::default() });
    let page = Facts { next: Some(json!("http://b.example/x")), ..facts(&here, 1, 1) };
    assert!(Paginator::new(&rules, allowed, None).turn(&page).is_ok());
}

#[test]
fn what_is_no_link_is_an_error_and_null_is_the_end() {
    let rules = rules(next_url());
    let here = url("http://a.example/x");
    for wrong in [json!(true), json!(2), json!({"href": "x"}), json!("http://[")] {
        let page = Facts { next: Some(wrong), ..facts(&here, 1, 1) };
        let fault = Paginator::new(&rules, home(), None).turn(&page);
        assert!(matches!(fault, Err(PagingFault::Next(_))), "{fault:?}");
    }
    for none in [None, Some(json!(null)), Some(json!(""))] {
        let page = Facts { next: none, ..facts(&here, 1, 1) };
        let Ok(Turn::End(end)) = Paginator::new(&rules, home(), None).turn(&page) else {
            panic!("it goes on");
        };
        assert_eq!(end.reason, StopReason::NoNext);
    }
}

#[test]
fn circles_are_loud() {
    let here = url("http://a.example/x");
    let by_link = rules(next_url());
    let mut same_link = Paginator::new(&by_link, home(), None);
    let page = |content| Facts { next: Some(json!("?p=2")), ..facts(&here, 1, content) };
    assert!(same_link.turn(&page(1)).is_ok());
    assert!(matches!(same_link.turn(&page(2)), Err(PagingFault::Loop(_))));

    let by_number = rules(page_number());
    let mut same_records = Paginator::new(&by_number, home(), None);
    assert!(same_records.turn(&facts(&here, 1, 1)).is_ok());
    assert!(matches!(same_records.turn(&facts(&here, 1, 1)), Err(PagingFault::Loop(_))));

    let by_cursor = rules(cursor());
    let mut same_cursor = Paginator::new(&by_cursor, home(), None);
    let page = Facts { next: Some(json!("c")), ..facts(&here, 0, 0) };
    assert!(same_cursor.turn(&page).is_ok());
    assert!(matches!(same_cursor.turn(&page), Err(PagingFault::Loop(_))));
}

#[test]
fn an_api_that_ignores_the_key_is_seen() {
    let rules = Pagination { restart_after: Some(RestartAfter { pages: 1 }), ..rules(page_number()) };
    let here = url("http://a.example/x");
    let mut paginator = Paginator::new(&rules, home(), None);
    let mut outcome = Ok(Turn::Go(Delta::Values(Vec::new())));
    // Page 1 comes again whenever the walk begins anew; page 2 leads it on, after it was read twice.
    for (content, last) in [(1, 10), (1, 10), (2, 20), (1, 10), (2, 20), (1, 10)] {
        let page = Facts { last_key: Some(key(last)), ..facts(&here, 1, content) };
        outcome = paginator.turn(&page);
    }
    assert!(matches!(outcome, Err(PagingFault::Loop(_))), "{outcome:?}");
}

#[test]
fn an_empty_page_before_the_total_is_not_the_end() {
    let here = url("http://a.example/x");
    for next in [page_number(), offset()] {
        let rules = Pagination { stop: vec![Stop::EmptyPage, Stop::Total], ..rules(next) };
        let mut paginator = Paginator::new(&rules, home(), None);
        let page = |records, content| Facts { total: Some(5), ..facts(&here, records, content) };
        assert!(matches!(paginator.turn(&page(2, 1)), Ok(Turn::Go(_))));
        assert!(matches!(paginator.turn(&page(0, 0)), Ok(Turn::Go(_))));
        assert!(matches!(paginator.turn(&page(2, 2)), Ok(Turn::Go(_))));
        assert!(matches!(paginator.turn(&page(0, 0)), Ok(Turn::Go(_))));
        assert!(matches!(paginator.turn(&page(0, 0)), Ok(Turn::Go(_))));
        assert_eq!(paginator.turn(&page(0, 0)), Err(PagingFault::EmptyPages { read: 4, total: Some(5) }));
    }
}

#[test]
fn an_empty_page_with_a_next_link_goes_on() {
    let rules = rules(next_url());
    let here = url("http://a.example/x");
    let mut paginator = Paginator::new(&rules, home(), None);
    for number in 0..10 {
        let page = Facts { next: Some(json!(format!("?p={number}"))), ..facts(&here, 0, 0) };
        assert!(matches!(paginator.turn(&page), Ok(Turn::Go(_))));
    }
}

#[test]
fn counts_that_do_not_add_up_are_told() {
    let here = url("http://a.example/x");
    let by_link = rules(next_url());
    let mut paginator = Paginator::new(&by_link, home(), None);
    let page = Facts { total: Some(3), next: Some(json!("?p=2")), ..facts(&here, 1, 1) };
    assert!(paginator.turn(&page).is_ok());
    let last = Facts { total: Some(3), ..facts(&here, 1, 2) };
    let Ok(Turn::End(end)) = paginator.turn(&last) else { panic!("it goes on") };
    assert_eq!(end.slid.as_deref(), Some("the API counts 3 records, 2 came"));

    let by_number = rules(page_number());
    let mut paginator = Paginator::new(&by_number, home(), None);
    assert!(paginator.turn(&Facts { total: Some(3), ..facts(&here, 1, 1) }).is_ok());
    let last = Facts { total: Some(2), ..facts(&here, 1, 2) };
    let Ok(Turn::End(end)) = paginator.turn(&last) else { panic!("it goes on") };
    assert_eq!(end.reason, StopReason::TotalReached(2));
    assert!(end.slid.expect("told").contains("from 3 to 2"));
}

#[test]
fn a_cap_on_pages_is_told_as_bounded_only_when_more_follows() {
    let rules = Pagination { max_pages: Some(2), ..rules(next_url()) };
    let here = url("http://a.example/x");
    let mut paginator = Paginator::new(&rules, home(), None);
    let page = |next: &str, content| Facts { next: Some(json!(next)), ..facts(&here, 1, content) };
    assert!(matches!(paginator.turn(&page("?p=2", 1)), Ok(Turn::Go(_))));
    let Ok(Turn::End(end)) = paginator.turn(&page("?p=3", 2)) else { panic!("it goes on") };
    assert!(end.bounded && end.reason == StopReason::MaxPages(2));
    let mut whole = Paginator::new(&rules, home(), None);
    assert!(whole.turn(&page("?p=2", 1)).is_ok());
    let Ok(Turn::End(end)) = whole.turn(&facts(&here, 1, 2)) else { panic!("it goes on") };
    assert!(!end.bounded && end.reason == StopReason::NoNext);
}

#[test]
fn a_cap_on_records_ends_after_the_page_that_reaches_it() {
    let rules = Pagination { max_records: Some(3), ..rules(next_url()) };
    let here = url("http://a.example/x");
    let mut paginator = Paginator::new(&rules, home(), None);
    let page = |next: &str, content| Facts { next: Some(json!(next)), ..facts(&here, 2, content) };
    assert!(matches!(paginator.turn(&page("?p=2", 1)), Ok(Turn::Go(_))));
    let Ok(Turn::End(end)) = paginator.turn(&page("?p=3", 2)) else { panic!("it goes on") };
    assert!(end.bounded && end.reason == StopReason::MaxRecords(3));
}

#[test]
fn more_is_believed_over_whatever_else_a_page_looks_like() {
    let here = url("http://a.example/x");
    let more = || vec![Stop::EmptyPage, Stop::More(Path::compile("$.more").expect("a path"))];
    for next in [page_number(), offset()] {
        let rules = Pagination { stop: more(), ..rules(next) };
        let mut paginator = Paginator::new(&rules, home(), None);
        let page = |records, content, more| Facts { more: Some(more), ..facts(&here, records, content) };
        assert!(matches!(paginator.turn(&page(2, 1, true)), Ok(Turn::Go(_))));
        assert!(matches!(paginator.turn(&page(0, 0, true)), Ok(Turn::Go(_))));
        let Ok(Turn::End(end)) = paginator.turn(&page(2, 2, false)) else { panic!("it goes on") };
        assert_eq!(end.reason, StopReason::NoMore);
        let mut empty = Paginator::new(&rules, home(), None);
        let turns: Vec<_> = (0..3).map(|_| empty.turn(&page(0, 0, true))).collect();
        assert_eq!(turns[2], Err(PagingFault::EmptyPages { read: 0, total: None }));
    }
    for next in [next_url(), cursor(), header_cursor(), last_record(), merge()] {
        let rules = Pagination { stop: more(), ..rules(next) };
        let page = Facts { more: Some(true), ..facts(&here, 0, 0) };
        let fault = Paginator::new(&rules, home(), None).turn(&page);
        assert_eq!(fault, Err(PagingFault::MoreWithoutNext));
    }
}

#[test]
fn a_last_record_without_its_key_is_an_error_and_an_empty_page_the_end() {
    let rules = Pagination { stop: vec![Stop::EmptyPage], ..rules(last_record()) };
    let here = url("http://a.example/x");
    for none in [None, Some(json!(null)), Some(json!(""))] {
        let page = Facts { next: none, ..facts(&here, 1, 1) };
        assert_eq!(Paginator::new(&rules, home(), None).turn(&page), Err(PagingFault::NoLast("id".into())));
    }
    // An API that includes the row after which it was asked gives it for ever.
    let mut inclusive = Paginator::new(&rules, home(), None);
    let page = |content| Facts { next: Some(json!(7)), ..facts(&here, 1, content) };
    assert!(matches!(inclusive.turn(&page(1)), Ok(Turn::Go(_))));
    assert!(matches!(inclusive.turn(&page(2)), Err(PagingFault::Loop(_))));
}

#[test]
fn what_is_no_object_of_plain_values_is_not_merged() {
    let rules = rules(merge());
    let here = url("http://a.example/x");
    for wrong in [json!("a"), json!([1]), json!({"a": {"b": 1}}), json!({"a": null})] {
        let page = Facts { next: Some(wrong), ..facts(&here, 1, 1) };
        assert!(matches!(Paginator::new(&rules, home(), None).turn(&page), Err(PagingFault::Next(_))));
    }
    let page = Facts { next: Some(json!({})), ..facts(&here, 1, 1) };
    assert!(matches!(Paginator::new(&rules, home(), None).turn(&page), Ok(Turn::End(_))));
}

#[test]
fn keys_that_descend_are_loud_where_a_walk_begins_anew() {
    let rules = Pagination { restart_after: Some(RestartAfter { pages: 5 }), ..rules(page_number()) };
    let here = url("http://a.example/x");
    let mut paginator = Paginator::new(&rules, home(), None);
    let page = |last, content| Facts { last_key: Some(key(last)), ..facts(&here, 1, content) };
    assert!(paginator.turn(&page(50, 1)).is_ok());
    assert!(matches!(paginator.turn(&page(40, 2)), Err(PagingFault::Unordered { .. })));
}
