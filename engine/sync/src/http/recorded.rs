//! The transport that plays a recording: what an API answered, as YAML, with faults on demand.
//!
//! ```yaml
//! exchanges:
//!   - request: GET /api/cases?page=1       # `***` as a value of the query stands for any value
//!     status: 200
//!     headers: {Content-Type: application/json}
//!     body: '{"entries": []}'              # or body_base64, or repeat
//!   - {request: GET /api/cases?page=2, fault: cut}     # cut | stall | refuse
//!   - request: POST /api/search
//!     sent: {headers: {X-After: a}, body: {page: 2}}   # what the request must have besides
//! ```

mod sent;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use base64::Engine;
use futures_util::future::BoxFuture;
use serde::Deserialize;
use url::Url;

use super::{Headers, Request, Response, Transport, TransportFault};
use sent::{Sent, Unlike};

/// Exchanges with an API, in their order.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recording {
    exchanges: Vec<Exchange>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exchange {
    request: String,
    #[serde(default)]
    sent: Sent,
    #[serde(default = "ok")]
    status: u16,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    body_base64: Option<String>,
    #[serde(default)]
    repeat: Option<Repeat>,
    #[serde(default)]
    fault: Option<Fault>,
    /// How often the request is answered in this way.
    #[serde(default = "once")]
    times: u32,
}

/// A body made of a text that is repeated, for bodies too large to write down.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Repeat {
    #[serde(default)]
    before: String,
    text: String,
    times: usize,
    #[serde(default)]
    after: String,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Fault {
    /// The connection breaks in the middle of the answer.
    Cut,
    /// No answer ever comes.
    Stall,
    /// No connection is made.
    Refuse,
}

fn ok() -> u16 {
    200
}

fn once() -> u32 {
    1
}

impl Recording {
    /// Reads a recording.
    ///
    /// # Errors
    /// A sentence that says what is wrong and where.
    pub fn parse(yaml: &str) -> Result<Recording, String> {
        let recording: Recording = serde_yaml::from_str(yaml).map_err(|error| error.to_string())?;
        for exchange in &recording.exchanges {
            Signature::recorded(&exchange.request)?;
            exchange.bytes()?;
        }
        Ok(recording)
    }
}

impl Exchange {
    fn bytes(&self) -> Result<Vec<u8>, String> {
        match (&self.body, &self.body_base64, &self.repeat) {
            (Some(text), None, None) => Ok(text.clone().into_bytes()),
            (None, Some(text), None) => base64::engine::general_purpose::STANDARD
                .decode(text.trim())
                .map_err(|error| format!("`{}`: body_base64: {error}", self.request)),
            (None, None, Some(repeat)) => {
                let text = repeat.text.repeat(repeat.times);
                Ok([&*repeat.before, &*text, &*repeat.after].concat().into_bytes())
            }
            (None, None, None) => Ok(Vec::new()),
            _ => Err(format!("`{}` has more than one body", self.request)),
        }
    }

    fn answer(&self) -> Result<Response, String> {
        let mut headers = Headers::default();
        for (name, value) in &self.headers {
            headers.add(name, value);
        }
        Ok(Response { status: self.status, headers, body: self.bytes()? })
    }
}

/// What two requests are compared by: method, host if one is recorded, path and query.
#[derive(Debug, PartialEq, Eq)]
struct Signature {
    method: String,
    host: Option<String>,
    path: String,
    query: Vec<(String, String)>,
}

impl Signature {
    fn recorded(text: &str) -> Result<Signature, String> {
        let wrong = || format!("`{text}` is no request; write `GET /path?name=value`");
        let (method, target) = text.trim().split_once(' ').ok_or_else(wrong)?;
        let anywhere: Url = "http://recorded.invalid".parse().map_err(|_| wrong())?;
        let url = anywhere.join(target.trim()).map_err(|_| wrong())?;
        let mut signature = Signature::of(method, &url);
        if url.host() == anywhere.host() {
            signature.host = None;
        }
        Ok(signature)
    }

    fn of(method: &str, url: &Url) -> Signature {
        let mut query: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        query.sort();
        Signature { method: method.to_owned(), host: Some(super::authority(url)), path: url.path().to_owned(), query }
    }

