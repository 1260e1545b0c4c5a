//! A page for programs: what it shows as JSON, and the JSON Schema of that, both of the one definition that templates
//! read.

use serde_json::{Map, Value, json};
use tapwright_spec::Connector;

use crate::context::{Record, Shape, Shown};
use crate::page::Page;

/// What is left out: what is drawn and stands in words elsewhere, where pages are, which is the site's, and what a
/// recording shows.
fn is_left_out(record: &str, field: &str) -> bool {
    match record {
        "Page" => ["relations", "flow", "here", "versions", "newest", "map", "files"].contains(&field),
        "Section" => ["page", "files", "price", "sample"].contains(&field),
        _ => false,
    }
}

/// Everything that the page of a connector says.
pub fn page_document(connector: &Connector) -> Value {
    // A page is made of texts, numbers, lists and names: all of that is JSON.
    let mut page = serde_json::to_value(Page::of(connector)).unwrap_or_default();
    if let Some(page) = page.as_object_mut() {
        page.retain(|name, _| !is_left_out("Page", name));
        let streams = page.get_mut("streams").and_then(Value::as_array_mut);
        for stream in streams.into_iter().flatten().filter_map(Value::as_object_mut) {
            stream.retain(|name, _| !is_left_out("Section", name));
        }
    }
    page
}

/// The JSON Schema (draft 2020-12) of [`page_document`].
pub fn page_schema() -> Value {
    let mut definitions = Map::new();
    let mut schema = match Page::shape() {
        Shape::Record(page) => record(&page, &mut definitions),
        _ => Map::new(),
    };
    schema.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
    schema.insert("title".to_owned(), json!("Page of a Tapwright connector"));
    schema.insert("$defs".to_owned(), Value::Object(definitions));
    Value::Object(schema)
}

fn record(record: &Record, definitions: &mut Map<String, Value>) -> Map<String, Value> {
    let fields = record.fields.iter().filter(|field| !is_left_out(record.name, field.name));
    let mut properties = Map::new();
    for field in fields {
        let mut schema = value(&(field.shape)(), definitions);
        schema.insert("description".to_owned(), json!(field.doc));
        properties.insert(field.name.to_owned(), Value::Object(schema));
    }
    let required: Vec<&String> = properties.keys().collect();
    let schema = json!({
        "description": record.doc,
        "type": "object",
        "required": required,
        "properties": properties,
        "additionalProperties": false,
    });
    into_members(schema)
}

fn value(shape: &Shape, definitions: &mut Map<String, Value>) -> Map<String, Value> {
    into_members(match shape {
        Shape::Text => json!({"type": "string"}),
        Shape::Number => json!({"type": "integer", "minimum": 0}),
        Shape::Flag => json!({"type": "boolean"}),
        Shape::Maybe(inner) => json!({"anyOf": [value(inner, definitions), {"type": "null"}]}),
        Shape::List(inner) => json!({"type": "array", "items": value(inner, definitions)}),
        Shape::Record(inner) => {
            if !definitions.contains_key(inner.name) {
                // A record may hold itself.
                definitions.insert(inner.name.to_owned(), Value::Null);
                let schema = record(inner, definitions);
                definitions.insert(inner.name.to_owned(), Value::Object(schema));
            }
            json!({"$ref": format!("#/$defs/{}", inner.name)})
        }
    })
}

fn into_members(schema: Value) -> Map<String, Value> {
    match schema {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}
