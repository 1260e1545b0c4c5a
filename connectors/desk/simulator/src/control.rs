//! The simulator's own endpoint, for tests that run the program. It is no part of Desk.
//!
//! - `POST /_simulator/edit?cases=5&new_cases=2&deleted_users=1` changes the site and tells what.
//! - `GET /_simulator/dump` gives the present truth.
//! - `GET /_simulator/requests` tells what was asked; `DELETE` counts from nought again.

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, Method, Response, StatusCode};
use serde::Serialize;

use crate::query::Query;
use crate::requests::Requests;
use crate::server::Desk;
use crate::site::Edit;

/// Where it begins.
pub(crate) const PREFIX: &str = "/_simulator/";

pub(crate) fn respond(desk: &Desk, method: &Method, command: &str, query: Option<&str>) -> Response<Body> {
    match (method.as_str(), command) {
        ("POST", "edit") => match edit(query.unwrap_or_default()) {
            Ok(edit) => said(&desk.site_mut().edit(&edit)),
            Err(unknown) => reply(StatusCode::BAD_REQUEST, unknown.into_bytes()),
        },
        ("GET", "dump") => {
            let mut body = Vec::new();
            match desk.site().write_dump(&mut body) {
                Ok(()) => reply(StatusCode::OK, body),
                Err(error) => reply(StatusCode::INTERNAL_SERVER_ERROR, error.to_string().into_bytes()),
            }
        }
        ("GET", "requests") => said(&desk.state().requests),
        ("DELETE", "requests") => {
            desk.state().requests = Requests::default();
            reply(StatusCode::NO_CONTENT, Vec::new())
        }
        _ => reply(StatusCode::NOT_FOUND, b"no such command".to_vec()),
    }
}

fn edit(query: &str) -> Result<Edit, String> {
    let mut edit = Edit::default();
    for param in Query::parse(query).0 {
        let count = param.value.parse();
        let count = count.map_err(|_| format!("`{}` is no count", param.value))?;
        *match param.name.as_str() {
            "cases" => &mut edit.cases,
            "new_cases" => &mut edit.new_cases,
            "customers" => &mut edit.customers,
            "companies" => &mut edit.companies,
            "articles" => &mut edit.articles,
            "renamed_fields" => &mut edit.renamed_fields,
            "deleted_cases" => &mut edit.deleted_cases,
            "deleted_users" => &mut edit.deleted_users,
            unknown => return Err(format!("`{unknown}` cannot be edited")),
        } = count;
    }
    Ok(edit)
}

fn said<T: Serialize>(what: &T) -> Response<Body> {
    match serde_json::to_vec(what) {
        Ok(body) => reply(StatusCode::OK, body),
        Err(error) => reply(StatusCode::INTERNAL_SERVER_ERROR, error.to_string().into_bytes()),
    }
}

fn reply(status: StatusCode, body: Vec<u8>) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let kind = match status {
        StatusCode::OK => "application/json; charset=utf-8",
        _ => "text/plain; charset=utf-8",
    };
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