    fn answers(&self, live: &Signature) -> bool {
        self.method == live.method
            && self.path == live.path
            && (self.host.is_none() || self.host == live.host)
            && self.query.len() == live.query.len()
            && self
                .query
                .iter()
                .zip(&live.query)
                .all(|(ours, theirs)| ours.0 == theirs.0 && (ours.1 == "***" || ours.1 == theirs.1))
    }
}

/// Plays a recording: each exchange is used as often as it says, in its order.
#[derive(Debug)]
pub struct Recorded {
    exchanges: Vec<(Signature, Exchange)>,
    left: Mutex<Vec<u32>>,
    misses: Mutex<Vec<Miss>>,
}

/// A request that is not recorded, or not so often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Miss {
    /// What was asked for: method, path and query.
    pub asked: String,
    /// What is recorded.
    pub known: Known,
}

/// What is recorded in place of a request that was missed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// The same, but it was sent more often.
    Less,
    /// This is the nearest.
    Nearest(String),
    /// Nothing at all.
    Nothing,
}

impl std::fmt::Display for Miss {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let asked = &self.asked;
        match &self.known {
            Known::Less => write!(f, "`{asked}` was sent more often than it is recorded"),
            Known::Nearest(nearest) => write!(f, "`{asked}` is not recorded; the nearest is `{nearest}`"),
            Known::Nothing => write!(f, "`{asked}` is not recorded; nothing is"),
        }
    }
}

impl Recorded {
    /// A transport that answers with `recording` and nothing else.
    pub fn new(recording: Recording) -> Recorded {
        let exchanges: Vec<_> = recording
            .exchanges
            .into_iter()
            .filter_map(|one| Some((Signature::recorded(&one.request).ok()?, one)))
            .collect();
        let left = exchanges.iter().map(|(_, one)| one.times).collect();
        Recorded { exchanges, left: Mutex::new(left), misses: Mutex::default() }
    }

    /// The requests that were sent and are not recorded.
    pub fn misses(&self) -> Vec<Miss> {
        self.misses.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The recorded requests that nobody has sent, or not often enough.
    pub fn unused(&self) -> Vec<&str> {
        let left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        self.exchanges
            .iter()
            .zip(left.iter())
            .filter(|(_, left)| **left > 0)
            .map(|((_, one), _)| one.request.as_str())
            .collect()
    }

    fn take(&self, request: &Request) -> Result<&Exchange, TransportFault> {
        let live = Signature::of(request.method.word(), &request.url);
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let mut known = false;
        for ((recorded, exchange), left) in self.exchanges.iter().zip(left.iter_mut()) {
            if recorded.answers(&live) && exchange.sent.is_in(request) {
                known = true;
                if *left > 0 {
                    *left -= 1;
                    return Ok(exchange);
                }
            }
        }
        let unlike = self.unlike(request, (&live, &left)).filter(|_| !known);
        let miss = self.missed(request, (&live, known), unlike);
        let fault = TransportFault::Unsendable(miss.to_string());
        self.misses.lock().unwrap_or_else(PoisonError::into_inner).push(miss);
        Err(fault)
    }
}

impl Recorded {
    /// How a request is unlike the next that is recorded of its method, path and query.
    fn unlike(&self, request: &Request, (live, left): (&Signature, &[u32])) -> Option<Unlike> {
        let mut left_over =
            self.exchanges.iter().zip(left).filter(|((recorded, _), left)| **left > 0 && recorded.answers(live));
        left_over.find_map(|((_, exchange), _)| exchange.sent.unlike(request))
    }

