//! Walks over a real connection to a small server on this machine: what a recording cannot show.

use std::io::Write;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use tapwright_spec::Connector;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::{connector, read, settings, whole};
use crate::clock::SystemClock;
use crate::extract::Source;
use crate::http::Live;

/// What the server sends: pieces with a pause before each, and whether it then hangs up.
struct Reply {
    pieces: Vec<(Duration, Vec<u8>)>,
    then: Then,
}

#[derive(Clone, Copy, PartialEq)]
enum Then {
    Listen,
    HangUp,
}

impl Reply {
    fn whole(head: &str, body: &[u8]) -> Reply {
        let length = body.len();
        let head = format!("HTTP/1.1 {head}\r\nContent-Length: {length}\r\n\r\n");
        Reply { pieces: vec![(Duration::ZERO, [head.as_bytes(), body].concat())], then: Then::Listen }
    }

    fn redirect(location: &str) -> Reply {
        Reply::whole(&format!("302 Found\r\nLocation: {location}"), b"")
    }

    fn cut(text: &str) -> Reply {
        Reply { pieces: vec![(Duration::ZERO, text.as_bytes().to_vec())], then: Then::HangUp }
    }
}

/// A server and what it was asked.
struct Server {
    address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
    connections: Arc<AtomicUsize>,
}

impl Server {
    /// Answers request number `n`, from 0, with `reply(n)`.
    async fn start(reply: impl Fn(usize) -> Reply + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let server = Server {
            address: listener.local_addr().expect("an address"),
            heads: Arc::default(),
            connections: Arc::default(),
        };
        let (heads, connections) = (server.heads.clone(), server.connections.clone());
        let reply = Arc::new(reply);
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(converse(connection, heads.clone(), reply.clone()));
            }
        });
        server
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn heads(&self) -> Vec<String> {
        self.heads.lock().expect("a lock").clone()
    }

    fn source(&self, api: &Connector) -> Source {
        let live = Arc::new(Live::new().expect("a client"));
        Source::new(api, &settings(&self.url()), live, Arc::new(SystemClock)).expect("a source")
    }
}

async fn converse(mut connection: TcpStream, heads: Arc<Mutex<Vec<String>>>, reply: Arc<impl Fn(usize) -> Reply>) {
    loop {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            match connection.read_u8().await {
                Ok(byte) => head.push(byte),
                Err(_) => return,
            }
        }
        let number = {
            let mut heads = heads.lock().expect("a lock");
            heads.push(String::from_utf8_lossy(&head).into_owned());
            heads.len() - 1
        };
        let reply = reply(number);
        for (pause, piece) in reply.pieces {
            tokio::time::sleep(pause).await;
            if connection.write_all(&piece).await.is_err() {
                return;
            }
        }
        if reply.then == Then::HangUp {
            return;
        }
    }
}

const ROWS: &str = r#"{"rows": [{"id": 1}]}"#;

fn rows() -> Reply {
    Reply::whole("200 OK", ROWS.as_bytes())
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("written");
    encoder.finish().expect("finished")
}

/// An API without credentials that says this of its stream.
fn open(stream: &Value) -> Connector {
    connector(&json!({"auth": "none", "streams": {"rows": stream}}))
}

fn limited(limits: &Value) -> Connector {
    open(&json!({"limits": limits}))
}

