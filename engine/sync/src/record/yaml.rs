//! A recording as a text that reads well: a line for each record, quotes where YAML needs them.

use std::fmt::Write;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::exchange::Hidden;
use super::personal::Personal;

/// What stands above the exchanges.
pub(super) struct Head<'h> {
    pub(super) config: &'h Map<String, Value>,
    pub(super) now: Timestamp,
    pub(super) streams: &'h [String],
    pub(super) start: Option<&'h str>,
    pub(super) pages: Option<u64>,
}

pub(super) fn write(head: &Head<'_>, exchanges: &[Hidden], personal: &Personal) -> String {
    let mut out = String::new();
    if !head.config.is_empty() {
        line(&mut out, "config:");
        for (name, value) in head.config {
            line(&mut out, &format!("  {name}: {value}"));
        }
    }
    line(&mut out, "runs:");
    line(&mut out, &format!("  - now: {}", head.now));
    if !head.streams.is_empty() {
        line(&mut out, &format!("    streams: [{}]", head.streams.join(", ")));
    }
    if let Some(start) = head.start {
        line(&mut out, &format!("    start: {}", Value::from(start)));
    }
    if let Some(pages) = head.pages {
        line(&mut out, &format!("    pages: {pages}"));
    }
    line(&mut out, "    exchanges:");
    exchanges.iter().for_each(|exchange| one(&mut out, exchange, personal));
    out
}

fn one(out: &mut String, exchange: &Hidden, personal: &Personal) {
    line(out, &format!("      - request: {}", Value::from(exchange.request.as_str())));
    let mut sent = Map::new();
    if !exchange.sent.is_empty() {
        sent.insert("headers".into(), object(&exchange.sent));
    }
    sent.extend(exchange.sent_body.iter().map(|body| ("body".to_owned(), body.clone())));
    if !sent.is_empty() {
        line(out, &format!("        sent: {}", Value::Object(sent)));
    }
    if let Some(fault) = exchange.fault {
        return line(out, &format!("        fault: {fault}"));
    }
    if exchange.status != 200 {
        line(out, &format!("        status: {}", exchange.status));
    }
    if !exchange.headers.is_empty() {
        line(out, &format!("        headers: {}", object(&exchange.headers)));
    }
    if exchange.body.is_empty() {
        return;
    }
    let body = personal.laid_out(&exchange.body);
    match block(&body) {
        Some(mark) => {
            line(out, &format!("        body: {mark}"));
            body.lines().for_each(|one| line(out, &format!("          {one}")));
        }
        None => line(out, &format!("        body: {}", Value::from(body))),
    }
}

/// The mark of a block that holds just this text, if one can.
fn block(text: &str) -> Option<&'static str> {
    let odd = |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}');
    let plain = !text.starts_with([' ', '\n', '\t']) && !text.contains(odd);
    let full = text.lines().all(|line| !line.trim().is_empty());
    (plain && full).then(|| if text.ends_with('\n') { "|" } else { "|-" })
}

fn object(pairs: &[(String, String)]) -> Value {
    pairs.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect::<Map<_, _>>().into()
}

fn line(out: &mut String, line: &str) {
    let _ = writeln!(out, "{line}");
}
