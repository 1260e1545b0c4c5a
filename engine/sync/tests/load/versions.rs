//! Of the versions of a key that come in one load one stays, however the load is cut into batches.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Just, ProptestConfig, Strategy, TestCaseError, prop_assert, prop_assert_eq, prop_oneof};
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use tapwright_sync::destination::{Completion, Delivery, Destination, Mode, Opening, Written};
use tapwright_sync::normalise::{Batch, Normaliser};

use crate::place::{Place, SqliteFile};
use crate::stream;

/// The versions of a load, the rows that were there before, sizes of batches, and the mode.
#[derive(Debug, Clone)]
struct Loads {
    versions: Vec<(i64, Option<i64>, i64)>,
    before: Vec<(i64, i64)>,
    sizes: Vec<usize>,
    mode: Mode,
}

fn loads() -> impl Strategy<Value = Loads> {
    let parts = (
        vec((0..6_i64, option::of(0..4_i64), 0..3_i64), 1..40),
        vec((0..6_i64, 0..3_i64), 0..4),
        vec(1..6_usize, 40),
        prop_oneof![Just(Mode::Upsert), Just(Mode::Replace)],
    );
    parts.prop_map(|(versions, before, sizes, mode)| Loads { versions, before, sizes, mode })
}

#[test]
fn one_version_of_a_key_stays_in_sqlite() {
    one_version_stays(100, &|| Box::new(SqliteFile::new()));
}

/// Tries so many loads, each in a new place.
pub(crate) fn one_version_stays(cases: u32, fresh: &dyn Fn() -> Box<dyn Place>) {
    let mut runner = TestRunner::new(ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() });
    let result = runner.run(&loads(), |loads| holds(&loads, fresh().as_ref()));
    assert!(result.is_ok(), "{result:?}");
}

fn holds(loads: &Loads, place: &dyn Place) -> Result<(), TestCaseError> {
    let Loads { versions, before, sizes, mode } = loads;
    let mut opened = place.open().expect("a destination");
    let text = |id, rk: Option<i64>, v: i64| json!({"id": id, "rk": rk, "v": vec![v; v as usize]}).to_string();
    let old: Vec<String> = before.iter().map(|(id, v)| text(*id, Some(1), *v)).collect();
    run(opened.as_mut(), Mode::Upsert, old.chunks(1));
    let records: Vec<String> = versions.iter().map(|(id, rk, v)| text(*id, *rk, *v)).collect();
    let mut rest = &records[..];
    let cuts = sizes.iter().map_while(|size| {
        let (now, after) = rest.split_at((*size).min(rest.len()));
        rest = after;
        (!now.is_empty()).then_some(now)
    });
    let sum = run(opened.as_mut(), *mode, cuts);
    drop(opened);
    let mut expected: BTreeMap<i64, (Option<i64>, i64)> = BTreeMap::new();
    for (id, rk, v) in versions {
        let stays = expected.get(id).is_some_and(|(there, _)| rk < there);
        if !stays {
            expected.insert(*id, (*rk, *v));
        }
    }
    prop_assert_eq!(sum.new + sum.changed + sum.unchanged, expected.len() as u64);
    prop_assert_eq!(sum.repeated, (versions.len() - expected.len()) as u64);
    if *mode == Mode::Upsert {
        for (id, v) in before {
            expected.entry(*id).or_insert((Some(1), *v));
        }
    }
    let of = |table, columns: &[&str]| {
        let columns: Vec<String> = columns.iter().map(|name| (*name).to_owned()).collect();
        let mut rows = place.rows(table, &columns);
        rows.sort_by_key(|row| row[0].as_i64());
        rows
    };
    let found = of("t", &["id", "rk"]);
    let children = of("t__v", &["_sdc_source_key_id"]);
    let ids: Vec<i64> = found.iter().filter_map(|row| row[0].as_i64()).collect();
    prop_assert_eq!(ids, expected.keys().copied().collect::<Vec<_>>());
    for (row, (id, (rk, v))) in found.iter().zip(&expected) {
        // Of the rows before, the last of a key stands with its list; ties of those are not told apart here.
        if versions.iter().any(|(one, _, _)| one == id) {
            let count = children.iter().filter(|child| child[0] == row[0]).count();
            prop_assert_eq!((&row[1], count as i64), (&json!(rk), *v));
        }
    }
    prop_assert!(children.iter().all(|child| expected.contains_key(&child[0].as_i64().unwrap_or(-1))));
    Ok(())
}

fn run<'r>(destination: &mut dyn Destination, mode: Mode, batches: impl Iterator<Item = &'r [String]>) -> Written {
    let spec: Value = json!({"name": "t", "primary_key": ["id"], "key": "rk", "fields": {"id": "integer", "rk": "integer", "v": ["integer"]}});
    let mut normaliser = Normaliser::new(&stream::read(&spec)).expect("a stream");
    let opening = Opening { stream: "t", tables: normaliser.tables(), mode, version: None };
    destination.begin(&opening).expect("a load");
    let mut sum = Written::default();
    for (number, records) in batches.enumerate() {
        let mut batch = Batch::new();
        for record in records {
            normaliser.read(record, &[], &mut batch);
        }
        let received = jiff::Timestamp::UNIX_EPOCH;
        let delivery = Delivery { tables: normaliser.tables(), batch: &batch, records: &[], received };
        sum += destination.write("t", &delivery).expect("rows");
        // Some batches are committed alone, others together.
        if number % 3 != 0 {
            sum += destination.flush("t").expect("figures");
            let _ = destination.commit(&Default::default()).expect("a commit");
        }
    }
    sum += destination.flush("t").expect("figures");
    destination.finish("t", Completion::Complete).expect("an end");
    let _ = destination.commit(&Default::default()).expect("a commit");
    sum
}
