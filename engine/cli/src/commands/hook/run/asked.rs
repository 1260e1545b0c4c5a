//! Requests to sign, pages and streams, from a file to a hook alone.

use std::collections::BTreeMap;
use std::time::Instant;

use serde::Deserialize;
use serde_json::{Value, json};
use tapwright_hook::Hook;
use tapwright_hook::paginate::{self, Pages, Step};
use tapwright_hook::sign::{self, Signer};
use tapwright_hook::slices::{Cutter, Question};

use super::text::{Unit, ending};
use super::{Lines, Run, Tally};
use crate::commands::{Refusal, print};

/// A request, as a line has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    #[serde(default = "get")]
    method: String,
    url: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    body: Option<Value>,
    #[serde(default)]
    now: u64,
    /// In hex; left out, zeros.
    nonce: Option<String>,
}

/// A page, as a line has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Came {
    url: String,
    #[serde(default = "ok")]
    status: u16,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: Value,
    #[serde(default)]
    records: u32,
    #[serde(default = "one")]
    page: u32,
}

/// A stream, as a line has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    #[serde(default)]
    stream: Option<String>,
    #[serde(default = "nothing")]
    config: Value,
    #[serde(default)]
    state: Vec<Value>,
    #[serde(default)]
    now: u64,
}

fn get() -> String {
    "GET".to_owned()
}

fn ok() -> u16 {
    200
}

fn one() -> u32 {
    1
}

fn nothing() -> Value {
    json!({})
}

impl Run {
    /// Has requests signed.
    pub(super) fn signatures(&self, hook: &Hook, options: &Value) -> Result<Tally, Refusal> {
        let mut signer = Signer::open(hook, options)?;
        let tally = self.ask(|asked: Asked| {
            let request = sign::Request {
                method: asked.method,
                url: asked.url,
                headers: pairs(asked.headers, |name, value| sign::Pair { name, value }),
                body: asked.body.map(|body| written(&body)),
                now: asked.now,
                nonce: nonce(asked.nonce.as_deref())?,
            };
            let shown =
                |pairs: &[sign::Pair]| -> Value { pairs.iter().map(|one| json!([one.name, one.value])).collect() };
            let signature = signer.sign(&request).map_err(|fault| fault.to_string())?;
            Ok(vec![json!({"headers": shown(&signature.headers), "params": shown(&signature.params)})])
        })?;
        print(&ending((&signer.log(), signer.used()), &tally, Unit::Requests));
        Ok(tally)
    }

    /// Has the pages chosen that follow others.
    pub(super) fn pages(&self, hook: &Hook, options: &Value) -> Result<Tally, Refusal> {
        let mut pages = Pages::open(hook, options)?;
        let tally = self.ask(|came: Came| {
            let page = paginate::Response {
                url: came.url,
                status: came.status,
                headers: pairs(came.headers, |name, value| paginate::Pair { name, value }),
                body: written(&came.body),
                records: came.records,
                page: came.page,
            };
            Ok(vec![chosen(pages.after(&page).map_err(|fault| fault.to_string())?)])
        })?;
        print(&ending((&pages.log(), pages.used()), &tally, Unit::Pages));
        Ok(tally)
    }

    /// Has streams cut into slices.
    pub(super) fn slices(&self, hook: &Hook, options: &Value) -> Result<Tally, Refusal> {
        if self.input.is_some() && self.names.is_empty() {
            return Err(Refusal::Said(
                "--name NAME is missing: say what each slice has, once for each name".to_owned(),
            ));
        }
        let mut cutter = Cutter::open(hook, options)?;
        let tally = self.ask(|known: Known| {
            let question = Question {
                stream: known.stream.unwrap_or_else(|| self.stream.clone()),
                config: known.config.to_string(),
                state: Value::from(known.state).to_string(),
                now: known.now,
            };
            let slices = cutter.cut(&question, &self.names).map_err(|fault| fault.to_string())?;
            Ok(slices.into_iter().map(Value::Object).collect())
        })?;
        print(&ending((&cutter.log(), cutter.used()), &tally, Unit::Streams));
        Ok(tally)
    }

    /// Asks for each line, and prints what comes.
    fn ask<A: for<'d> Deserialize<'d>>(
        &self,
        mut ask: impl FnMut(A) -> Result<Vec<Value>, String>,
    ) -> Result<Tally, Refusal> {
        let mut tally = Tally::default();
        let Some(input) = &self.input else { return Ok(tally) };
        let mut lines = Lines::of(input)?;
        while let Some(line) = lines.next(1)?.pop() {
            tally.lines += 1;
            let asked = serde_json::from_str(&line)
                .map_err(|error| Refusal::Said(format!("{}: line {}: {error}", input.display(), tally.lines)))?;
            let began = Instant::now();
            let given = ask(asked);
            tally.time += began.elapsed();
            match given {
                Ok(given) => {
                    tally.given += given.len();
                    print(&given.iter().map(|one| format!("{one}\n")).collect::<String>());
                }
                Err(why) => {
                    tally.refused += 1;
                    print(&format!("refused: {why}\n"));
                }
            }
        }
        Ok(tally)
    }
}

fn pairs<P>(headers: BTreeMap<String, String>, pair: impl Fn(String, String) -> P) -> Vec<P> {
    headers.into_iter().map(|(name, value)| pair(name.to_ascii_lowercase(), value)).collect()
}

/// A text as it stands, all else as JSON.
fn written(body: &Value) -> Vec<u8> {
    match body {
        Value::String(text) => text.clone().into_bytes(),
        other => other.to_string().into_bytes(),
    }
}

fn nonce(hex: Option<&str>) -> Result<Vec<u8>, String> {
    let Some(hex) = hex else { return Ok(vec![0; 16]) };
    let digit = |at: usize| hex.get(at..at + 2).and_then(|two| u8::from_str_radix(two, 16).ok());
    let bytes: Option<Vec<u8>> = (0..hex.len()).step_by(2).map(digit).collect();
    bytes.filter(|bytes| bytes.len() == 16).ok_or_else(|| format!("`{hex}` is no nonce: write 16 bytes in hex"))
}

fn chosen(step: Step) -> Value {
    let pairs = |pairs: &[paginate::Pair]| -> Value { pairs.iter().map(|one| json!([one.name, one.value])).collect() };
    match step {
        Step::Stop(why) => json!({"stop": why}),
        Step::Next(next) => {
            let body = next.body.as_deref().map(String::from_utf8_lossy);
            json!({"next": {
                "url": next.url, "params": pairs(&next.params), "headers": pairs(&next.headers), "body": body
            }})
        }
    }
}
