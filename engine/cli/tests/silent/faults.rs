//! What a server may do wrong, one thing at a time: on the third page, or while pages are read.

use std::io::Write;

use crate::server::{Answer, Asked, Pace, Page, Site, Ticket};

/// The page on which something goes wrong, counted from the first that was asked for.
pub(crate) const BAD: usize = 3;

/// Every fault.
pub(crate) const ALL: [&str; 45] = [
    "none",
    "error instead of the list",
    "null instead of the list",
    "no list",
    "object instead of the list",
    "HTML with 200",
    "truncated JSON",
    "invalid JSON",
    "two documents",
    "NaN",
    "a key twice",
    "invalid UTF-8",
    "JSON as HTML in Latin-1",
    "empty body",
    "204",
    "empty page in the middle",
    "short page in the middle",
    "the same page for ever",
    "two pages in a circle",
    "pages without end",
    "a ticket deleted meanwhile",
    "a ticket changed meanwhile",
    "the total grows",
    "old version last",
    "ticket without its key",
    "ticket with its key null",
    "value of another type",
    "429 once",
    "429 without a time",
    "429 for ever",
    "429 for a day",
    "500 once",
    "500 for ever",
    "401 once",
    "403",
    "404",
    "drip",
    "silence",
    "connection cut",
    "bomb",
    "deep nesting",
    "large body",
    "redirect to another host",
    "redirect in a circle",
    SIGTERM,
];

/// The run is told to end while it waits for a page.
pub(crate) const SIGTERM: &str = "SIGTERM meanwhile";

/// Faults of which not every way of paging can know, with those that do.
pub(crate) const OF_SOME: [(&str, &[&str]); 3] = [
    ("link to another host", &["link"]),
    // A cursor has no total against which such an end could be held.
    ("empty page and an end", &["page", "offset", "overlap", "link"]),
    // The total is what it was. Places cannot tell, unless pages overlap.
    ("a ticket deleted and one added meanwhile", &["overlap", "cursor"]),
];

/// What happens to the list before a page is given.
pub(crate) fn before(fault: &str, site: &mut Site) {
    if site.asked != BAD {
        return;
    }
    let newest = site.tickets.len() as i64;
    match fault {
        "a ticket deleted meanwhile" => drop(site.tickets.remove(5)),
        "a ticket deleted and one added meanwhile" => {
            site.tickets.remove(5);
            site.tickets.push(Ticket::new(newest + 1, "2026-02-01T00:00:01Z"));
        }
        "a ticket changed meanwhile" => {
            let changed = site.tickets.remove(5);
            let updated_at = "2026-02-01T00:00:00Z".to_owned();
            site.tickets.push(Ticket { subject: "changed".to_owned(), updated_at, ..changed });
        }
        _ => {}
    }
}

/// What is wrong with the tickets of a page.
pub(crate) fn page(fault: &str, number: usize, mut page: Page) -> Page {
    match fault {
        "empty page in the middle" if number == BAD => {
            page.tickets.clear();
            page.next = Some(page.from);
        }
        "empty page and an end" if number == BAD => {
            page.tickets.clear();
            page.next = None;
        }
        "short page in the middle" if number == BAD => {
            page.tickets.truncate(5);
            page.next = Some(page.from + 5);
        }
        "pages without end" => {
            let first = (number * 20) as i64;
            page.tickets = (first..first + 20).map(|id| Ticket::new(id, "2026-01-01T00:00:00Z")).collect();
            page.next = Some(number * 20);
            page.total = 1_000_000;
        }
        "the total grows" => page.total += number,
        "old version last" if page.next.is_none() => {
            page.tickets.push(Ticket { subject: "old".to_owned(), ..Ticket::new(7, "2025-01-01T00:00:00Z") });
        }
        _ => {}
    }
    page
}

/// What an answer is made of.
pub(crate) struct Given<'a> {
    pub(crate) page: &'a Page,
    pub(crate) asked: &'a Asked,
    /// Where the other host is.
    pub(crate) other: &'a str,
}

