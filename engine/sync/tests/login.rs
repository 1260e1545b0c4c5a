//! A person logs in at an authorization server on this machine, through real connections.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tapwright_spec::settings::{Given, settings};
use tapwright_sync::auth::Keep;
use tapwright_sync::clock::SystemClock;
use tapwright_sync::extract::{Checked, ExtractError, Source};
use tapwright_sync::http::Live;
use tapwright_sync::login::{Login, LoginFault, Standing};
use url::Url;

/// An authorization server, with an API behind it, that answers token requests one after the other.
struct Server {
    address: String,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// `tokens` are status and body of each answer; `me` is the status of the API's.
    fn start(tokens: &[(u16, &str)], me: u16) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let heard: Arc<Mutex<Vec<String>>> = Arc::default();
        let mut tokens: Vec<(u16, String)> =
            tokens.iter().rev().map(|(status, body)| (*status, (*body).to_owned())).collect();
        let told = Arc::clone(&heard);
        std::thread::spawn(move || {
            for mut connection in listener.incoming().flatten() {
                let Some((line, head, body)) = request(&mut connection) else { continue };
                let (status, headers, answer) = if line.starts_with("GET /authorize?") {
                    told.lock().expect("a lock").push(line.clone());
                    let url = asked(&line);
                    let back = format!("{}?code=c%2F1&state={}", value(&url, "redirect_uri"), value(&url, "state"));
                    (302, format!("Location: {back}\r\n"), String::new())
                } else if line.starts_with("POST /token") {
                    told.lock().expect("a lock").push(body);
                    let (status, body) = tokens.pop().unwrap_or((500, String::new()));
                    (status, String::new(), body)
                } else {
                    let token = head.lines().find(|line| line.to_lowercase().starts_with("authorization:"));
                    told.lock().expect("a lock").push(token.unwrap_or_default().to_lowercase());
                    (me, String::new(), "{}".to_owned())
                };
                let length = answer.len();
                let _ = write!(
                    connection,
                    "HTTP/1.1 {status} X\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{answer}"
                );
            }
        });
        Server { address, heard }
    }

    fn heard(&self) -> Vec<String> {
        std::mem::take(&mut self.heard.lock().expect("a lock"))
    }

    fn source(&self, folder: &Path, more: &str) -> Source {
        let spec = format!(
            r#"
tapwright: 1
name: shop
title: Shop
version: 1.0.0
about: {{summary: A shop.}}
auth:
  oauth2:
    grant: authorization_code
    authorize_url: http://{0}/authorize
    token_url: http://{0}/token
    client_id: me
    scope: read all
    authorize_params: {{access_type: offline}}
    {more}
check: GET /me
http: {{base_url: "http://{0}", records: "$.items[*]"}}
streams:
  items: {{description: Things., endpoint: GET /items, fields: {{id: integer}}}}
"#,
            self.address
        );
        let spec = tapwright_spec::Source::new("shop.yaml", spec);
        let connector = tapwright_spec::check(&spec).unwrap_or_else(|faults| panic!("{faults:?}"));
        let settings = settings(&connector, &Given { file: None, texts: Vec::new() }).expect("settings");
        let live = Arc::new(Live::new().expect("a transport"));
        let source = Source::new(&connector, &settings, live, Arc::new(SystemClock)).expect("a source");
        source.keeping(Keep::within(folder, "shop"))
    }
}

/// First line, head and body of a request.
fn request(connection: &mut TcpStream) -> Option<(String, String, String)> {
    let mut text = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let read = connection.read(&mut piece).ok().filter(|read| *read > 0)?;
        text.extend_from_slice(&piece[..read]);
        let all = String::from_utf8_lossy(&text).into_owned();
        let Some((head, body)) = all.split_once("\r\n\r\n") else { continue };
        let length = head
            .to_lowercase()
            .split_once("content-length: ")
            .map_or(0, |(_, rest)| rest.lines().next().unwrap_or_default().trim().parse().expect("a length"));
        if body.len() >= length {
            return Some((head.lines().next()?.to_owned(), head.to_owned(), body.to_owned()));
        }
    }
}

fn asked(line: &str) -> Url {
    let target = line.split(' ').nth(1).expect("a target");
    Url::parse("http://127.0.0.1").expect("a url").join(target).expect("a url")
}

fn value(url: &Url, name: &str) -> String {
    url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
}

/// What a browser gets for an address.
fn get(url: &str) -> String {
    let url: Url = url.parse().expect("a url");
    let mut connection = TcpStream::connect(("127.0.0.1", url.port().expect("a port"))).expect("a connection");
    let target = &url[url::Position::BeforePath..];
    write!(connection, "GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n").expect("sent");
    let mut answer = String::new();
    connection.read_to_string(&mut answer).expect("an answer");
    answer
}

/// A person who allows access: the browser is sent back, and gets a page.
fn allow(url: &str) -> String {
    let answer = get(url);
    let back = answer.lines().find_map(|line| line.strip_prefix("Location: ")).expect("a redirect");
    get(back)
}

async fn log_in(
    source: &Source,
    browser: impl FnOnce(&str) -> String + Send + 'static,
) -> (String, Result<Standing, LoginFault>) {
    let login = Login::begin(source, None).await.expect("a login");
    let url = login.url().to_owned();
    let browsing = tokio::task::spawn_blocking(move || browser(&url));
    let outcome = login.finish().await;
    (browsing.await.expect("a browser"), outcome)
}

