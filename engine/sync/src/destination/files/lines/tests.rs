//! Members that are taken over as they stand are what would have been written.

use jiff::Timestamp;
use proptest::prelude::*;
use tapwright_spec::model::Stream;

use super::{Compression, Lines};
use crate::destination::Delivery;
use crate::destination::files::format::{DIALECT, Format};
use crate::destination::row::Source;
use crate::destination::shape::Shape;
use crate::normalise::{Bounds, Normaliser};

const SPEC: &str = r#"
tapwright: 1
name: one
title: One
version: 1.0.0
about: {summary: Rows of all types.}
auth: none
http: {base_url: "https://api.example.com", pagination: none}
streams:
  rows:
    description: Rows.
    endpoint: GET /rows
    records: $[*]
    primary_key: id
    fields:
      id: integer
      text: string
      whole: integer
      part: number
      exact: decimal
      flag: boolean
      moment: timestamp
      day: date
      time: time
      kept: json
      renamed: {type: string, from: $.other}
      end: {type: string, from: $.url, take: last_segment}
"#;

fn stream() -> Stream {
    let read = tapwright_spec::check(&tapwright_spec::Source::new("one.yaml", SPEC));
    read.unwrap_or_else(|faults| panic!("{faults:?}")).streams.remove(0)
}

/// The lines that records become, and how many members were taken over.
fn lines(stream: &Stream, records: &[String], takes_members: bool) -> (String, usize) {
    let mut normaliser = Normaliser::new(stream).expect("tables");
    normaliser.keep_within(Bounds { takes_members, ..Format::Lines(Compression::None).bounds() });
    let mut batch = normaliser.batch(records.len());
    records.iter().for_each(|record| normaliser.read(record, &[], &mut batch));
    let tables = normaliser.tables();
    let shape = Shape::new(&DIALECT, tables, &tables.all()[0], false);
    let delivery = Delivery { tables, batch: &batch, records: &[], received: Timestamp::UNIX_EPOCH };
    let mut source = Source::new(&delivery, &shape, None, 1);
    source.stamp.batched = 0;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("rows.jsonl");
    let mut out = Lines::create(&path, &shape.columns(), Compression::None).expect("a file");
    for root in 0..batch.records() {
        source.row(&shape, (0, root), &mut |kind, value| out.put(kind, value)).expect("a row");
        out.end_row().expect("room");
    }
    out.finish().expect("a whole file");
    let taken = (0..batch.records()).flat_map(|root| batch.table(0).runs(root)).map(|run| run.columns).sum();
    (std::fs::read_to_string(path).expect("the file"), taken)
}

fn value() -> impl Strategy<Value = String> {
    let number = "-?(0|[1-9][0-9]{0,18})(\\.[0-9]{1,9})?([eE][+-]?[0-9])?";
    let odd =
        ["null", "true", "false", "\"\"", "-0", "0.10", "12.0", "1e3", "\"a\\u00e9\\n\"", "{\"a\" :\n1}", "[1,\r2]"];
    let moment = ["2026-01-31T12:00:00Z", "2026-01-31T12:00:00.50+02:00", "2026-01-31", "08:00", "08:00:00"];
    prop_oneof![
        number,
        "[ -!#-\\[\\]-~é]{0,12}".prop_map(|text| format!("\"{text}\"")),
        prop::sample::select(odd.to_vec()).prop_map(str::to_owned),
        prop::sample::select(moment.to_vec()).prop_map(|text| format!("\"{text}\"")),
        number.prop_map(|number| format!("\"{number}\"")),
    ]
}

/// A record with these members, and others, in nearly the order of the fields.
fn record() -> impl Strategy<Value = String> {
    let names = ["text", "whole", "part", "exact", "flag", "moment", "day", "time", "kept", "other", "url", "stranger"];
    let member = |name: &'static str| {
        let blank = prop::sample::select(vec!["", "", "", "", " ", "\n"]);
        (any::<prop::sample::Index>(), prop::option::weighted(0.9, value()), blank.clone(), blank).prop_map(
            move |(turn, value, a, b)| (turn.index(40), value.map(|value| format!("\"{name}\"{a}:{b}{value}"))),
        )
    };
    let members: Vec<_> = names.map(member).into_iter().collect();
    (0..1_000_i64, members).prop_map(|(id, members)| {
        let mut members: Vec<(usize, String)> = members
            .into_iter()
            .enumerate()
            // One in forty stands elsewhere.
            .filter_map(|(at, (turn, member))| Some((if turn == 0 { 0 } else { at + 1 }, member?)))
            .collect();
        members.sort_by_key(|(at, _)| *at);
        let members: Vec<String> = members.into_iter().map(|(_, member)| member).collect();
        format!("{{\"id\":{id},{}}}", members.join(",")).replace(",}", "}")
    })
}

proptest! {
    #[test]
    fn what_is_taken_over_is_what_would_be_written(records in prop::collection::vec(record(), 1..8)) {
        let stream = stream();
        let ((taken, _), (written, none)) = (lines(&stream, &records, true), lines(&stream, &records, false));
        prop_assert_eq!(taken, written);
        prop_assert_eq!(none, 0);
    }
}

#[test]
fn a_record_that_is_as_a_row_is_taken_over_at_once() {
    let record = |id: u32| {
        format!(
            r#"{{"id":{id},"text":"a","whole":-7,"part":1.25,"exact":"1.50","flag":true,"moment":"2026-01-31T12:00:00Z","day":"2026-01-31","time":null,"kept":{{"a": [1]}}}}"#
        )
    };
    // The order of keys is known from the first record on.
    let (lines, taken) = lines(&stream(), &[record(1), record(2)], true);
    assert!(taken >= 10, "{taken}");
    assert!(lines.lines().nth(1).is_some_and(|line| line.starts_with(record(2).trim_end_matches('}'))), "{lines}");
}
