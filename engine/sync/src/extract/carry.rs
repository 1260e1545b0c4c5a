//! Puts what the pagination gives into a request.

use serde_json::{Map, Value};
use tapwright_spec::exact;
use tapwright_spec::model::Carrier;

use crate::http::Request;
use crate::paginate::Carried;

/// Puts each value to its place; what stood there before is gone.
pub(super) fn carry(request: &mut Request, values: &[Carried]) {
    for one in values {
        match &one.carrier {
            Carrier::Query(name) => request.set_query(name, &one.text()),
            Carrier::Header(name) => request.headers.set(name, &one.text()),
            Carrier::Form(name) => request.set_in_form(name, &one.text()),
            Carrier::Body(keys) => set_in_body(request, keys, one.value.clone()),
            // The walk makes the request anew for another path.
            Carrier::Path(_) => {}
        }
    }
}

fn set_in_body(request: &mut Request, keys: &[String], value: Value) {
    // What is there was written by us, from a spec whose check says that objects lead to the place.
    let body = request.body.as_deref().and_then(|body| exact::read(std::str::from_utf8(body).ok()?).ok());
    let mut body: Value = body.unwrap_or_else(|| Map::new().into());
    set_within(&mut body, keys, value);
    if request.headers.get("Content-Type").is_none() {
        request.headers.add("Content-Type", "application/json");
    }
    request.body = Some(exact::write(&body).into_bytes());
}

fn set_within(tree: &mut Value, keys: &[String], value: Value) {
    let Some((first, rest)) = keys.split_first() else {
        *tree = value;
        return;
    };
    if !tree.is_object() {
        *tree = Map::new().into();
    }
    if let Value::Object(members) = tree {
        set_within(members.entry(first.clone()).or_insert(Value::Null), rest, value);
    }
}
