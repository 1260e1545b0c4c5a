//! An exchange as it may be written: without secrets, then without personal values.

use serde_json::Value;
use tapwright_spec::Source;
use tapwright_spec::model::KeyPlace;
use url::Url;

use super::capture::Taken;
use super::personal::Personal;
use super::secrets::{HIDDEN, Secrets};
use super::stand_in::StandIns;
use crate::extract::text_of;
use crate::http::{Headers, Request, Response, TransportFault, escape, inflate};

/// Headers of answers that are kept, beside those that the spec speaks of.
const KEPT: [&str; 5] = ["Content-Type", "Link", "Location", "Retry-After", "Set-Cookie"];
/// Headers of answers that say nothing of paging and limits, though a spec may have the word.
const NOISE: [&str; 14] = [
    "Age",
    "Cache-Control",
    "Connection",
    "Content-Encoding",
    "Content-Length",
    "Date",
    "ETag",
    "Expires",
    "Keep-Alive",
    "Server",
    "Status",
    "Transfer-Encoding",
    "Vary",
    "Via",
];
/// The most that a body may be after decompression.
const LARGEST: u64 = 256 << 20;
/// Headers that every request has, or that credentials are in.
const USUAL: [&str; 7] =
    ["Accept", "Accept-Encoding", "Authorization", "Content-Length", "Content-Type", "Cookie", "User-Agent"];

/// An exchange that may be written.
pub(super) struct Hidden {
    /// Method and URL, without the origin that is at home.
    pub(super) request: String,
    /// Headers that tell requests apart.
    pub(super) sent: Vec<(String, String)>,
    /// Body of the request.
    pub(super) sent_body: Option<Value>,
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
    /// `cut`, `stall` or `refuse`.
    pub(super) fault: Option<&'static str>,
    /// Whether it brought tokens.
    pub(super) is_of_tokens: bool,
}

impl Hidden {
    /// # Errors
    /// An answer that is no text, in which nothing could be hidden.
    pub(super) fn of(
        taken: &Taken,
        secrets: &Secrets<'_>,
        home: Option<&str>,
        spec: &Source,
        bookmarks: &[String],
    ) -> Result<Hidden, String> {
        let mut request = taken.request.clone();
        without_keys(&mut request, secrets);
        let shown = secrets.without(&request.to_string());
        let asks_for_tokens = taken.request.body.as_deref().is_some_and(|body| text(body).contains("grant_type"));
        let mut hidden = Hidden {
            request: home.map_or_else(|| shown.clone(), |home| shown.replacen(home, "", 1)),
            sent: spoken_of(&request.headers, spec, &USUAL, secrets),
            sent_body: sent_body(&request, secrets),
            status: 200,
            headers: Vec::new(),
            body: String::new(),
            fault: None,
            is_of_tokens: asks_for_tokens,
        };
        match &taken.came {
            None => hidden.fault = Some("stall"),
            Some(Err(TransportFault::Cut(_))) => hidden.fault = Some("cut"),
            Some(Err(_)) => hidden.fault = Some("refuse"),
            Some(Ok(response)) => {
                let body = body(response).map_err(|why| format!("{}: {why}", hidden.request))?;
                hidden.status = response.status;
                hidden.headers = answered(&response.headers, spec, bookmarks, secrets);
                hidden.body = if asks_for_tokens { secrets.tokens_hidden(&body) } else { secrets.without(&body) };
            }
        }
        Ok(hidden)
    }

    /// Puts stand-ins in the place of personal values.
    pub(super) fn replace(&mut self, personal: &Personal, stand_ins: &mut StandIns) {
        self.body = personal.replace(&self.body, stand_ins);
        self.request = in_request(&self.request, stand_ins);
        for (_, value) in self.headers.iter_mut().chain(&mut self.sent) {
            *value = stand_ins.within(value);
        }
        if let Some(body) = &mut self.sent_body {
            let new = personal.replace(&body.to_string(), stand_ins);
            *body = serde_json::from_str(&new).unwrap_or_default();
        }
    }
}

/// Empties the answer to the request that proves the credentials, the one at `check`: it often tells of the person whose
/// they are, and nothing of it is read.
pub(super) fn without_owner(exchanges: &mut [Hidden], check: Option<usize>) {
    let Some(at) = check.filter(|at| !exchanges[*at].is_of_tokens) else { return };
    let request = &exchanges[at].request;
    let is_only = exchanges.iter().filter(|exchange| exchange.request == *request).count() == 1;
    if is_only && serde_json::from_str::<Value>(&exchanges[at].body).is_ok() {
        exchanges[at].body = "{}".to_owned();
    }
}