async fn refused(source: &Source) -> String {
    let fault: ExtractError = source.check().await.expect_err("refused");
    fault.to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_gives_runs_a_refresh_token_that_may_be_replaced() {
    let folder = tempfile::tempdir().expect("a folder");
    let tokens = [
        (200, r#"{"access_token": "a-0", "refresh_token": "r-1"}"#),
        (200, r#"{"access_token": "a-1", "refresh_token": "r-2"}"#),
        (200, r#"{"access_token": "a-2"}"#),
    ];
    let server = Server::start(&tokens, 200);
    let source = server.source(folder.path(), "client_secret: of-the-client");
    assert!(refused(&source).await.contains("nobody has logged in yet: run `tapwright login SPEC`"));
    let source = server.source(folder.path(), "client_secret: of-the-client");
    assert_eq!(source.standing().expect("no fault"), None);
    let (page, standing) = log_in(&source, allow).await;
    assert!(page.starts_with("HTTP/1.1 200 OK") && page.contains("Tapwright has the answer"), "{page}");
    let standing = standing.expect("logged in");
    assert!(standing.refreshes && standing.file.starts_with(folder.path()), "{standing:?}");
    assert_eq!(std::fs::read_to_string(&standing.file).expect("a file"), r#"{"refresh_token":"r-1"}"#);

    let [authorize, token] = server.heard().try_into().expect("two requests");
    let authorize = asked(&authorize);
    let redirect = value(&authorize, "redirect_uri");
    for (name, expected) in [
        ("response_type", "code"),
        ("client_id", "me"),
        ("scope", "read all"),
        ("code_challenge_method", "S256"),
        ("access_type", "offline"),
    ] {
        assert_eq!(value(&authorize, name), expected);
    }
    let token = asked(&format!("POST /?{token}"));
    let parts = ["grant_type", "code", "redirect_uri", "scope"].map(|name| value(&token, name));
    assert_eq!(parts, ["authorization_code", "c/1", &redirect, ""]);
    let digest = ring::digest::digest(&ring::digest::SHA256, value(&token, "code_verifier").as_bytes());
    assert_eq!(value(&authorize, "code_challenge"), URL_SAFE_NO_PAD.encode(digest));

    for (sent, access) in [("r-1", "a-1"), ("r-2", "a-2")] {
        let source = server.source(folder.path(), "client_secret: of-the-client");
        assert!(matches!(source.check().await, Ok(Checked::Passed { .. })));
        assert_eq!(
            server.heard(),
            [format!("refresh_token={sent}&grant_type=refresh_token"), format!("authorization: bearer {access}")]
        );
    }
    assert_eq!(source.forget_login().expect("no fault"), Some(standing.file));
    assert_eq!(source.standing().expect("no fault"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_access_token_alone_is_kept_until_the_api_refuses_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start(&[(200, r#"{"access_token": "long-lived"}"#)], 200);
    let (_, standing) = log_in(&server.source(folder.path(), "pkce: none"), allow).await;
    let standing = standing.expect("logged in");
    assert_eq!((standing.refreshes, standing.ends), (false, None));
    assert!(!server.heard()[0].contains("code_challenge"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&standing.file).expect("a file").permissions().mode() & 0o777, 0o600);
    }
    assert!(matches!(server.source(folder.path(), "").check().await, Ok(Checked::Passed { .. })));
    assert_eq!(server.heard(), ["authorization: bearer long-lived"]);

    let server = Server { address: server.address, heard: server.heard };
    let refusing = Server::start(&[(200, r#"{"access_token": "long-lived", "expires_in": 3600}"#)], 401);
    let other = tempfile::tempdir().expect("a folder");
    let (_, standing) = log_in(&refusing.source(other.path(), ""), allow).await;
    assert!(standing.expect("logged in").ends.is_some());
    let why = refused(&refusing.source(other.path(), "")).await;
    assert!(
        why.contains("the API refuses the access token that the login gave: run `tapwright login SPEC` again"),
        "{why}"
    );
    drop(server);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_is_denied_says_why() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start(&[(400, r#"{"error": "invalid_grant", "error_description": "c/1 has expired"}"#)], 200);
    let source = server.source(folder.path(), "");
    let back = |url: &str, query: &str| {
        let url: Url = url.parse().expect("a url");
        let query = query.replace("STATE", &value(&url, "state"));
        format!("{}?{query}", value(&url, "redirect_uri"))
    };
    let (page, denied) = log_in(&source, move |url| {
        assert!(get(&back(url, "x").replace("/callback", "/favicon.ico")).starts_with("HTTP/1.1 404"));
        get(&back(url, "error=access_denied&error_description=not+you&state=STATE"))
    })
    .await;
    assert!(page.starts_with("HTTP/1.1 400") && !page.contains("not you"), "{page}");
    assert_eq!(denied.expect_err("denied").to_string(), "access was not granted (access_denied: not you)");
    let (_, other) = log_in(&source, move |url| get(&back(url, "code=c&state=another"))).await;
    assert!(other.expect_err("denied").to_string().contains("another `state`"));
    let (_, expired) = log_in(&source, allow).await;
    let why = expired.expect_err("denied").to_string();
    assert!(why.contains("no access token is given (HTTP 400") && why.contains("*** has expired"), "{why}");
    assert_eq!(source.standing().expect("no fault"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_browser_comes_back_where_the_spec_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port();
    let server = Server::start(&[], 200);
    let source = server.source(folder.path(), &format!("redirect_url: http://localhost:{port}/back"));
    let deaf = Login::begin(&source, None).await.err().expect("a port that is taken").to_string();
    assert!(deaf.contains(&format!("port {port} of this machine cannot be listened at")), "{deaf}");
    drop(taken);
    let login = Login::begin(&source, None).await.expect("a login");
    let url: Url = login.url().parse().expect("a url");
    assert_eq!(value(&url, "redirect_uri"), format!("http://localhost:{port}/back"));
}
