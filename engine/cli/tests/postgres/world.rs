//! An API whose records change from round to round, and what a database must hold after each.

use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Items that there are at first; each round brings more and changes some.
const ITEMS: usize = 12_000;
const MORE: usize = 10;
/// Groups, of which some are gone in each round.
pub(crate) const GROUPS: usize = 2_000;
const PAGE: usize = 400;

/// What `SPEC` reads, with the address of [`World::start`] for `ADDRESS`.
pub(crate) const SPEC: &str = r#"
tapwright: 1
name: shop
title: Shop
version: 1.0.0
about: {summary: A shop.}
auth: none
http: {base_url: "http://ADDRESS", records: "$.items[*]", pagination: {cursor: {from: $.next, param: p}}}
streams:
  items:
    description: Things.
    endpoint: GET /items
    primary_key: id
    replication: {method: incremental, key: at, since: {param: since}, order: ascending}
    fields: {id: integer, at: timestamp, name: string, tags: [string]}
  groups:
    description: Groups.
    endpoint: GET /groups
    primary_key: id
    fields: {id: integer, name: string, members: [integer]}
"#;

/// The API.
pub(crate) struct World {
    pub(crate) round: Arc<AtomicUsize>,
    pub(crate) address: String,
}

impl World {
    /// Answers on a free port of this machine.
    pub(crate) fn start() -> World {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let round = Arc::new(AtomicUsize::new(0));
        let now = Arc::clone(&round);
        std::thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let now = Arc::clone(&now);
                std::thread::spawn(move || answer(connection, now.load(Ordering::SeqCst)));
            }
        });
        World { round, address }
    }

    /// Another round begins.
    pub(crate) fn turn(&self) {
        self.round.fetch_add(1, Ordering::SeqCst);
    }

    /// What the tables must hold, as `psql` prints it; by query.
    pub(crate) fn truth(&self) -> Vec<(&'static str, String)> {
        let round = self.round.load(Ordering::SeqCst);
        let [mut items, mut tags, mut groups, mut members] = [(); 4].map(|()| String::new());
        for item in items_of(round) {
            let _ = writeln!(items, "{}\t{}\tname {} v{}", item.id, item.at(), item.id, item.round);
            for tag in 0..item.tags() {
                let _ = writeln!(tags, "{}\t{tag}\tt{}", item.id, item.round);
            }
        }
        for id in groups_of(round) {
            let _ = writeln!(groups, "{id}\t{}", group_name(id, round));
            for member in 0..id % 3 {
                let _ = writeln!(members, "{id}\t{member}\t{}", id + member);
            }
        }
        let at = "to_char(at, 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')";
        let queries = [
            format!("SELECT id, {at}, name FROM shop.items ORDER BY id"),
            "SELECT _sdc_source_key_id, _sdc_level_0_id, value FROM shop.items__tags ORDER BY 1, 2".to_owned(),
            "SELECT id, name FROM shop.groups ORDER BY id".to_owned(),
            "SELECT _sdc_source_key_id, _sdc_level_0_id, value FROM shop.groups__members ORDER BY 1, 2".to_owned(),
        ];
        let queries = queries.map(|query| &*Box::leak(query.into_boxed_str()));
        let truths = [items, tags, groups, members].map(|text| text.trim_end().to_owned());
        queries.into_iter().zip(truths).collect()
    }
}

pub(crate) struct Item {
    pub(crate) id: usize,
    /// When it was changed last.
    pub(crate) round: usize,
}

impl Item {
    pub(crate) fn at(&self) -> String {
        let seconds = self.round * 20_000 + self.id;
        let (day, rest) = (seconds / 86_400, seconds % 86_400);
        let month = day / 28;
        format!("2026-{:02}-{:02}T{:02}:{:02}:{:02}Z", month + 1, day % 28 + 1, rest / 3_600, rest / 60 % 60, rest % 60)
    }

    fn tags(&self) -> usize {
        (self.id + self.round) % 3
    }

    /// The tags as JSON, if there are some.
    pub(crate) fn list(&self) -> Option<String> {
        let tags = vec![format!("\"t{}\"", self.round); self.tags()].join(",");
        (!tags.is_empty()).then(|| format!("[{tags}]"))
    }

    /// A record without tags does not tell of them.
    fn json(&self) -> String {
        let tags = self.list().map_or_else(String::new, |list| format!(",\"tags\":{list}"));
        format!(r#"{{"id":{},"at":"{}","name":"name {} v{}"{tags}}}"#, self.id, self.at(), self.id, self.round)
    }
}

pub(crate) fn items_of(round: usize) -> impl Iterator<Item = Item> {
    (0..ITEMS + round * MORE).filter_map(move |id| item(id, round))
}

/// An item as it is in a round, if it is there by then.
pub(crate) fn item(id: usize, round: usize) -> Option<Item> {
    let made = if id < ITEMS { 0 } else { (id - ITEMS) / MORE + 1 };
    let changed = (made..=round).rev().find(|round| (id * 31 + round).is_multiple_of(11)).unwrap_or(made);
    (made <= round).then_some(Item { id, round: changed })
}

fn groups_of(round: usize) -> impl Iterator<Item = usize> {
    (0..GROUPS).filter(move |id| has_group(*id, round))
}

pub(crate) fn has_group(id: usize, round: usize) -> bool {
    !(id + round).is_multiple_of(5)
}

pub(crate) fn group_name(id: usize, round: usize) -> String {
    format!("group {id} {}", if id.is_multiple_of(7) { round } else { 0 })
}

/// The members of a group, as JSON has them between brackets.
pub(crate) fn members(id: usize) -> String {
    (0..id % 3).map(|member| (id + member).to_string()).collect::<Vec<_>>().join(",")
}

fn answer(mut connection: TcpStream, round: usize) {
    let mut piece = [0; 8_192];
    while let Ok(read) = connection.read(&mut piece) {
        let text = String::from_utf8_lossy(&piece[..read]).into_owned();
        let Some(target) = text.split(' ').nth(1) else { return };
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let value = |name: &str| {
            let pair = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
            pair.map(|value| value.replace("%3A", ":"))
        };
        let since = value("since").unwrap_or_default();
        let from: usize = value("p").and_then(|text| text.parse().ok()).unwrap_or(0);
        let records: Vec<String> = if path == "/items" {
            let mut items: Vec<Item> = items_of(round).filter(|item| item.at() >= since).collect();
            items.sort_by_key(|item| (item.round, item.id));
            items.iter().skip(from).take(PAGE + 1).map(Item::json).collect()
        } else {
            let group =
                |id: usize| format!(r#"{{"id":{id},"name":"{}","members":[{}]}}"#, group_name(id, round), members(id));
            groups_of(round).skip(from).take(PAGE + 1).map(group).collect()
        };
        let next = if records.len() > PAGE { format!("\"{}\"", from + PAGE) } else { "null".to_owned() };
        let page = records[..records.len().min(PAGE)].join(",");
        let body = format!("{{\"items\":[{page}],\"next\":{next}}}");
        let head =
            format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n", body.len());
        if connection.write_all(head.as_bytes()).and_then(|()| connection.write_all(body.as_bytes())).is_err() {
            return;
        }
    }
}
