//! Walks over a real connection to a small server on this machine: what a recording cannot show.

use std::io::Write;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use tapwright_spec::model::{Auth, KeyPlace, Limits, Next, Stream};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::{api, path, read, settings, stream, text, whole};
use crate::clock::SystemClock;
use crate::extract::{Api, Source};
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

    fn source(&self, auth: Auth, allow_hosts: Vec<String>) -> Source {
        let api = Api { auth, allow_hosts, ..api() };
        let live = Arc::new(Live::new().expect("a client"));
        Source::assemble(api, &settings(&self.url()), live, Arc::new(SystemClock)).expect("a source")
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

fn limited(limits: Limits) -> Stream {
    Stream { limits, ..stream() }
}

fn key_in(place: KeyPlace) -> Auth {
    Auth::ApiKey { place, value: text("{{ config.key }}") }
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
    let mut stream = stream();
    stream.pagination.next = Next::NextUrl { path: path("$.next") };
    let source = server.source(Auth::None, Vec::new());
    let (pages, end) = read(&source, whole(&stream)).await;
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
    for auth in [
        key_in(KeyPlace::Header("X-Api-Key".into())),
        key_in(KeyPlace::Query("key".into())),
        Auth::Bearer { token: text("{{ config.key }}") },
        Auth::Basic { username: text("u"), password: text("{{ config.key }}") },
    ] {
        let stranger = Server::start(|_| rows()).await;
        let in_query = matches!(auth, Auth::ApiKey { place: KeyPlace::Query(_), .. });
        let carried = if in_query { "key=s3cret%2Fkey&" } else { "" };
        let target = format!("{}/rows?{carried}n=1", stranger.url());
        let server = Server::start(move |_| Reply::redirect(&target)).await;
        let mut stream = stream();
        stream.request.headers = vec![("X-Account".into(), text("{{ config.key }}"))];
        let source = server.source(auth, Vec::new());
        let (pages, end) = read(&source, whole(&stream)).await;
        end.expect("an end");
        assert_eq!(pages[0].records.len(), 1);
        let at_home = server.heads().remove(0);
        assert!(at_home.contains("s3cret") || at_home.contains("dTpzM2NyZXQva2V5"), "{at_home}");
        let abroad = stranger.heads().remove(0).to_lowercase();
        for secret in ["authorization", "x-api-key", "x-account"] {
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
    let source = server.source(Auth::None, Vec::new());
    let stream = stream();
    let (_, outcome) = read(&source, whole(&stream)).await;
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
    let auth = key_in(KeyPlace::Header("X-Api-Key".into()));
    let source = server.source(auth, vec![friend.address.to_string()]);
    let stream = stream();
    let (_, end) = read(&source, whole(&stream)).await;
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
    let source = server.source(Auth::None, Vec::new());
    let stream = limited(Limits { timeout: Duration::from_millis(300), tries: 1, ..Limits::default() });
    for _ in ["drips", "is silent"] {
        let begun = Instant::now();
        let (_, outcome) = read(&source, whole(&stream)).await;
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
    let source = server.source(Auth::None, Vec::new());
    let stream = limited(Limits { body_bytes: 300_000, decompressed_bytes: 1 << 20, ..Limits::default() });
    for expected in
        ["larger than 1048576 bytes when decompressed", "larger than 300000 bytes", "larger than 300000 bytes"]
    {
        let (_, outcome) = read(&source, whole(&stream)).await;
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
        let source = server.source(Auth::None, Vec::new());
        let stream = stream();
        let (pages, end) = read(&source, whole(&stream)).await;
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
    let source = server.source(Auth::None, Vec::new());
    let stream = limited(Limits { tries: 2, ..Limits::default() });
    let (_, outcome) = read(&source, whole(&stream)).await;
    let error = outcome.expect_err("nobody").to_string();
    assert!(error.contains("cannot connect: Connection refused") && error.ends_with("(2 tries)"), "{error}");
}
