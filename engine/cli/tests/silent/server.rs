//! A list of tickets, given in several ways of paging, by a server that may have one fault.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

use crate::faults;

/// What every request must carry, and no other host may see.
pub(crate) const KEY: &str = "the-key-of-this-host";

/// A ticket.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Ticket {
    pub(crate) id: i64,
    pub(crate) subject: String,
    pub(crate) big: i64,
    pub(crate) updated_at: String,
}

/// What the server holds and has seen.
#[derive(Debug, Default)]
pub(crate) struct Site {
    /// In the order in which they are given: by their last change.
    pub(crate) tickets: Vec<Ticket>,
    /// What is wrong, if anything is.
    pub(crate) fault: Option<String>,
    /// Pages asked for since the fault was set.
    pub(crate) asked: usize,
    /// Requests that came to the other host, whole.
    pub(crate) strangers: Vec<String>,
}

/// A request for a page.
pub(crate) struct Asked {
    pub(crate) style: String,
    pub(crate) target: String,
    query: Vec<(String, String)>,
}

impl Asked {
    pub(crate) fn number(&self, name: &str) -> Option<usize> {
        self.query.iter().find(|(key, _)| key == name)?.1.parse().ok()
    }

    fn text(&self, name: &str) -> Option<&str> {
        Some(self.query.iter().find(|(key, _)| key == name)?.1.as_str())
    }

    fn since(&self) -> Option<String> {
        Some(self.text("since")?.replace("%3A", ":"))
    }
}

/// A page before it is written.
pub(crate) struct Page {
    pub(crate) tickets: Vec<Ticket>,
    /// Place of the first ticket in the list.
    pub(crate) from: usize,
    /// Place of what comes after it, if anything does.
    pub(crate) next: Option<usize>,
    pub(crate) total: usize,
}

/// How an answer is sent.
pub(crate) enum Pace {
    AtOnce,
    /// A byte at a time.
    Drip,
    /// Nothing is.
    Never,
    /// So many bytes, then the connection is closed.
    Cut(usize),
}

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) pace: Pace,
}

impl Answer {
    pub(crate) fn json(body: impl Into<Vec<u8>>) -> Answer {
        let headers = vec![("Content-Type", "application/json".to_owned())];
        Answer { status: 200, headers, body: body.into(), pace: Pace::AtOnce }
    }
}

/// The server, and the other host beside it.
pub(crate) struct Server {
    pub(crate) url: String,
    site: Arc<Mutex<Site>>,
}

impl Server {
    /// Serves `tickets` until the process ends.
    pub(crate) fn start(tickets: Vec<Ticket>) -> Server {
        let site = Arc::new(Mutex::new(Site { tickets, ..Site::default() }));
        let other = listen(Arc::clone(&site), |site, head, _| {
            lock(&site).strangers.push(head);
            // What would pass for the end of the list.
            Answer::json(r#"{"items": [], "next": null, "total": 0}"#)
        });
        let url = listen(Arc::clone(&site), move |site, head, target| page(&site, &head, target, &other));
        Server { url, site }
    }

    pub(crate) fn site(&self) -> MutexGuard<'_, Site> {
        lock(&self.site)
    }
}

fn lock(site: &Arc<Mutex<Site>>) -> MutexGuard<'_, Site> {
    site.lock().expect("the site")
}

fn listen(
    site: Arc<Mutex<Site>>,
    answer: impl Fn(Arc<Mutex<Site>>, String, &str) -> Answer + Clone + Send + 'static,
) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (site, answer) = (Arc::clone(&site), answer.clone());
            // A reader that hangs up ends the thread.
            thread::spawn(move || serve(&stream, |head, target| answer(Arc::clone(&site), head, target)));
        }
    });
    url
}

fn serve(stream: &TcpStream, answer: impl Fn(String, &str) -> Answer) -> Option<()> {
    let mut lines = BufReader::new(stream).lines();
    loop {
        let mut head = lines.next()?.ok()?;
        let target = head.split(' ').nth(1)?.to_owned();
        for line in lines.by_ref() {
            let line = line.ok()?;
            if line.is_empty() {
                break;
            }
            head.push('\n');
            head.push_str(&line);
        }
        send(stream, &answer(head, &target))?;
    }
}

