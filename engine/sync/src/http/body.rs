//! What of a described request is computed into values: parameters, and the body.

use serde_json::{Map, Value};
use tapwright_spec::exact;
use tapwright_spec::expression::{Scope, Template};
use tapwright_spec::model::{Body, GraphQl, JsonTemplate, Request as Described};

use super::Request;
use super::prepare::PrepareFault;

/// What is sent for a template; `None` where it has no value.
pub(super) fn sent(template: &Template, scope: &Scope, place: &str) -> Result<Option<Value>, PrepareFault> {
    template.sent(scope).map_err(|fault| PrepareFault::Expression(place.to_owned(), fault))
}

/// A value as a text: what is no text is written as JSON.
pub(super) fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => exact::write(other),
    }
}

/// The values of a parameter, one for each time that its name is sent.
pub(super) fn texts(tree: &JsonTemplate, scope: &Scope, place: &str) -> Result<Vec<String>, PrepareFault> {
    Ok(match json(tree, scope, place)? {
        None => Vec::new(),
        Some(Value::Array(items)) => items.iter().map(text_of).collect(),
        Some(one) => vec![text_of(&one)],
    })
}

/// Gives the request its body.
pub(super) fn add_body(request: &mut Request, described: &Described, scope: &Scope) -> Result<(), PrepareFault> {
    match &described.body {
        None => {}
        Some(Body::Json(tree)) => {
            if let Some(value) = json(tree, scope, "body")? {
                add_json(request, &value);
            }
        }
        Some(Body::GraphQl(query)) => add_json(request, &graphql(query, scope)?),
        Some(Body::Form(fields)) => {
            let mut pairs = Vec::new();
            for field in fields {
                for value in texts(&field.value, scope, &format!("form.{}", field.name))? {
                    pairs.push((field.name.clone(), value));
                }
            }
            request.set_form(&pairs);
        }
        Some(Body::Text(template)) => {
            let text = template.text(scope).map_err(|fault| PrepareFault::Expression("text".to_owned(), fault))?;
            says(request, "text/plain; charset=utf-8");
            request.body = Some(text.into_bytes());
        }
    }
    Ok(())
}

fn add_json(request: &mut Request, value: &Value) {
    says(request, "application/json");
    request.body = Some(exact::write(value).into_bytes());
}

/// Says what the body is, where the spec does not.
fn says(request: &mut Request, kind: &str) {
    if request.headers.get("Content-Type").is_none() {
        request.headers.add("Content-Type", kind);
    }
}

fn graphql(described: &GraphQl, scope: &Scope) -> Result<Value, PrepareFault> {
    let mut body = Map::new();
    let query = described.query.text(scope);
    let query = query.map_err(|fault| PrepareFault::Expression("graphql.query".to_owned(), fault))?;
    body.insert("query".to_owned(), query.into());
    if let Some(variables) = &described.variables {
        body.extend(json(variables, scope, "graphql.variables")?.map(|value| ("variables".to_owned(), value)));
    }
    if let Some(operation) = &described.operation {
        body.extend(sent(operation, scope, "graphql.operation")?.map(|name| ("operationName".to_owned(), name)));
    }
    Ok(body.into())
}

/// The value of a tree; members and elements without a value are left out.
pub(crate) fn json(tree: &JsonTemplate, scope: &Scope, place: &str) -> Result<Option<Value>, PrepareFault> {
    Ok(match tree {
        JsonTemplate::Fixed(value) => Some(value.clone()),
        JsonTemplate::Text(template) => sent(template, scope, place)?,
        JsonTemplate::List(items) => {
            let mut list = Vec::new();
            for item in items {
                list.extend(json(item, scope, place)?);
            }
            Some(list.into())
        }
        JsonTemplate::Object(members) => {
            let mut object = Map::new();
            for (name, member) in members {
                object.extend(json(member, scope, place)?.map(|value| (name.clone(), value)));
            }
            Some(object.into())
        }
    })
}