/// The request without what credentials and hooks put into it; a key in the query may be any.
fn without_keys(request: &mut Request, secrets: &Secrets<'_>) {
    let signed = std::mem::take(&mut request.signed);
    for place in secrets.places.iter().chain(&signed) {
        match place {
            KeyPlace::Query(name) if request.url.query_pairs().any(|(known, _)| known == *name) => {
                request.remove_query(name);
                let query = request.url.query().map_or_else(String::new, |query| format!("{query}&"));
                request.url.set_query(Some(&format!("{query}{name}={HIDDEN}")));
            }
            KeyPlace::Header(name) => request.headers.remove(name),
            KeyPlace::Body(name) => {
                if let Some(Ok(Value::Object(mut body))) = request.body.as_deref().map(serde_json::from_slice) {
                    body.remove(name);
                    request.body = Some(Value::Object(body).to_string().into_bytes());
                }
            }
            _ => {}
        }
    }
}

/// The body of a request, as a recording tells it apart from others; none if it holds what only this run knew.
fn sent_body(request: &Request, secrets: &Secrets<'_>) -> Option<Value> {
    let body = secrets.without(&text(request.body.as_deref()?));
    let in_body = secrets.places.iter().any(|place| matches!(place, KeyPlace::Body(_)));
    (!in_body && !body.contains(HIDDEN)).then(|| serde_json::from_str(&body).unwrap_or_else(|_| body.into()))
}

fn answered(headers: &Headers, spec: &Source, bookmarks: &[String], secrets: &Secrets<'_>) -> Vec<(String, String)> {
    let wanted = || KEPT.into_iter().chain(bookmarks.iter().map(String::as_str));
    let kept = headers.iter().filter(|(name, _)| wanted().any(|kept| kept.eq_ignore_ascii_case(name)));
    let cookie = |value: &str| {
        let (name, rest) = value.split_once('=').unwrap_or((value, ""));
        let attributes = rest.split_once(';').map_or(String::new(), |(_, attributes)| format!(";{attributes}"));
        format!("{name}={HIDDEN}{attributes}")
    };
    let mut all: Vec<(String, String)> = kept
        .map(|(name, value)| {
            let value = match name.to_ascii_lowercase().as_str() {
                "set-cookie" => cookie(value),
                // A recording is UTF-8, whatever the answer was.
                "content-type" => value.split(';').next().unwrap_or_default().to_owned(),
                _ => secrets.without(value),
            };
            (name.to_owned(), value)
        })
        .collect();
    all.extend(spoken_of(headers, spec, &wanted().chain(NOISE).collect::<Vec<_>>(), secrets));
    all
}

/// The headers, but for some, whose names stand in the spec.
fn spoken_of(headers: &Headers, spec: &Source, but: &[&str], secrets: &Secrets<'_>) -> Vec<(String, String)> {
    let spec = spec.text().to_lowercase();
    let wanted =
        |name: &str| !but.iter().any(|one| one.eq_ignore_ascii_case(name)) && spec.contains(&name.to_lowercase());
    let named = headers.iter().filter(|(name, _)| wanted(name));
    named.map(|(name, value)| (name.to_owned(), secrets.without(value))).collect()
}

/// A body out of its compression, as a text.
fn body(response: &Response) -> Result<String, String> {
    let encodings = response.headers.get("Content-Encoding");
    let broken = "its body cannot be decompressed, so that nothing can be hidden in it";
    let bytes = inflate(response.body.clone(), encodings, LARGEST).map_err(|_| broken)?;
    text_of(bytes, &response.headers).map_err(|why| format!("{why}, so that nothing can be hidden in it"))
}

fn text(body: &[u8]) -> String {
    String::from_utf8_lossy(body).into_owned()
}

/// A request with stand-ins in its path and in its query, each written as a request writes it.
fn in_request(request: &str, stand_ins: &StandIns) -> String {
    let Some((method, target)) = request.split_once(' ') else { return request.to_owned() };
    let absolute = target.contains("://");
    let base = if absolute { "" } else { "http://recorded.invalid" };
    let Ok(url) = format!("{base}{target}").parse::<Url>() else { return request.to_owned() };
    let mut changed = Request::get(url.clone());
    let segments: Vec<String> = url.path().split('/').map(|segment| in_segment(segment, stand_ins)).collect();
    changed.url.set_path(&segments.join("/"));
    if url.query().is_some() {
        changed.url.set_query(None);
        for (name, value) in url.query_pairs() {
            let new = stand_ins.whole(&value, true).map_or_else(|| stand_ins.within(&value), str::to_owned);
            changed.add_query(&name, &new);
        }
    }
    let shown = changed.url.as_str();
    format!("{method} {}", shown.strip_prefix(base).unwrap_or(shown)).replace("%2A%2A%2A", HIDDEN)
}

fn in_segment(segment: &str, stand_ins: &StandIns) -> String {
    let decoded = percent_encoding::percent_decode_str(segment).decode_utf8_lossy();
    let (stem, ending) = decoded.rsplit_once('.').map_or((&*decoded, ""), |(stem, _)| (stem, &decoded[stem.len()..]));
    let new = match (stand_ins.whole(&decoded, true), stand_ins.whole(stem, true)) {
        (Some(whole), _) => whole.to_owned(),
        (None, Some(stem)) => format!("{stem}{ending}"),
        (None, None) => stand_ins.within(&decoded),
    };
    if new == decoded {
        return segment.to_owned();
    }
    escape(&Value::from(new)).as_str().unwrap_or_default().to_owned()
}
