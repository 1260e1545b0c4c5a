//! Asking a simulator: a site served for one test, and an HTTP client small enough to see what is sent.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use base64::Engine;
use desk_simulator::{Credentials, Server, ServerOptions, Site, SiteOptions};
use serde_json::Value;

/// A small site, served with these rules.
pub(crate) async fn serve(cases: usize, rules: ServerOptions) -> Server {
    let site = Site::generate(&SiteOptions { cases, ..SiteOptions::default() });
    Server::start(site, rules).await.expect("a free port")
}

pub(crate) fn basic() -> String {
    let known = Credentials::default();
    let pair = format!("{}:{}", known.user, known.password);
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair))
}

#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).expect("text")
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    pub(crate) fn number(&self, name: &str) -> u64 {
        self.header(name).parse().expect("a number")
    }
}

/// Asks as the agent; `path` begins behind `/api/v2`.
pub(crate) fn get(server: &Server, path: &str) -> Reply {
    ask(server, "GET", &format!("/api/v2{path}"), &[("Authorization", &basic())])
}

pub(crate) fn json(server: &Server, path: &str) -> Value {
    let reply = get(server, path);
    assert_eq!(reply.status, 200, "{path}: {}", reply.text());
    reply.json()
}

pub(crate) fn ask(server: &Server, method: &str, target: &str, headers: &[(&str, &str)]) -> Reply {
    let mut stream = TcpStream::connect(server.address()).expect("the server listens");
    send(&mut stream, method, target, headers);
    receive(&mut BufReader::new(stream))
}

pub(crate) fn send(stream: &mut TcpStream, method: &str, target: &str, headers: &[(&str, &str)]) {
    let address = stream.peer_addr().expect("connected");
    let mut request = format!("{method} {target} HTTP/1.1\r\nHost: {address}\r\n");
    for (name, value) in headers {
        request += &format!("{name}: {value}\r\n");
    }
    request += "\r\n";
    stream.write_all(request.as_bytes()).expect("sent");
}

pub(crate) fn receive(stream: &mut BufReader<TcpStream>) -> Reply {
    let mut line = || {
        let mut line = String::new();
        stream.read_line(&mut line).expect("a line");
        line.trim_end().to_owned()
    };
    let status = line().split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status");
    let mut headers = BTreeMap::new();
    loop {
        let header = line();
        let Some((name, value)) = header.split_once(": ") else {
            break;
        };
        headers.insert(name.to_ascii_lowercase(), value.to_owned());
    }
    let length = headers.get("content-length").map_or(0, |length| length.parse().expect("a length"));
    let mut body = vec![0; if status == 304 { 0 } else { length }];
    stream.read_exact(&mut body).expect("the body");
    Reply { status, headers, body }
}

pub(crate) fn entries(page: &Value) -> &Vec<Value> {
    page["_embedded"]["entries"].as_array().expect("entries")
}

/// All entries of a list, by following `next` as it stands.
pub(crate) fn walk(server: &Server, path: &str) -> Vec<Value> {
    let mut all = Vec::new();
    let mut next = Some(path.to_owned());
    while let Some(path) = next {
        let page = json(server, &path);
        all.extend(entries(&page).iter().cloned());
        next = page["_links"]["next"]["href"].as_str().map(|href| href["/api/v2".len()..].to_owned());
    }
    all
}

pub(crate) fn list<'a>(truth: &'a Value, name: &str) -> &'a Vec<Value> {
    truth[name].as_array().unwrap_or_else(|| panic!("no {name} in the dump"))
}

pub(crate) fn ids(records: &[Value]) -> Vec<u64> {
    records.iter().map(|record| record["id"].as_u64().expect("an id")).collect()
}
