//! A run that is killed between a refresh of its token and the commit of its rows loses neither.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::mpsc;

const SPEC: &str = r#"
tapwright: 1
name: shop
title: Shop
version: 1.0.0
about: {summary: A shop.}
auth:
  oauth2:
    grant: refresh_token
    token_url: http://ADDRESS/token
    client_id: me
    refresh_token: r-1
http: {base_url: "http://ADDRESS", records: "$.items[*]"}
streams:
  items: {description: Things., endpoint: GET /items, primary_key: id, fields: {id: integer}}
"#;

/// Answers each token request with the next refresh token, and never the first request for items.
fn serve(listener: &TcpListener, told: &mpsc::Sender<String>) {
    let mut tokens = 1;
    let mut unanswered = Vec::new();
    for mut connection in listener.incoming().flatten() {
        let (line, body) = request(&mut connection);
        let answer = if line.starts_with("POST /token") {
            tokens += 1;
            format!(r#"{{"access_token": "a-{tokens}", "refresh_token": "r-{tokens}"}}"#)
        } else {
            r#"{"items": [{"id": 1}, {"id": 2}]}"#.to_owned()
        };
        if told.send(format!("{line} {body}")).is_err() {
            return;
        }
        if line.starts_with("GET /items") && unanswered.is_empty() {
            unanswered.push(connection);
            continue;
        }
        let length = answer.len();
        let _ = write!(connection, "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{answer}");
    }
}

/// Method and path, and the body.
fn request(connection: &mut TcpStream) -> (String, String) {
    let mut text = String::new();
    let mut piece = [0; 4096];
    loop {
        let read = connection.read(&mut piece).expect("a request");
        assert!(read > 0, "half a request: {text}");
        text.push_str(&String::from_utf8_lossy(&piece[..read]));
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
        if body.len() >= length.unwrap_or(0) {
            let line = head.lines().next().expect("a line").trim_end_matches(" HTTP/1.1");
            return (line.to_owned(), body.to_owned());
        }
    }
}

#[test]
fn a_run_that_is_killed_after_a_refresh_goes_on_with_the_new_token() {
    let folder = tempfile::tempdir().expect("a folder");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let spec = folder.path().join("shop.yaml");
    std::fs::write(&spec, SPEC.replace("ADDRESS", &address)).expect("a spec");
    let (sender, told) = mpsc::channel();
    std::thread::spawn(move || serve(&listener, &sender));
    let run = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tapwright"));
        command.arg("sync").arg(&spec).args(["--to", "sqlite:shop.db"]).current_dir(folder.path());
        command.env("TAPWRIGHT_STATE_DIR", folder.path().join("state")).stdout(Stdio::null()).stderr(Stdio::piped());
        command
    };
    let form = |refresh: &str| format!("POST /token grant_type=refresh_token&refresh_token={refresh}&client_id=me");

    let mut killed = run().spawn().expect("a run");
    assert_eq!(told.recv().expect("a request"), form("r-1"));
    assert_eq!(told.recv().expect("a request"), "GET /items ");
    killed.kill().expect("killed");
    assert!(!killed.wait().expect("an end").success());

    let whole = run().output().expect("a run");
    assert!(whole.status.success(), "{}", String::from_utf8_lossy(&whole.stderr));
    assert_eq!(told.recv().expect("a request"), form("r-2"));
    assert_eq!(told.recv().expect("a request"), "GET /items ");
    let database = rusqlite::Connection::open(folder.path().join("shop.db")).expect("a database");
    let rows: i64 = database.query_row("SELECT count(*) FROM items", [], |row| row.get(0)).expect("a count");
    assert_eq!(rows, 2);
}