#[tokio::test]
async fn pages_come_over_one_connection() {
    let server = Server::start(|number| {
        let next = ["\"?p=2\"", "\"?p=3\"", "null"][number];
        let body = format!(r#"{{"rows": [{{"id": {number}}}], "next": {next}}}"#);
        let zipped = gzip(body.as_bytes());
        Reply::whole("200 OK\r\nContent-Encoding: gzip", &zipped)
    })
    .await;
    let api = open(&json!({"pagination": {"next_url": "$.next"}}));
    let source = server.source(&api);
    let (pages, end) = read(&source, whole(&api)).await;
    end.expect("an end");
    assert_eq!(pages.len(), 3);
    assert_eq!(pages[2].record(0), r#"{"id": 2}"#);
    assert_eq!(server.connections.load(Ordering::SeqCst), 1);
    let head = server.heads()[0].to_lowercase();
    assert!(head.contains("accept-encoding: gzip, deflate"), "{head}");
    assert!(head.contains("user-agent: tapwright/"), "{head}");
}

#[tokio::test]
async fn credentials_do_not_follow_a_redirect_to_a_stranger() {
    let key = "{{ config.key }}";
    for (auth, in_query) in [
        (json!({"api_key": {"header": "X-Api-Key", "value": key}}), false),
        (json!({"api_key": {"query": "key", "value": key}}), true),
        (json!({"api_key": {"cookie": "sid", "value": key}}), false),
        (json!({"bearer": key}), false),
        (json!({"basic": {"username": "u", "password": key}}), false),
    ] {
        let stranger = Server::start(|_| rows()).await;
        let carried = if in_query { "key=s3cret%2Fkey&" } else { "" };
        let target = format!("{}/rows?{carried}n=1", stranger.url());
        let server = Server::start(move |_| Reply::redirect(&target)).await;
        let hosts = json!([stranger.address.to_string()]);
        let http = json!({"headers": {"X-Account": key}, "download_hosts": hosts});
        let api = connector(&json!({"auth": auth, "http": http}));
        let source = server.source(&api);
        let (pages, end) = read(&source, whole(&api)).await;
        end.expect("an end");
        assert_eq!(pages[0].records.len(), 1);
        let at_home = server.heads().remove(0);
        assert!(at_home.contains("s3cret") || at_home.contains("dTpzM2NyZXQva2V5"), "{at_home}");
        let abroad = stranger.heads().remove(0).to_lowercase();
        for secret in ["authorization", "x-api-key", "x-account", "cookie"] {
            assert!(!abroad.contains(secret), "{abroad}");
        }
        assert!(abroad.starts_with("get /rows?n=1 http/1.1"), "{abroad}");
    }
}

#[tokio::test]
async fn a_redirect_that_carries_a_secret_to_a_stranger_is_not_followed() {
    let stranger = Server::start(|_| rows()).await;
    let target = format!("{}/rows?account=s3cret%2Fkey", stranger.url());
    let server = Server::start(move |_| Reply::redirect(&target)).await;
    let http = json!({"download_hosts": [stranger.address.to_string()]});
    let api = connector(&json!({"auth": "none", "http": http}));
    let source = server.source(&api);
    let (_, outcome) = read(&source, whole(&api)).await;
    let error = outcome.expect_err("a leak").to_string();
    assert!(error.contains("would carry a secret"), "{error}");
    assert_eq!(stranger.heads(), Vec::<String>::new());
}

#[tokio::test]
async fn credentials_follow_a_redirect_at_home_and_to_an_allowed_host() {
    let friend = Server::start(|_| rows()).await;
    let target = format!("{}/rows", friend.url());
    let server = Server::start(move |number| match number {
        0 => Reply::redirect("/elsewhere"),
        _ => Reply::redirect(&target),
    })
    .await;
    let api = connector(&json!({
        "auth": {"api_key": {"header": "X-Api-Key", "value": "{{ config.key }}"}},
        "http": {"allow_hosts": [friend.address.to_string()]},
    }));
    let source = server.source(&api);
    let (_, end) = read(&source, whole(&api)).await;
    end.expect("an end");
    for head in server.heads().iter().chain(&friend.heads()) {
        assert!(head.to_lowercase().contains("x-api-key: s3cret/key"), "{head}");
    }
    assert!(server.heads()[1].starts_with("GET /elsewhere "));
}

#[tokio::test]
async fn a_body_that_drips_and_a_server_that_is_silent_cost_the_time_limit() {
    let drip = || (Duration::from_millis(40), b" ".to_vec());
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n".to_vec();
    let server = Server::start(move |number| Reply {
        pieces: match number {
            0 => std::iter::once((Duration::ZERO, head.clone()))
                .chain(std::iter::repeat_with(drip).take(1_000))
                .collect(),
            _ => vec![(Duration::from_secs(60), Vec::new())],
        },
        then: Then::Listen,
    })
    .await;
    let api = limited(&json!({"timeout": "300 ms", "tries": 1}));
    let source = server.source(&api);
    for _ in ["drips", "is silent"] {
        let begun = Instant::now();
        let (_, outcome) = read(&source, whole(&api)).await;
        let error = outcome.expect_err("no answer").to_string();
        assert!(error.contains("no complete answer within 0.3 s"), "{error}");
        assert!(begun.elapsed() < Duration::from_secs(5));
    }
}

#[tokio::test]
async fn a_gzip_bomb_and_a_body_without_end_are_given_up_early() {
    let bomb = gzip(&vec![b' '; 64 << 20]);
    let endless = vec![b' '; 1 << 16];
    let server = Server::start(move |number| match number {
        0 => Reply::whole("200 OK\r\nContent-Encoding: gzip", &bomb),
        1 => Reply::whole("200 OK", &endless.repeat(10)),
        _ => Reply {
            pieces: std::iter::once(b"HTTP/1.1 200 OK\r\n\r\n".to_vec())
                .chain(std::iter::repeat_n(endless.clone(), 100))
                .map(|piece| (Duration::ZERO, piece))
                .collect(),
            then: Then::HangUp,
        },
    })
    .await;
    let api = limited(&json!({"body": "300000 B", "decompressed": "1 MiB"}));
    let source = server.source(&api);
    for expected in
        ["larger than 1048576 bytes when decompressed", "larger than 300000 bytes", "larger than 300000 bytes"]
    {
        let (_, outcome) = read(&source, whole(&api)).await;
        let error = outcome.expect_err("too large").to_string();
        assert!(error.ends_with(expected), "{error}");
    }
    assert_eq!(server.heads().len(), 3, "it was tried again");
}

#[tokio::test]
async fn a_cut_body_is_asked_for_again() {
    for cut in [
        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"rows\": []}",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nc\r\n{\"rows\": []}\r\n",
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 10\r\n\r\n\u{1f}",
        "",
    ] {
        let server = Server::start(move |number| match number {
            0 => Reply::cut(cut),
            _ => rows(),
        })
        .await;
        let api = open(&json!({}));
        let source = server.source(&api);
        let (pages, end) = read(&source, whole(&api)).await;
        end.expect("an end");
        assert_eq!(pages[0].records.len(), 1, "{cut}");
        assert_eq!(source.counters("rows").retries(), 1, "{cut}");
    }
}

#[tokio::test]
async fn a_port_where_nobody_listens_is_named() {
    let address = {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        listener.local_addr().expect("an address")
    };
    let server = Server { address, heads: Arc::default(), connections: Arc::default() };
    let api = limited(&json!({"tries": 2}));
    let source = server.source(&api);
    let (_, outcome) = read(&source, whole(&api)).await;
    let error = outcome.expect_err("nobody").to_string();
    assert!(error.contains("cannot connect: Connection refused") && error.ends_with("(2 tries)"), "{error}");
}
