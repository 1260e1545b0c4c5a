//! A server as small as can be: it makes up pages of 100 records of about 1.2 KB, and keeps none.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

const PAGE: u64 = 100;

/// Serves until the process ends.
pub(crate) struct Api {
    pub(crate) url: String,
    records: u64,
    served: Arc<AtomicU64>,
}

impl Api {
    /// Two lists of so many records.
    pub(crate) fn start(records: u64) -> Api {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let served = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&served);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let count = Arc::clone(&count);
                thread::spawn(move || serve(&stream, records, &count));
            }
        });
        Api { url, records, served }
    }

    /// Counts pages from nought; gives how many a full run reads.
    pub(crate) fn begin(&self) -> u64 {
        self.served.store(0, Ordering::Relaxed);
        2 * self.records.div_ceil(PAGE)
    }

    /// Pages served since.
    pub(crate) fn served(&self) -> u64 {
        self.served.load(Ordering::Relaxed)
    }
}

fn serve(stream: &TcpStream, records: u64, count: &AtomicU64) {
    let mut lines = BufReader::new(stream).lines();
    let mut out = stream;
    while let Some(Ok(request)) = lines.next() {
        while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
        let target = request.split(' ').nth(1).unwrap_or_default();
        let path = target.split('?').next().unwrap_or_default();
        let page = target.split("page=").nth(1).and_then(|text| text.parse().ok()).unwrap_or(0);
        // The second run of the incremental list asks again for everything: the bookmark is passed over.
        let body = match path {
            "/parents" => parents(page, records),
            "/children" => children(target),
            _ => body(path, page, records),
        };
        count.fetch_add(1, Ordering::Relaxed);
        let head =
            format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n", body.len());
        if out.write_all(head.as_bytes()).and_then(|()| out.write_all(body.as_bytes())).is_err() {
            return;
        }
    }
}

fn body(path: &str, page: u64, records: u64) -> String {
    let mut body = String::with_capacity(130_000);
    body.push_str("{\"items\":[");
    let end = ((page + 1) * PAGE).min(records);
    for id in page * PAGE..end {
        let comma = if id + 1 < end { "," } else { "" };
        let (day, hour, minute) = (1 + id / 86_400 % 28, id / 3_600 % 24, id / 60 % 60);
        let text = "lorem ipsum dolor sit amet ".repeat(38);
        let _ = write!(
            body,
            "{{\"id\":{id},\"at\":\"2025-01-{day:02}T{hour:02}:{minute:02}:{:02}Z\",\"name\":\"name {id}\",\
             \"text\":\"{id} {text}\",\"tags\":[\"a{id}\",\"b\"],\"extra\":{{\"n\":{id}}}}}{comma}",
            id % 60
        );
    }
    let next = if end < records { format!("\"{path}?page={}\"", page + 1) } else { "null".to_owned() };
    let _ = write!(body, "],\"next\":{next}}}");
    body
}

/// Records of parents on a page.
const PARENTS: u64 = 500;

fn parents(page: u64, records: u64) -> String {
    let end = ((page + 1) * PARENTS).min(records);
    let items: Vec<String> =
        (page * PARENTS..end).map(|id| format!("{{\"id\":{id},\"name\":\"parent {id}\"}}")).collect();
    let next = if end < records { format!("\"/parents?page={}\"", page + 1) } else { "null".to_owned() };
    format!("{{\"items\":[{}],\"next\":{next}}}", items.join(","))
}

/// A child of each parent that the request names.
fn children(target: &str) -> String {
    let ids = target.split("ids=").nth(1).and_then(|ids| ids.split('&').next()).unwrap_or_default();
    let child = |id: &str| {
        format!("{{\"id\":{id},\"at\":\"2025-01-01T00:00:00Z\",\"text\":\"{}\"}}", "lorem ipsum ".repeat(20))
    };
    let items: Vec<String> = ids.split("%2C").map(child).collect();
    format!("{{\"items\":[{}],\"next\":null}}", items.join(","))
}
