//! JSON Schema of the records of a stream, nested as its fields are.

use serde_json::{Map, Value, json};
use tapwright_spec::model::{Field, FieldType, Stream, Unlisted};
use tapwright_sync::normalise::DELETED;

/// The schema of the records of `stream`, in the words that taps of Singer use.
pub(crate) fn record(stream: &Stream) -> Value {
    let bare = stream.deleted.as_ref().is_some_and(|deleted| deleted.tombstone);
    let property = |field: &Field| {
        let is_key = stream.primary_key.contains(&field.name);
        let mut schema = typed(&field.kind, is_key || field.required && !bare);
        describe(&mut schema, field.description.as_deref());
        (field.name.clone(), schema)
    };
    let mut properties: Map<String, Value> = stream.fields.iter().map(property).collect();
    if stream.deleted.is_some() {
        properties.insert(DELETED.to_owned(), typed(&FieldType::Timestamp, false));
    }
    json!({
        "type": "object",
        "properties": properties,
        "additionalProperties": stream.unlisted == Unlisted::Add,
    })
}

fn describe(schema: &mut Value, description: Option<&str>) {
    if let (Some(schema), Some(text)) = (schema.as_object_mut(), description) {
        schema.insert("description".to_owned(), json!(text));
    }
}

fn typed(kind: &FieldType, needed: bool) -> Value {
    let of = |word: &str| if needed { json!([word]) } else { json!(["null", word]) };
    match kind {
        FieldType::String => json!({"type": of("string")}),
        FieldType::Integer => json!({"type": of("integer")}),
        FieldType::Number => json!({"type": of("number")}),
        FieldType::Boolean => json!({"type": of("boolean")}),
        FieldType::Decimal => json!({"type": of("string"), "format": "singer.decimal"}),
        FieldType::Timestamp => json!({"type": of("string"), "format": "date-time"}),
        FieldType::Date => json!({"type": of("string"), "format": "date"}),
        FieldType::Time => json!({"type": of("string"), "format": "time"}),
        FieldType::Json => json!({}),
        FieldType::AsJson(kept) => typed(kept, needed),
        FieldType::List(element) => json!({"type": of("array"), "items": typed(element, false)}),
        // Names with values are an object whose keys nobody knows beforehand.
        FieldType::Object(None) | FieldType::Pairs(_) => json!({"type": of("object"), "additionalProperties": true}),
        FieldType::Object(Some(members)) => {
            let member = |member: &tapwright_spec::model::Member| {
                let mut schema = typed(&member.kind, false);
                describe(&mut schema, member.description.as_deref());
                (member.name.clone(), schema)
            };
            json!({"type": of("object"), "properties": members.iter().map(member).collect::<Map<_, _>>()})
        }
    }
}