/// The answer, with what is wrong about it.
pub(crate) fn answer(fault: &str, number: usize, given: &Given<'_>) -> Answer {
    let text = given.page.text(given.asked);
    let status = |status| Answer { status, ..Answer::json(r#"{"message": "no"}"#) };
    let waits = |seconds: &str| Answer { headers: vec![("Retry-After", seconds.to_owned())], ..status(429) };
    let bad = number == BAD;
    match fault {
        "error instead of the list" if bad => Answer::json(r#"{"error": {"message": "overloaded"}}"#),
        "null instead of the list" if bad => Answer::json(r#"{"items": null, "next": null, "total": 0}"#),
        "no list" if bad => Answer::json(r#"{"next": null, "total": 0}"#),
        "object instead of the list" if bad => Answer::json(r#"{"items": {}, "next": null, "total": 0}"#),
        "HTML with 200" if bad => Answer::json("<html><body>Please come back</body></html>"),
        "truncated JSON" if bad => Answer::json(&text.as_bytes()[..text.len() / 2]),
        "invalid JSON" if bad => Answer::json(text.replacen("\"id\"", "id", 1)),
        "two documents" if bad => Answer::json(format!("{text}{text}")),
        "NaN" if bad => Answer::json(text.replacen("\"big\": 9", "\"big\": NaN, \"n\": 9", 1)),
        "a key twice" if bad => Answer::json(text.replacen("\"big\"", "\"id\": 1, \"big\"", 1)),
        "invalid UTF-8" if bad => {
            let mut answer = Answer::json(text);
            let umlaut = answer.body.iter().position(|byte| *byte == 0xC3).expect("an umlaut");
            answer.body[umlaut] = 0xFF;
            answer
        }
        "JSON as HTML in Latin-1" => {
            Answer { headers: vec![("Content-Type", "text/html; charset=iso-8859-1".to_owned())], ..Answer::json(text) }
        }
        "empty body" if bad => Answer::json(""),
        "204" if bad => Answer { status: 204, ..Answer::json("") },
        "the same page for ever" if number > BAD => repeat(given, 1),
        "two pages in a circle" if number > BAD => repeat(given, number % 2),
        "ticket without its key" if bad => Answer::json(text.replacen("\"id\": ", "\"_id\": ", 1)),
        "ticket with its key null" if bad => Answer::json(text.replacen("\"id\": ", "\"id\": null, \"was\": ", 1)),
        "value of another type" if bad => Answer::json(text.replacen("\"big\": ", "\"big\": \"many\", \"was\": ", 1)),
        "429 once" if bad => waits("1"),
        "429 without a time" if bad => status(429),
        "429 for ever" if number >= BAD => waits("1"),
        "429 for a day" if bad => waits("86400"),
        "500 once" if bad => status(500),
        "500 for ever" if number >= BAD => status(500),
        "401 once" if bad => status(401),
        "403" if bad => status(403),
        "404" if bad => status(404),
        "drip" if number >= BAD => Answer { pace: Pace::Drip, ..Answer::json(text) },
        "silence" | SIGTERM if number >= BAD => Answer { pace: Pace::Never, ..Answer::json(text) },
        "connection cut" if bad => Answer { pace: Pace::Cut(text.len() / 2), ..Answer::json(text) },
        "bomb" if bad => bomb(),
        "deep nesting" if bad => Answer::json(text.replacen(
            "\"big\"",
            &format!("\"deep\": {}{}, \"big\"", "[".repeat(100_000), "]".repeat(100_000)),
            1,
        )),
        "large body" if bad => Answer::json(format!("{}{text}", " ".repeat(2 << 20))),
        "redirect to another host" if bad => {
            let there = format!("{}{}", given.other, given.asked.target);
            Answer { headers: vec![("Location", there)], ..status(302) }
        }
        "redirect in a circle" if number >= BAD => {
            Answer { headers: vec![("Location", given.asked.target.clone())], ..status(302) }
        }
        "link to another host" if bad => {
            Answer::json(text.replace("\"?offset", &format!("\"{}/link/tickets?offset", given.other)))
        }
        _ => Answer::json(text),
    }
}

/// A page that leads back: by links and cursors to the place `at`, by numbers to what came before.
fn repeat(given: &Given<'_>, at: usize) -> Answer {
    let tickets: Vec<Ticket> = (1..=20).map(|id| Ticket::new(id + 20 * at as i64, "2026-01-01T00:00:00Z")).collect();
    let page = Page { tickets, from: 20 * at, next: Some(20 * at), total: given.page.total };
    Answer::json(page.text(given.asked))
}

/// 64 MiB of blanks in a few KB.
fn bomb() -> Answer {
    let mut squeezed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let blanks = vec![b' '; 1 << 20];
    for _ in 0..64 {
        squeezed.write_all(&blanks).expect("memory");
    }
    let mut answer = Answer::json(squeezed.finish().expect("memory"));
    answer.headers.push(("Content-Encoding", "gzip".to_owned()));
    answer
}

impl Ticket {
    /// A ticket whose number is beyond what a double can tell.
    pub(crate) fn new(id: i64, updated_at: &str) -> Ticket {
        let big = 9_007_199_254_740_993 + id;
        Ticket { id, subject: format!("Über {id}"), big, updated_at: updated_at.to_owned() }
    }
}
