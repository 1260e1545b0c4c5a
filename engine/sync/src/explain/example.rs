//! Examples: a walk through an API that is made up, for a parent as it might be.

use std::sync::Arc;

use serde_json::{Map, Value};
use tapwright_spec::Connector;
use tapwright_spec::model::{Field, FieldType, Stream};

use super::cost::{Cost, costs};
use super::{BOOKMARK, Decides, Requests};
use crate::extract::{ExtractError, Sample, Slice, Source, marked};
use crate::plan::{Occasion, Occasions, Span, Step, Values};

/// The requests of a stream, and what each of `amounts` of its records costs.
pub(super) fn requests(
    connector: &Connector,
    source: &Source,
    (stream, config): (&Stream, &Map<String, Value>),
    step: &Step,
    amounts: &[u64],
) -> (Result<Requests, ExtractError>, Vec<Cost>) {
    let occasions = occasions(connector, stream, config);
    let names = occasions.first().map(|occasion| Arc::clone(&occasion.names));
    let rehearse = |records, page| {
        let Span { since, until } = step.spans(stream, &[]).next().unwrap_or(Span { since: None, until: None });
        let slice = Slice { stream, since, until, names: names.clone() };
        source.rehearse(slice, Sample { records, page, first_key: BOOKMARK })
    };
    // Two pages are enough to see what follows the first.
    let size = stream.pagination.size.as_ref().map_or(1, |size| size.value);
    match rehearse(2 * size, size) {
        Ok(found) => {
            let requests = Requests { job: found.job, first: found.first, following: found.following };
            let known = Decides::of(stream).is_none();
            let costs = known.then(|| costs(connector, (stream, occasions.len() as u64), amounts, rehearse));
            (Ok(requests), costs.unwrap_or_default())
        }
        Err(error) => (Err(error), Vec::new()),
    }
}

/// What it is fetched for: of one record, or one batch, as it might be, with the examples of the spec.
fn occasions(connector: &Connector, stream: &Stream, config: &Map<String, Value>) -> Vec<Occasion> {
    let Some(for_each) = &stream.for_each else { return Vec::new() };
    let cut = for_each.hook().map(|(_, names)| names.iter().map(|name| (name.clone(), marked(name))).collect());
    let made = Values { config, now: BOOKMARK, cut: &Vec::from_iter(cut) };
    // The example is one of those that count, whatever its values.
    let mut occasions = Occasions::of(stream, &for_each.of_all(), made);
    let Some(parents) = for_each.parents() else { return occasions.alone() };
    let Some(parent) = parents.streams.first().and_then(|name| connector.stream(name)) else { return Vec::new() };
    let fields = || parent.fields.iter().filter(|field| parents.reads.contains(&field.name));
    // Two are enough to see how the records of a batch are written.
    for number in 0..parents.batch.map_or(1, |batch| batch.min(2)) {
        let record = fields().map(|field| (field.name.clone(), nth(example_of(field), number))).collect();
        let Ok(made) = occasions.parent(parent, record) else { return Vec::new() };
        if !made.is_empty() {
            return made;
        }
    }
    occasions.rest()
}

/// The value of another record.
fn nth(value: Value, number: usize) -> Value {
    match value.as_i64().zip(i64::try_from(number).ok()) {
        Some((first, number)) => first.saturating_add(number).into(),
        None => value,
    }
}

fn example_of(field: &Field) -> Value {
    let text = field.example.as_deref().or(field.values.first().map(String::as_str));
    match field.kind {
        FieldType::Integer => text.and_then(|text| text.parse::<i64>().ok()).unwrap_or(1).into(),
        FieldType::Number => text.and_then(|text| text.parse::<f64>().ok()).unwrap_or(1.5).into(),
        FieldType::Boolean => (text != Some("false")).into(),
        FieldType::Timestamp => text.map_or_else(|| field.format.write(BOOKMARK), str::to_owned).into(),
        _ => text.unwrap_or("example").into(),
    }
}
