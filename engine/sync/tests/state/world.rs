//! A shop that changes, and its API: what it knows is the truth that must come out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tapwright_sync::http::{Headers, Request, Response, Transport, TransportFault};

/// Records on a page.
const PAGE: usize = 2;

/// Of an order, or of one of its lines: when it changed, and how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version {
    pub(crate) at: Timestamp,
    pub(crate) number: i64,
}

/// What there is: orders, and lines by order and number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Truth {
    pub(crate) orders: BTreeMap<i64, Version>,
    pub(crate) lines: BTreeMap<(i64, i64), Version>,
}

/// A change of a line, of the order with this number.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Edit {
    pub(crate) order: i64,
    pub(crate) line: i64,
    /// Seconds after a moment that whoever plays it knows.
    pub(crate) after: i64,
}

impl Truth {
    /// Changes a line, and with it its order. No clock goes back.
    pub(crate) fn edit(&mut self, edit: Edit, moment: Timestamp) {
        let at = moment + SignedDuration::from_secs(edit.after);
        let changed = |known: Option<&Version>| Version {
            at: known.map_or(at, |known| known.at.max(at)),
            number: known.map_or(0, |known| known.number) + 1,
        };
        let (order, line) = (edit.order, (edit.order, edit.line));
        self.orders.insert(order, changed(self.orders.get(&order)));
        self.lines.insert(line, changed(self.lines.get(&line)));
    }
}

/// What goes wrong or changes while a run asks.
#[derive(Debug, Clone, Default)]
pub(crate) struct Weather {
    /// Requests that are refused, counted from 0.
    pub(crate) refused: BTreeSet<usize>,
    /// Changes that happen before a request, after the beginning of the run.
    pub(crate) edits: Vec<(usize, Edit)>,
}

/// The API of the shop.
pub(crate) struct Api {
    now: Mutex<(Truth, Weather, usize)>,
    began: Timestamp,
}

impl Api {
    pub(crate) fn new(truth: Truth, weather: Weather, began: Timestamp) -> Api {
        Api { now: Mutex::new((truth, weather, 0)), began }
    }

    /// What the shop knows in the end.
    pub(crate) fn truth(&self) -> Truth {
        self.now.lock().expect("a lock").0.clone()
    }

    fn answer(&self, request: &Request) -> (u16, Value) {
        let mut now = self.now.lock().expect("a lock");
        let (truth, weather, asked) = &mut *now;
        for (_, edit) in weather.edits.iter().filter(|(before, _)| before == asked) {
            truth.edit(*edit, self.began);
        }
        let refused = weather.refused.contains(asked);
        *asked += 1;
        if refused { (403, json!({})) } else { (200, page(truth, request)) }
    }
}

impl Transport for Api {
    fn send<'a>(&'a self, request: &'a Request, _: u64) -> BoxFuture<'a, Result<Response, TransportFault>> {
        async move {
            let (status, body) = self.answer(request);
            Ok(Response { status, headers: Headers::default(), body: body.to_string().into_bytes() })
        }
        .boxed()
    }
}

/// A record with what tells its place in a list.
type Placed = ((i64, i64), Value);

/// A page of what a request asks for. The cursor is the last record's place, so that no change makes others slide.
fn page(truth: &Truth, request: &Request) -> Value {
    let param = |name: &str| request.url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into());
    let (since, until): (Option<String>, Option<String>) = (param("since"), param("until"));
    let moment = |text: &String| match text.parse::<i64>() {
        Ok(seconds) => Timestamp::from_second(seconds).expect("a moment"),
        Err(_) => text.parse().expect("a moment"),
    };
    let (since, until) = (since.as_ref().map(moment), until.as_ref().map(moment));
    let asked = |version: &Version| {
        since.is_none_or(|since| version.at >= since) && until.is_none_or(|until| version.at <= until)
    };
    let order: Option<i64> = request.url.path().split('/').nth(2).and_then(|id| id.parse().ok());
    let by_time = request.url.path() == "/orders";
    let place = |version: &Version, id: i64| if by_time { (version.at.as_second(), id) } else { (0, id) };
    let mut records: Vec<Placed> = if by_time {
        let asked = truth.orders.iter().filter(|(_, version)| asked(version));
        asked.map(|(id, version)| (place(version, *id), json!({"id": id, "at": version.at}))).collect()
    } else {
        let own =
            truth.lines.iter().filter(|((of, _), version)| order.is_none_or(|order| order == *of) && asked(version));
        let line = |((of, id), version): (&(i64, i64), &Version)| {
            let seconds = version.at.as_second();
            let record = json!({"order": of, "id": id, "at": version.at, "clock": seconds, "number": version.number});
            (place(version, of * 1_000 + id), record)
        };
        own.map(line).collect()
    };
    records.sort_by_key(|(place, _)| *place);
    let after: Option<String> = param("after");
    let after = after.and_then(|text| Some(text.split_once('.')?).map(|(a, b)| (a.parse().ok(), b.parse().ok())));
    if let Some((Some(time), Some(id))) = after {
        records.retain(|(place, _)| *place > (time, id));
    }
    let next = records.get(PAGE - 1).filter(|_| records.len() > PAGE).map(|((time, id), _)| format!("{time}.{id}"));
    let items: Vec<Value> = records.into_iter().take(PAGE).map(|(_, record)| record).collect();
    json!({"items": items, "next": next})
}
