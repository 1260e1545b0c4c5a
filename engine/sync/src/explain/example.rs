//! Examples: a walk through an API that is made up, for a parent as it might be.

use serde_json::{Map, Value};
use tapwright_spec::Connector;
use tapwright_spec::model::{Field, FieldType, Stream};

use super::cost::{Cost, costs};
use super::{BOOKMARK, Requests};
use crate::extract::{ExtractError, Sample, Slice, Source};
use crate::plan::{Span, Step};

/// The requests of a stream, and what it costs.
pub(super) fn requests(
    connector: &Connector,
    source: &Source,
    stream: &Stream,
    step: &Step,
) -> (Result<Requests, ExtractError>, Vec<Cost>) {
    let parent = parent_of(connector, stream);
    let rehearse = |records, page| {
        let Span { since, until } = step.spans(stream).next().unwrap_or(Span { since: None, until: None });
        let slice = Slice { stream, since, until, parent: parent.clone() };
        source.rehearse(slice, Sample { records, page, first_key: BOOKMARK })
    };
    // Two pages are enough to see what follows the first.
    let size = stream.pagination.size.as_ref().map_or(1, |size| size.value);
    match rehearse(2 * size, size) {
        Ok(found) => {
            let requests = Requests { job: found.job, first: found.first, following: found.following };
            (Ok(requests), costs(connector, stream, rehearse))
        }
        Err(error) => (Err(error), Vec::new()),
    }
}

/// A parent's record as it might be: with the examples of the spec.
fn parent_of(connector: &Connector, stream: &Stream) -> Option<Map<String, Value>> {
    let each = stream.for_each.as_ref()?;
    let fields = connector.stream(&each.stream)?.fields.iter().filter(|field| each.reads.contains(&field.name));
    Some(fields.map(|field| (field.name.clone(), example_of(field))).collect())
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
