//! How an answer leaves: headers of its server generation, entity tag, compression.

use std::io::Write;

use axum::body::Body;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, SERVER, VARY,
};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode};
use flate2::Compression;
use flate2::write::GzEncoder;
use sha1::{Digest, Sha1};

use crate::answer::{Answer, Tag};
use crate::budget::Left;
use crate::json::Generation;

const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");
/// Below this nothing is gained.
const SMALLEST_COMPRESSED: usize = 256;

/// Builds the response. `request` numbers it, for `X-Request-Id`.
pub(crate) fn response(answer: Answer, asked: &HeaderMap, left: Left, request: u64) -> Response<Body> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, JSON);
    rate_headers(&mut headers, left);
    let wants_gzip = (asked.get_all(ACCEPT_ENCODING).iter())
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|coding| {
            let mut parts = coding.split(';').map(str::trim);
            parts.next() == Some("gzip") && parts.next() != Some("q=0")
        });
    let is_compressed = wants_gzip && answer.body.len() >= SMALLEST_COMPRESSED;
    generation_headers(&mut headers, &answer, request, is_compressed);
    let Some(tag) = entity_tag(&answer) else {
        return finish(answer.status, headers, answer.body, is_compressed);
    };
    // Recorded: strong when sent plain, weak when compressed on the way.
    let written = if is_compressed { format!("W/\"{tag}\"") } else { format!("\"{tag}\"") };
    insert(&mut headers, ETAG, &written);
    if matches!(answer.tag, Tag::Timestamp(_)) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache, private"));
    }
    if is_known(asked, &tag) {
        headers.remove(CONTENT_TYPE);
        insert(&mut headers, "status", "304 Not Modified");
        return finish(304, headers, Vec::new(), false);
    }
    finish(answer.status, headers, answer.body, is_compressed)
}

/// The refusal of a request too many: plain text, not JSON.
pub(crate) fn too_many(left: Left) -> Response<Body> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    rate_headers(&mut headers, left);
    finish(429, headers, b"Too Many Requests".to_vec(), false)
}

fn rate_headers(headers: &mut HeaderMap, left: Left) {
    headers.insert("x-rate-limit-limit", left.limit.into());
    headers.insert("x-rate-limit-remaining", left.remaining.into());
    headers.insert("x-rate-limit-reset", left.reset.into());
}

fn generation_headers(headers: &mut HeaderMap, answer: &Answer, request: u64, is_compressed: bool) {
    match answer.generation {
        Generation::A => {
            let vary = if is_compressed { "Accept-Encoding, X-AppVersion" } else { "X-AppVersion" };
            let reason = StatusCode::from_u16(answer.status).ok().and_then(|status| status.canonical_reason());
            let status = format!("{} {}", answer.status, reason.unwrap_or_default());
            insert(headers, VARY, vary);
            insert(headers, CACHE_CONTROL, "must-revalidate, private, max-age=0");
            insert(headers, "status", &status);
            insert(headers, "x-appversion", "15.99");
            insert(headers, "x-frame-options", "SAMEORIGIN");
            insert(headers, "x-request-id", &format!("{request:032x}"));
        }
        Generation::B => {
            insert(headers, SERVER, "nginx");
            insert(headers, VARY, "Accept-Encoding");
            insert(headers, "x-api-version", "5d1f4f0a9c3be8276e40a1d25b7c9e3f60812a4d");
        }
    }
}

fn insert(headers: &mut HeaderMap, name: impl axum::http::header::IntoHeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn entity_tag(answer: &Answer) -> Option<String> {
    match answer.tag {
        Tag::None => None,
        Tag::OfBody => {
            let digest = Sha1::digest(&answer.body);
            Some(digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect())
        }
        Tag::Timestamp(second) => Some(second.to_string()),
        Tag::Careless => Some("7215ee9c7d9dc229d2921a40e899ec5f".into()),
    }
}

fn is_known(asked: &HeaderMap, tag: &str) -> bool {
    (asked.get_all(IF_NONE_MATCH).iter())
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|known| known.trim().trim_start_matches("W/").trim_matches('"'))
        .any(|known| known == tag || known == "*")
}

fn finish(status: u16, mut headers: HeaderMap, body: Vec<u8>, compress: bool) -> Response<Body> {
    let body = if compress {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        compressed(&body)
    } else {
        body
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    *response.headers_mut() = headers;
    response
}

fn compressed(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::fast());
    encoder.write_all(body).and_then(|()| encoder.finish()).expect("memory can be written to")
}
