//! What is cut out of a body, and what makes a body worthless.

use proptest::prelude::*;
use tapwright_spec::path::Path;

use super::descent::run;
use super::{Split, SplitFault, Wanted, straight};

fn path(source: &str) -> Path {
    Path::compile(source).expect("a path")
}

fn split(records: &str, values: &[&str], text: &str) -> Split {
    Wanted::new(Some(path(records)), values.iter().map(|source| path(source)).collect()).split(text)
}

fn records<'t>(split: &Split, text: &'t str) -> Vec<&'t str> {
    split.records.iter().map(|range| &text[range.clone()]).collect()
}

#[test]
fn records_and_values_are_slices_of_the_body() {
    let text = r#"{"total": 2 ,"_links":{"next":{"href":"\/x"}},"skip":[[{"a":1}]],
        "_embedded":{"entries":[{"id":12345678901234567890.10}, {"id":2}]}}"#;
    let found = split("$._embedded.entries[*]", &["$._links.next.href", "$.total", "$.nothing"], text);
    assert_eq!(found.fault, None);
    assert_eq!(records(&found, text), [r#"{"id":12345678901234567890.10}"#, r#"{"id":2}"#]);
    let values: Vec<Option<&str>> = found.values.iter().map(|value| value.clone().map(|range| &text[range])).collect();
    assert_eq!(values, [Some(r#""\/x""#), Some("2"), None]);
}

#[test]
fn every_form_of_path_leads_to_records() {
    for (source, text, expected) in [
        ("$[*]", "[{\"a\":1},{\"a\":2}]", vec!["{\"a\":1}", "{\"a\":2}"]),
        ("$", " {\"a\":1} ", vec!["{\"a\":1}"]),
        ("$.issue", "{\"issue\":{\"a\":1}}", vec!["{\"a\":1}"]),
        ("$.g[*].r[*]", "{\"g\":[{\"r\":[1]},{\"r\":[2,3]}]}", vec!["1", "2", "3"]),
        ("$.g[1].r[*]", "{\"g\":[{\"r\":[1]},{\"r\":[2,3]}]}", vec!["2", "3"]),
        ("$['a b'][*]", "{\"a\\u0020b\":[{}]}", vec!["{}"]),
        ("$.r[?@.k == 1]", "{\"r\":[{\"k\":0},{\"k\":1.0},{\"k\": 1}]}", vec!["{\"k\":1.0}", "{\"k\": 1}"]),
        ("$.r[*]", "{\"r\":[]}", vec![]),
        ("$.r[?@.k == 1]", "{\"r\":[]}", vec![]),
    ] {
        let found = split(source, &[], text);
        assert_eq!(found.fault, None, "{source}");
        assert_eq!(records(&found, text), expected, "{source}");
    }
}

#[test]
fn paths_may_lie_within_each_other() {
    let text = r#"{"r":[{"id":1,"k":"a"},{"id":2,"k":"b"}]}"#;
    let found = split("$.r[*]", &["$.r", "$.r[1].k", "$.r[0]", "$"], text);
    assert_eq!(records(&found, text).len(), 2);
    let values: Vec<&str> = found.values.iter().map(|value| &text[value.clone().expect("a value")]).collect();
    assert_eq!(values, [&text[5..text.len() - 1], "\"b\"", r#"{"id":1,"k":"a"}"#, text]);
}

#[test]
fn a_page_without_its_records_is_a_fault() {
    for (source, text) in [
        ("$.e.r[*]", r#"{"error":"x"}"#),
        ("$.e.r[*]", r#"{"e":null}"#),
        ("$.e.r[*]", r#"{"e":{}}"#),
        ("$.e.r[*]", r#"{"e":{"r":null}}"#),
        ("$.e.r[*]", r#"{"e":{"r":{"0":{}}}}"#),
        ("$.e.r[*]", r#"{"e":{"r":"x"}}"#),
        ("$.e.r[*]", r#"{"e":[{"r":[]}]}"#),
        ("$.e.r[*]", "[]"),
        ("$[*]", "{}"),
        ("$[*]", "null"),
        ("$", "null"),
        ("$.issue", r#"{"issue":null}"#),
        ("$.issue", r#"{"issue":[{}]}"#),
        ("$.issue", r"{}"),
        ("$.g[*].r[*]", r#"{"g":[{"r":[1]},{}]}"#),
        ("$.r[?@.k == 1]", r#"{"error":"x"}"#),
        ("$.r[?@.k == 1]", r#"{"r":null}"#),
    ] {
        let fault = split(source, &[], text).fault;
        assert!(matches!(fault, Some(SplitFault::NoRecords(_))), "{source} {text}: {fault:?}");
    }
}

#[test]
fn what_is_not_json_is_told_with_its_place() {
    for (text, offset) in [
        ("{\"r\":[1,\n2 x]}", 11),
        ("{\"r\":[NaN]}", 6),
        ("{\"r\":[1]} x", 10),
        ("{\"r\":[01]}", 7),
        ("{\"r\":[\"\u{1}\"]}", 7),
    ] {
        let fault = split("$.r[*]", &[], text).fault;
        let Some(SplitFault::NotJson { offset: found, .. }) = fault else { panic!("{text}: {fault:?}") };
        assert!(found.abs_diff(offset) <= 1, "{text}: {found}");
    }
    for text in ["", "{\"r\":[1", "{\"r\":[{\"a\":\"x", "[{}"] {
        let fault = split("$.r[*]", &[], text).fault;
        assert_eq!(fault, Some(SplitFault::Truncated { offset: text.len() }), "{text}");
    }
}

#[test]
fn a_key_that_is_read_stands_only_once() {
    for text in [r#"{"r":[1],"r":[2]}"#, r#"{"next":1,"r":[],"next":2}"#] {
        let fault = split("$.r[*]", &["$.next"], text).fault;
        assert!(matches!(fault, Some(SplitFault::Duplicate { .. })), "{fault:?}");
    }
    assert_eq!(split("$.r[*]", &[], r#"{"x":1,"r":[],"x":2}"#).fault, None);
}

#[test]
fn depth_has_a_bound_wherever_it_is() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    for depth in [129, 100_000] {
        for text in
            [format!("{{\"r\":[{}]}}", nested(depth)), format!("{{\"r\":[],\"x\":{}}}", nested(depth)), nested(depth)]
        {
            for source in ["$.r[*]", "$.r[?@.k == 1]"] {
                let fault = split(source, &["$.x"], &text).fault;
                let is_seen = match fault {
                    Some(SplitFault::TooDeep { .. }) => true,
                    // Without the list there is nothing to read anyway.
                    Some(SplitFault::NoRecords(_)) => text.starts_with('['),
                    _ => false,
                };
                assert!(is_seen, "{depth} {source}: {fault:?}");
            }
        }
    }
    let wide = format!("{{\"r\":[{}1]}}", "[[1]],\"[[[[\",".repeat(300));
    assert_eq!(split("$.r[*]", &[], &wide).fault, None);
    let brackets = format!("{{\"r\":[{{\"t\":\"{}\\\"{}\"}}]}}", "[".repeat(300), "{".repeat(300));
    assert_eq!(split("$.r[*]", &[], &brackets).fault, None);
}

/// Documents in which paths lead somewhere, and a few that are none.
fn document() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec!["1", "null", "\"x\"", "true", "0.5", "x"]).prop_map(str::to_owned);
    leaf.prop_recursive(4, 30, 4, |inner| {
        let member = ("[abr]", inner.clone()).prop_map(|(key, value)| format!("\"{key}\":{value}"));
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(|all| format!("[{}]", all.join(" ,"))),
            prop::collection::vec(member, 0..4).prop_map(|all| format!("{{{}}}", all.join(", "))),
        ]
    })
}

proptest! {
    #[test]
    fn the_short_way_cuts_what_the_long_way_cuts(
        text in document(),
        records in prop::sample::select(vec!["$", "$[*]", "$.r", "$.r[*]", "$.a.r[*]", "$.a[*].r[*]", "$[*][*]", "$.r[1].b[*]"]),
        value in prop::sample::select(vec!["$", "$.a", "$.r", "$.r[0]", "$.a.b", "$[1]", "$.a[*].b"]),
    ) {
        let wanted = Wanted::new(Some(path(records)), vec![path(value), path("$.b")]);
        let plan = wanted.plan.as_ref().expect("plain paths");
        let long = run(plan, &text, 2);
        if let Some(short) = straight::run(plan, &text, 2) {
            prop_assert_eq!(short.fault.or(long.fault), None);
            prop_assert_eq!((short.records, short.values), (long.records, long.values));
        } else {
            // A list of which one element is wanted for itself goes the long way.
            let both = value.ends_with(']') || records.contains("[1]");
            prop_assert!(long.fault.is_some() || both);
        }
    }

    #[test]
    fn a_record_is_cut_as_it_was_written(rows in prop::collection::vec("[a-z\"\\\\\\[\\]{},: é]{0,12}", 0..20)) {
        let written: Vec<String> = rows
            .iter()
            .map(|row| serde_json::json!({"v": row, "r": [row]}).to_string())
            .collect();
        let text = format!("{{\"a\":{{\"r\":[0]}},\"r\":[{}],\"n\":null}}", written.join(" , "));
        let found = split("$.r[*]", &["$.n"], &text);
        prop_assert_eq!(&found.fault, &None);
        prop_assert_eq!(records(&found, &text), written);
    }
}