    fn missed(&self, request: &Request, (live, known): (&Signature, bool), unlike: Option<Unlike>) -> Miss {
        let query = request.url.query().map(|query| format!("?{query}"));
        let asked = format!("{} {}{}", live.method, live.path, query.unwrap_or_default());
        if let Some(Unlike { recorded, asked: other }) = unlike {
            return Miss { known: Known::Nearest(format!("{asked} {recorded}")), asked: format!("{asked} {other}") };
        }
        let names = self.exchanges.iter().map(|(_, one)| one.request.as_str());
        let known = match names.min_by_key(|name| distance(name, &asked)) {
            _ if known => Known::Less,
            Some(nearest) => Known::Nearest(nearest.to_owned()),
            None => Known::Nothing,
        };
        Miss { asked, known }
    }
}

impl Transport for Recorded {
    fn send<'a>(&'a self, request: &'a Request, most: u64) -> BoxFuture<'a, Result<Response, TransportFault>> {
        Box::pin(async move {
            let exchange = self.take(request)?;
            match exchange.fault {
                Some(Fault::Cut) => Err(TransportFault::Cut("as recorded".into())),
                Some(Fault::Refuse) => Err(TransportFault::Connect("as recorded".into())),
                Some(Fault::Stall) => std::future::pending().await,
                None => {
                    let answer = exchange.answer().map_err(TransportFault::Unsendable)?;
                    if answer.body.len() as u64 > most {
                        return Err(TransportFault::TooLarge(most));
                    }
                    Ok(answer)
                }
            }
        })
    }
}

/// How unlike two requests are: what is left of both without their common beginning and end.
fn distance(one: &str, other: &str) -> usize {
    let same = |(a, b): &(u8, u8)| a == b;
    let head = one.bytes().zip(other.bytes()).take_while(same).count();
    let tail = one.bytes().rev().zip(other.bytes().rev()).take_while(same).count();
    let common = (head + tail).min(one.len()).min(other.len());
    one.len() + other.len() - 2 * common
}

#[cfg(test)]
mod tests {
    use super::{Recorded, Recording};
    use crate::http::{Request, Transport, TransportFault};
    use tapwright_spec::model::Method;

    const YAML: &str = "
exchanges:
  - {request: GET /a?x=1&y=2, body: first}
  - {request: GET /a?x=1&y=2, body_base64: c2Vjb25k}
  - {request: GET /key?api_key=***, repeat: {before: '<', text: ab, times: 2, after: '>'}}
  - {request: GET /cut, fault: cut}
";

    async fn ask(recorded: &Recorded, url: &str) -> Result<String, TransportFault> {
        let request = Request::get(url.parse().expect("a url"));
        let answer = recorded.send(&request, 10).await?;
        Ok(String::from_utf8(answer.body).expect("text"))
    }

    #[tokio::test]
    async fn exchanges_are_played_in_order() {
        let recorded = Recorded::new(Recording::parse(YAML).expect("a recording"));
        let twice = "http://h.example/a?y=2&x=1";
        assert_eq!(ask(&recorded, twice).await.as_deref(), Ok("first"));
        assert_eq!(ask(&recorded, twice).await.as_deref(), Ok("second"));
        let key = ask(&recorded, "http://h.example/key?api_key=k").await;
        assert_eq!(key.as_deref(), Ok("<abab>"));
        assert_eq!(recorded.unused(), ["GET /cut"]);
        let more = ask(&recorded, twice).await.expect_err("used up");
        assert!(more.to_string().contains("more often"), "{more}");
        let cut = ask(&recorded, "http://h.example/cut").await;
        assert!(matches!(cut, Err(TransportFault::Cut(_))));
    }

    #[tokio::test]
    async fn a_request_that_is_not_recorded_names_its_nearest() {
        let recorded = Recorded::new(Recording::parse(YAML).expect("a recording"));
        let error = ask(&recorded, "http://h.example/a?x=1&y=3").await.expect_err("unknown");
        assert_eq!(error.to_string(), "`GET /a?x=1&y=3` is not recorded; the nearest is `GET /a?x=1&y=2`");
    }

    #[tokio::test]
    async fn a_request_with_another_body_or_header_shows_both() {
        let recording = "exchanges:\n  - {request: POST /a, sent: {headers: {X: y}, body: {n: 1}}}";
        let recorded = Recorded::new(Recording::parse(recording).expect("a recording"));
        let mut request = Request::get("http://h.example/a".parse().expect("a url"));
        request.method = Method::Post;
        let told = async |request: &Request| recorded.send(request, 10).await.expect_err("unlike").to_string();
        assert_eq!(told(&request).await, "`POST /a without X` is not recorded; the nearest is `POST /a X: y`");
        request.headers.set("X", "y");
        request.body = Some(br#"{"n": 2}"#.to_vec());
        assert_eq!(told(&request).await, r#"`POST /a {"n":2}` is not recorded; the nearest is `POST /a {"n":1}`"#);
    }

    #[test]
    fn a_recording_with_a_fault_of_its_own_is_refused() {
        for wrong in [
            "exchanges: [{request: /a}]",
            "exchanges: [{request: GET /a, bodi: x}]",
            "exchanges: [{request: GET /a, body: x, body_base64: eA==}]",
        ] {
            assert!(Recording::parse(wrong).is_err(), "{wrong}");
        }
    }
}
