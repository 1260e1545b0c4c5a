//! The streams as a catalog of Singer, as a tap tells it with `--discover`.

use serde_json::{Map, Value, json};
use tapwright_spec::Connector;
use tapwright_spec::model::{Field, Replication, Stream};

use crate::record::record;

/// The catalog of a connector.
pub fn catalog(connector: &Connector) -> Value {
    let streams: Vec<Value> = connector.streams.iter().map(|stream| entry(connector, stream)).collect();
    json!({ "streams": streams })
}

fn entry(connector: &Connector, stream: &Stream) -> Value {
    let mut entry = json!({
        "tap_stream_id": stream.name,
        "stream": stream.name,
        "schema": record(stream),
        "key_properties": stream.primary_key,
        "replication_method": method(stream),
        "metadata": metadata(connector, stream),
    });
    if let (Some(key), Some(entry)) = (stream.own_key(), entry.as_object_mut()) {
        entry.insert("replication_key".to_owned(), json!(key));
    }
    entry
}

fn method(stream: &Stream) -> &'static str {
    match stream.replication {
        Replication::FullTable => "FULL_TABLE",
        Replication::Incremental(_) | Replication::Feed(_) => "INCREMENTAL",
    }
}

fn metadata(connector: &Connector, stream: &Stream) -> Vec<Value> {
    let mut own = Map::new();
    let inclusion = |may_be_left_out: bool| if may_be_left_out { "available" } else { "automatic" };
    own.insert("inclusion".to_owned(), json!(inclusion(connector.supports.table_selection)));
    own.insert("selected-by-default".to_owned(), json!(true));
    own.insert("table-key-properties".to_owned(), json!(stream.primary_key));
    own.insert("forced-replication-method".to_owned(), json!(method(stream)));
    if let Some(key) = stream.own_key() {
        own.insert("valid-replication-keys".to_owned(), json!([key]));
    }
    if let Some(parent) = stream.parents().first() {
        own.insert("parent-tap-stream-id".to_owned(), json!(parent));
    }
    // Rows are told apart by their keys, and a run goes on by the replication key: neither can be left out.
    let needed = |field: &Field| stream.primary_key.contains(&field.name) || stream.own_key() == Some(&field.name);
    let of_field = |field: &Field| {
        let may = connector.supports.column_selection && !needed(field);
        json!({
            "breadcrumb": ["properties", field.name],
            "metadata": {"inclusion": inclusion(may), "selected-by-default": true},
        })
    };
    let whole = json!({"breadcrumb": [], "metadata": own});
    std::iter::once(whole).chain(stream.fields.iter().map(of_field)).collect()
}