fn send(mut stream: &TcpStream, answer: &Answer) -> Option<()> {
    let mut head = format!("HTTP/1.1 {} X\r\nContent-Length: {}\r\n", answer.status, answer.body.len());
    for (name, value) in &answer.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    match answer.pace {
        Pace::AtOnce => stream.write_all(&[head.as_bytes(), &answer.body].concat()).ok(),
        Pace::Never => {
            thread::sleep(Duration::from_secs(20));
            None
        }
        Pace::Cut(bytes) => {
            stream.write_all(&[head.as_bytes(), &answer.body[..bytes]].concat()).ok()?;
            None
        }
        Pace::Drip => {
            stream.write_all(head.as_bytes()).ok()?;
            for byte in &answer.body {
                stream.write_all(&[*byte]).ok()?;
                thread::sleep(Duration::from_millis(500));
            }
            Some(())
        }
    }
}

fn page(site: &Arc<Mutex<Site>>, head: &str, target: &str, other: &str) -> Answer {
    if !head.contains(KEY) {
        return Answer { status: 401, ..Answer::json(r#"{"error": "no key"}"#) };
    }
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let query = query.split('&').filter_map(|pair| pair.split_once('='));
    let asked = Asked {
        style: path.split('/').nth(1).unwrap_or_default().to_owned(),
        target: target.to_owned(),
        query: query.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
    };
    let mut site = lock(site);
    site.asked += 1;
    let fault = site.fault.clone().unwrap_or_default();
    faults::before(&fault, &mut site);
    let page = faults::page(&fault, site.asked, cut(&site, &asked));
    faults::answer(&fault, site.asked, &faults::Given { page: &page, asked: &asked, other })
}

/// What leads on from a ticket: greater for those that come after it.
fn token(ticket: &Ticket) -> String {
    format!("{}-{:06}", ticket.updated_at.replace([':', '-'], ""), ticket.id)
}

/// The page that is asked for. Like many, this API leaves out what equals `since`.
fn cut(site: &Site, asked: &Asked) -> Page {
    let since = asked.since();
    let list: Vec<&Ticket> =
        site.tickets.iter().filter(|ticket| since.as_ref().is_none_or(|since| ticket.updated_at > *since)).collect();
    let size = asked.number("limit").unwrap_or(20);
    let from = match asked.style.as_str() {
        "page" => (asked.number("page").unwrap_or(1) - 1) * size,
        // A cursor names the last ticket that was given, not a place.
        "cursor" => list.iter().take_while(|ticket| Some(token(ticket).as_str()) <= asked.text("after")).count(),
        _ => asked.number("offset").unwrap_or(0),
    };
    let tickets: Vec<Ticket> = list.iter().skip(from).take(size).map(|ticket| Ticket::clone(ticket)).collect();
    let next = Some(from + tickets.len()).filter(|next| *next < list.len());
    Page { tickets, from, next, total: list.len() }
}

impl Page {
    /// The page as JSON.
    pub(crate) fn text(&self, asked: &Asked) -> String {
        let tickets: Vec<String> = self
            .tickets
            .iter()
            .map(|ticket| {
                let Ticket { id, subject, big, updated_at } = ticket;
                format!(r#"{{"id": {id}, "subject": "{subject}", "big": {big}, "updated_at": "{updated_at}"}}"#)
            })
            .collect();
        let since = asked.since().map_or_else(String::new, |since| format!("&since={since}"));
        let next = match (asked.style.as_str(), self.next) {
            ("cursor", Some(_)) => self.tickets.last().map_or_else(
                // An empty page leads to where it came from.
                || format!("\"{}\"", asked.text("after").unwrap_or_default()),
                |last| format!("\"{}\"", token(last)),
            ),
            ("link", Some(next)) => format!("\"?offset={next}{since}\""),
            _ => "null".to_owned(),
        };
        format!(r#"{{"items": [{}], "next": {next}, "total": {}}}"#, tickets.join(", "), self.total)
    }
}
