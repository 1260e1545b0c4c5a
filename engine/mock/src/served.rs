//! What an API of made-up records answers with.

use serde_json::{Map, Value, json};
use tapwright_spec::model::{Next, Stream, Token};
use tapwright_sync::plan::Names;

use crate::document::{at, path_of, put};

/// A list: a stream, or what tells of streams.
pub(crate) struct Served {
    /// As the spec describes it.
    pub(crate) stream: Stream,
    /// For what it is asked.
    pub(crate) slices: Vec<Slice>,
    /// All its records.
    pub(crate) made: Vec<Made>,
}

/// For what a list is asked; of a batch each of its parents is one.
#[derive(Debug, Clone)]
pub(crate) struct Slice {
    /// What expressions read of it.
    pub(crate) names: Option<Names>,
    /// The list of the parent, and the number of its record there.
    pub(crate) parent: Option<(usize, usize)>,
}

/// One record.
pub(crate) struct Made {
    /// As the API gives it.
    pub(crate) raw: Value,
    /// The values of its fields, with those that the spec computes.
    pub(crate) fields: Map<String, Value>,
    /// The slice that it belongs to.
    pub(crate) slice: usize,
}

impl Served {
    /// A list that has no slices, with these records.
    pub(crate) fn plain(stream: Stream, records: Vec<Value>) -> Served {
        let alone = Slice { names: None, parent: None };
        let made = |(at, raw): (usize, Value)| {
            let fields = raw.as_object().cloned().unwrap_or_default();
            Made { raw: numbered(&stream, raw, at), fields, slice: 0 }
        };
        let made = records.into_iter().enumerate().map(made).collect();
        Served { made, slices: vec![alone], stream }
    }

    /// Whether several parents go into one request.
    pub(crate) fn is_batched(&self) -> bool {
        self.stream.for_each.as_ref().and_then(|each| each.parents()).is_some_and(|parents| parents.batch.is_some())
    }
}

/// A record with what leads on to the next page, and with the key under which it stands.
pub(crate) fn numbered(stream: &Stream, mut raw: Value, number: usize) -> Value {
    let cursor = match &stream.pagination.next {
        Next::Cursor { token: Token::Last(keys), .. } => Some(path_of(keys)),
        _ => None,
    };
    let key = stream.records.key.iter().map(|name| path_of(std::slice::from_ref(name)));
    for place in cursor.into_iter().chain(key) {
        if at(&mut raw, &place).is_none() {
            put(&mut raw, &place, json!(number + 1));
        }
    }
    raw
}
