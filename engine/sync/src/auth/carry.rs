//! Puts a key where the API looks for it, and takes it away from there.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Map, Value};
use tapwright_spec::exact;
use tapwright_spec::model::{KeyPlace, Method};

use crate::http::Request;

/// What RFC 6265 allows in no cookie.
const NOT_IN_COOKIES: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b',').add(b';').add(b'\\');

pub(super) fn put(request: &mut Request, place: &KeyPlace, value: &str) {
    match place {
        KeyPlace::Header(name) => request.headers.set(name, value),
        KeyPlace::Query(name) => request.set_query(name, value),
        KeyPlace::Body(name) => put_in_body(request, name, value),
        KeyPlace::Cookie(name) => {
            let cookie = format!("{name}={}", cookie_value(value));
            let cookies = match request.headers.get("Cookie") {
                Some(others) => format!("{others}; {cookie}"),
                None => cookie,
            };
            request.headers.set("Cookie", &cookies);
        }
    }
}

/// A body goes to no stranger in the first place.
pub(super) fn take(request: &mut Request, place: &KeyPlace) {
    match place {
        KeyPlace::Header(name) => request.headers.remove(name),
        KeyPlace::Query(name) => request.remove_query(name),
        KeyPlace::Body(_) => {}
        KeyPlace::Cookie(_) => request.headers.remove("Cookie"),
    }
}

pub(super) fn cookie_value(value: &str) -> String {
    utf8_percent_encode(value, NOT_IN_COOKIES).to_string()
}

/// The check has seen to it that bodies are objects or forms; a redirect may have made a `GET` without one.
fn put_in_body(request: &mut Request, name: &str, value: &str) {
    if request.method != Method::Post {
        return;
    }
    if request.is_form() {
        return request.set_in_form(name, value);
    }
    let written = request.body.as_deref().and_then(|body| exact::read(std::str::from_utf8(body).ok()?).ok());
    let mut members = match written {
        Some(Value::Object(members)) => members,
        _ => Map::new(),
    };
    members.insert(name.to_owned(), value.into());
    request.body = Some(exact::write(&Value::Object(members)).into_bytes());
    if request.headers.get("Content-Type").is_none() {
        request.headers.add("Content-Type", "application/json");
    }
}
