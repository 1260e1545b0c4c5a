//! Records that are merged onto rows, in the load mode `segment`, against a plain model of it: whatever they say in whatever
//! order, batches and runs.

use std::collections::BTreeMap;

use jiff::Timestamp;
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::{Just, ProptestConfig, Strategy, prop_assert_eq, prop_oneof, proptest};
use serde_json::{Map, Value, json};
use tapwright_sync::destination::{Completion, Delivery, Mode, Opening, Written};
use tapwright_sync::normalise::{Batch, Normaliser};
use tapwright_sync::state::{Draft, State};

use crate::place::{Place, SqliteFile};
use crate::stream;

/// The columns that fields declare.
const DECLARED: [&str; 5] = ["name", "count", "o_x", "o_deep_y", "tags"];

/// Keys that nobody declared, with single values.
const OPEN: [&str; 2] = ["more", "custom_kind"];

/// A row: values by column; of keys that nobody declared by key.
type Row = BTreeMap<String, Value>;

fn or_null(value: impl Strategy<Value = Value> + 'static) -> impl Strategy<Value = Value> {
    prop_oneof![1 => Just(Value::Null), 4 => value]
}

/// A record that says some of what it could.
fn record() -> impl Strategy<Value = Map<String, Value>> {
    let texts = || or_null("[a-c]".prop_map(Value::from));
    let numbers = || or_null((0..3_i64).prop_map(Value::from));
    let deep = or_null(option::of(texts()).prop_map(|y| said([("y", y)])));
    let object =
        or_null((option::of(numbers()), option::of(deep)).prop_map(|(x, deep)| said([("x", x), ("deep", deep)])));
    let tags = or_null(vec("[a-b]", 0..2).prop_map(|tags| json!(tags)));
    let open = || prop_oneof![texts(), numbers(), vec(0..2_i64, 0..2).prop_map(|list| json!(list))];
    let custom = or_null(btree_map("kind", open(), 0..2).prop_map(|custom| json!(custom)));
    let parts = (option::of(texts()), option::of(numbers()), option::of(object), option::of(tags));
    (1..4_i64, parts, option::of(open()), option::of(custom)).prop_map(
        |(id, (name, count, object, tags), more, custom)| {
            let all = [("id", Some(json!(id))), ("name", name), ("count", count), ("o", object), ("tags", tags)];
            let Value::Object(record) = said(all.into_iter().chain([("more", more), ("custom", custom)])) else {
                unreachable!("it is made as an object")
            };
            record
        },
    )
}

/// An object of what is said.
fn said<'n>(members: impl IntoIterator<Item = (&'n str, Option<Value>)>) -> Value {
    let said = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(said.collect())
}

/// What a record says of columns, and of keys that nobody declared.
fn told(prefix: &str, value: &Value, row: &mut Row) {
    let columns = DECLARED.iter().chain(&OPEN);
    let below = columns.filter(|column| **column == prefix || column.starts_with(&format!("{prefix}_")));
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| told(&format!("{prefix}_{name}"), value, row));
        }
        Value::Null => below.for_each(|column| drop(row.insert((*column).to_owned(), Value::Null))),
        value => drop(row.insert(prefix.to_owned(), value.clone())),
    }
}

/// A value as a column says it, whichever that is.
fn shown(value: &Value) -> Value {
    match value {
        Value::Null => Value::Null,
        Value::String(text) => text.clone().into(),
        other => other.to_string().into(),
    }
}

