//! Of records that tell a part of their row, each is merged in its order, unless its replication key is smaller than the
//! row's: however the load is cut into batches and commits, in every destination that merges.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{ProptestConfig, Strategy, TestCaseError, prop_assert_eq};
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value, json};
use tapwright_sync::destination::{Completion, Delivery, Destination, Mode, Opening, Written};
use tapwright_sync::normalise::{Batch, Normaliser};

use crate::place::{Place, SqliteFile};
use crate::stream;

/// The columns beside the key, the replication key first.
const COLUMNS: [&str; 4] = ["rk", "a", "j", "l"];

/// What a record tells of each of them, if it does.
type Told = [Option<Value>; 4];

/// Versions of a run by their keys, and after how many of them a batch ends.
type Runs = Vec<(Vec<(i64, Told)>, Vec<usize>)>;

/// A value, null, or nothing at all.
fn maybe(value: impl Strategy<Value = i64> + Clone + 'static) -> impl Strategy<Value = Option<Option<i64>>> {
    option::weighted(0.7, option::weighted(0.8, value))
}

fn versions() -> impl Strategy<Value = Vec<(i64, Told)>> {
    let told = (maybe(0..4_i64), maybe(0..2_i64), maybe(0..2_i64), maybe(0..2_i64));
    let told = told.prop_map(|(rk, a, j, l)| {
        let number = |value: Option<Option<i64>>| value.map(|value| json!(value));
        let object = |value: Option<i64>| value.map_or(Value::Null, |value| json!({"v": value}));
        let list = |value: Option<i64>| value.map_or(Value::Null, |value| json!([value]));
        [number(rk), number(a), j.map(object), l.map(list)]
    });
    vec((0..3_i64, told), 1..14)
}

#[test]
fn parts_are_merged_in_their_order_in_sqlite() {
    merged_in_their_order(60, &|| Box::new(SqliteFile::new()));
}

/// Tries so many runs, each in a new place.
pub(crate) fn merged_in_their_order(cases: u32, fresh: &dyn Fn() -> Box<dyn Place>) {
    let mut runner = TestRunner::new(ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() });
    let runs = vec((versions(), vec(1..6_usize, 14)), 1..4);
    let result = runner.run(&runs, |runs| holds(&runs, fresh().as_ref()));
    assert!(result.is_ok(), "{result:?}");
}

fn holds(runs: &Runs, place: &dyn Place) -> Result<(), TestCaseError> {
    let mut model: BTreeMap<i64, [Value; 4]> = BTreeMap::new();
    for (versions, sizes) in runs {
        let before = model.clone();
        let mut came = Vec::new();
        for (id, told) in versions {
            let row = model.entry(*id).or_default();
            let key = |value: &Value| value.as_i64();
            let older = told[0].as_ref().and_then(key).zip(key(&row[0])).is_some_and(|(ours, theirs)| ours < theirs);
            if !(older && came.contains(id)) {
                let told = row.iter_mut().zip(told).filter_map(|(there, told)| Some((there, told.as_ref()?)));
                told.for_each(|(there, told)| there.clone_from(told));
            }
            came.push(*id);
        }
        let sum = run(place, versions, sizes);
        came.sort_unstable();
        came.dedup();
        let new = came.iter().filter(|id| !before.contains_key(id)).count() as u64;
        prop_assert_eq!((sum.new, sum.repeated), (new, (versions.len() - came.len()) as u64));
        prop_assert_eq!(sum.changed + sum.unchanged, came.len() as u64 - new);
        let names: Vec<String> = ["id"].iter().chain(&COLUMNS).map(|name| (*name).to_owned()).collect();
        let found = place.rows("t", &names).into_iter().map(|row| (row[0].as_i64().unwrap_or(-1), row[1..].to_vec()));
        let found: BTreeMap<i64, Vec<Value>> = found.collect();
        let shown = |value: &Value| match value {
            Value::Object(_) | Value::Array(_) => json!(value.to_string()),
            other => other.clone(),
        };
        let expected = model.iter().map(|(id, row)| (*id, row.iter().map(shown).collect::<Vec<Value>>()));
        prop_assert_eq!(found, expected.collect::<BTreeMap<_, _>>());
    }
    Ok(())
}

/// One run; some batches are committed alone, others together.
fn run(place: &dyn Place, versions: &[(i64, Told)], sizes: &[usize]) -> Written {
    let spec = json!({"name": "t", "load_mode": "segment", "primary_key": ["id"], "key": "rk",
        "fields": {"id": "integer", "rk": "integer", "a": "integer", "j": "json", "l": ["integer"]}});
    let mut normaliser = Normaliser::new(&stream::read(&spec)).expect("a stream");
    let text = |(id, told): &(i64, Told)| {
        let told = COLUMNS.iter().zip(told).filter_map(|(name, told)| Some(((*name).to_owned(), told.clone()?)));
        json!(told.chain([("id".to_owned(), json!(id))]).collect::<Map<_, _>>()).to_string()
    };
    let records: Vec<String> = versions.iter().map(text).collect();
    let mut opened = place.open().expect("a destination");
    let destination: &mut dyn Destination = opened.as_mut();
    let opening = Opening { stream: "t", tables: normaliser.tables(), mode: Mode::Upsert, version: None };
    destination.begin(&opening).expect("a load");
    let (mut sum, mut rest) = (Written::default(), &records[..]);
    for (number, size) in sizes.iter().enumerate() {
        let (now, after) = rest.split_at((*size).min(rest.len()));
        rest = after;
        let mut batch = Batch::new();
        now.iter().for_each(|record| normaliser.read(record, &[], &mut batch));
        assert_eq!(batch.rejected(), &[]);
        let (tables, received) = (normaliser.tables(), jiff::Timestamp::UNIX_EPOCH);
        sum += destination.write("t", &Delivery { tables, batch: &batch, records: &[], received }).expect("rows");
        if number % 3 == 0 {
            sum += destination.flush("t").expect("figures");
            let _ = destination.commit(&Default::default()).expect("a commit");
        }
    }
    sum += destination.flush("t").expect("figures");
    destination.finish("t", Completion::Complete).expect("an end");
    let _ = destination.commit(&Default::default()).expect("a commit");
    sum
}