/// The rows of the table, of keys that nobody declared the one value that is there.
fn rows(place: &SqliteFile) -> BTreeMap<i64, Row> {
    let columns = place.columns("t");
    let of = |row: Vec<Value>| {
        let all: Row = columns.iter().cloned().zip(row).collect();
        let declared = DECLARED.iter().map(|name| ((*name).to_owned(), shown(&all[*name])));
        let open = OPEN.iter().map(|name| {
            let split = format!("{name}__");
            let cells = all.iter().filter(|(column, _)| *column == name || column.starts_with(&split));
            let mut values: Vec<Value> =
                cells.map(|(_, value)| shown(value)).filter(|value| !value.is_null()).collect();
            assert!(values.len() <= 1, "{name} is {values:?}");
            ((*name).to_owned(), values.pop().unwrap_or_default())
        });
        (all["id"].as_i64().expect("an id"), declared.chain(open).collect())
    };
    place.rows("t", &columns).into_iter().map(of).collect()
}

/// Loads the batches of a run.
fn load(place: &SqliteFile, batches: &[Vec<Map<String, Value>>]) -> Written {
    let spec = json!({"name": "t", "load_mode": "segment", "primary_key": ["id"], "unlisted": "add", "fields": {
        "id": "integer", "name": "string", "count": "integer", "tags": ["string"],
        "o": {"type": "object", "fields": {"x": "integer", "deep": {"type": "object", "fields": {"y": "string"}}}}}});
    let stream = stream::read(&spec);
    let mut normaliser = Normaliser::new(&stream).expect("a stream");
    let mut destination = place.open().expect("a database");
    let opening = Opening { stream: "t", tables: normaliser.tables(), mode: Mode::of(&stream), version: None };
    let existing = destination.begin(&opening).expect("a load");
    normaliser.adopt(&existing);
    let mut written = Written::default();
    for records in batches {
        let texts: Vec<String> = records.iter().map(|record| json!(record).to_string()).collect();
        let mut batch = Batch::new();
        texts.iter().for_each(|text| normaliser.read(text, &[], &mut batch));
        assert_eq!(batch.rejected(), &[]);
        let (tables, received) = (normaliser.tables(), Timestamp::UNIX_EPOCH);
        let delivery = Delivery { tables, batch: &batch, records: &[], received };
        written += destination.write("t", &delivery).expect("rows");
    }
    written += destination.flush("t").expect("figures");
    destination.finish("t", Completion::Complete).expect("an end");
    let (mut state, mut draft) = (State::default(), Draft::default());
    draft.change(&state, "t", |_| {});
    let receipt = destination.commit(&draft).expect("a commit");
    draft.settle(&mut state, &receipt);
    written
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn merged_rows_are_as_the_model_says(runs in vec(vec(vec(record(), 1..6), 1..4), 1..4)) {
        let place = SqliteFile::new();
        let mut model: BTreeMap<i64, Row> = BTreeMap::new();
        for batches in &runs {
            let before = model.clone();
            let mut came: BTreeMap<i64, u64> = BTreeMap::new();
            for record in batches.iter().flatten() {
                let id = record["id"].as_i64().expect("an id");
                let empty = || DECLARED.iter().chain(&OPEN).map(|name| ((*name).to_owned(), Value::Null)).collect();
                let row = model.entry(id).or_insert_with(empty);
                let mut says = Row::new();
                record.iter().filter(|(name, _)| *name != "id").for_each(|(name, value)| told(name, value, &mut says));
                row.extend(says.into_iter().map(|(name, value)| (name, shown(&value))));
                *came.entry(id).or_default() += 1;
            }
            let written = load(&place, batches);
            prop_assert_eq!(&rows(&place), &model);
            let new = came.keys().filter(|id| !before.contains_key(id)).count() as u64;
            let repeated = came.values().map(|times| times - 1).sum::<u64>();
            prop_assert_eq!((written.new, written.repeated), (new, repeated));
            prop_assert_eq!(written.changed + written.unchanged, came.len() as u64 - new);
            // Whatever came, coming again just so it changes nothing, if nothing else came after it.
            let last: Vec<_> = batches.iter().flatten().rev().take(1).cloned().collect();
            let again = load(&place, &[last]);
            prop_assert_eq!((again.new, again.changed, again.unchanged), (0, 0, 1));
        }
    }
}
