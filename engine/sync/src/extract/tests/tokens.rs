//! Refresh tokens that an API replaces, and one token for all who need it.

use std::path::{Path, PathBuf};

use serde_json::json;
use tapwright_spec::Connector;

use super::heard::Heard;
use super::{FaultKind, clock, connector, read, recorded, settings, source_of, whole};
use crate::auth::Keep;
use crate::extract::{ExtractError, Sample, Source};

const ROWS: &str = r#"{request: GET /api/rows, body: '{"rows": [{"id": 1}]}'}"#;

fn refreshing() -> Connector {
    connector(&json!({"auth": {"oauth2": {
        "grant": "refresh_token",
        "token_url": "https://login.example/token",
        "client_id": "me",
        "refresh_token": "{{ config.key }}",
    }}}))
}

/// One run over these exchanges: what it sent to the token endpoint, and whether it went well.
async fn run(folder: &Path, exchanges: &str) -> (Vec<String>, Result<(), ExtractError>) {
    let api = refreshing();
    let heard = Heard::new(recorded(&format!("exchanges: [{exchanges}]")));
    let source = source_of(&api, heard.clone(), clock()).keeping(Keep::within(folder, "api"));
    let (_, outcome) = read(&source, whole(&api)).await;
    let bodies = heard.sent().into_iter().filter_map(|line| Some(line.split_once("/token ")?.1.to_owned()));
    (bodies.collect(), outcome.map(drop))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|file| file.extension().is_none_or(|extension| extension != "lock"));
    files
}

fn given(access: &str, refresh: &str) -> String {
    format!(r#"{{request: POST /token, body: '{{"access_token": "{access}", "refresh_token": "{refresh}"}}'}}"#)
}

fn form(refresh_token: &str) -> String {
    format!("grant_type=refresh_token&refresh_token={refresh_token}&client_id=me")
}

#[tokio::test]
async fn a_replaced_refresh_token_is_kept_for_the_next_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path().join("state/tapwright");
    let (sent, outcome) = run(&folder, &format!("{}, {ROWS}", given("t1", "second"))).await;
    outcome.expect("a run");
    assert_eq!(sent, [form("s3cret%2Fkey")]);
    let [file] = files(&folder).try_into().expect("one file");
    assert_eq!(std::fs::read_to_string(&file).expect("a text"), r#"{"refresh_token":"second"}"#);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| std::fs::metadata(path).expect("a file").permissions().mode() & 0o777;
        assert_eq!((mode(&file), mode(&folder)), (0o600, 0o700));
    }
    // The same token again is nothing new; a run that ends before its first row has lost nothing.
    let (sent, outcome) =
        run(&folder, &format!("{}, {{request: GET /api/rows, status: 404}}", given("t2", "third"))).await;
    assert_eq!((sent, outcome.is_err()), (vec![form("second")], true));
    let (sent, outcome) = run(&folder, &format!("{}, {ROWS}", given("t3", "third"))).await;
    outcome.expect("a run");
    assert_eq!((sent, files(&folder).len()), (vec![form("third")], 1));
}

#[tokio::test]
async fn within_a_run_the_newest_refresh_token_is_used() {
    let folder = tempfile::tempdir().expect("a folder");
    let refused = "{request: GET /api/rows, status: 401}";
    let exchanges = [given("t1", "second"), refused.to_owned(), given("t2", "third"), ROWS.to_owned()].join(", ");
    let (sent, outcome) = run(folder.path(), &exchanges).await;
    outcome.expect("a run");
    assert_eq!(sent, [form("s3cret%2Fkey"), form("second")]);
}

#[tokio::test]
async fn a_walk_that_is_stopped_takes_no_new_refresh_token_with_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let api = refreshing();
    let busy = "{request: POST /token, status: 503, times: 5}";
    let recorded = recorded(&format!("exchanges: [{busy}, {}]", given("t1", "second")));
    let source = source_of(&api, recorded.clone(), clock()).keeping(Keep::within(folder.path(), "api"));
    let mut walk = source.walk(whole(&api));
    tokio::select! {
        biased;
        _ = walk.next() => panic!("it was not stopped"),
        () = tokio::task::yield_now() => {}
    }
    drop(walk);
    assert_eq!(files(folder.path()).iter().filter(|file| file.extension().is_some_and(|e| e == "json")).count(), 0);
    assert_eq!(source.close().await, Vec::<String>::new());
    let [file] = files(folder.path()).try_into().expect("one file");
    assert_eq!(std::fs::read_to_string(&file).expect("a text"), r#"{"refresh_token":"second"}"#);
    assert_eq!(recorded.unused(), Vec::<&str>::new());
}

#[tokio::test]
async fn another_refresh_token_in_the_configuration_takes_the_place_of_the_kept_one() {
    let folder = tempfile::tempdir().expect("a folder");
    run(folder.path(), &format!("{}, {ROWS}", given("t1", "second"))).await.1.expect("a run");
    let api = refreshing();
    let heard = Heard::new(recorded(&format!("exchanges: [{}, {ROWS}]", given("t2", "x"))));
    let mut settings = settings("http://a.example/api");
    settings.values.insert("key".into(), "issued anew".into());
    let source = Source::new(&api, &settings, heard.clone(), clock()).expect("a source");
    let source = source.keeping(Keep::within(folder.path(), "api"));
    read(&source, whole(&api)).await.1.expect("a run");
    assert!(heard.sent()[0].ends_with(&form("issued+anew")), "{:?}", heard.sent());
}

#[tokio::test]
async fn a_kept_token_that_is_refused_says_where_it_is_kept_and_not_what_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    run(folder.path(), &format!("{}, {ROWS}", given("t1", "second"))).await.1.expect("a run");
    let (_, outcome) = run(folder.path(), "{request: POST /token, status: 400, body: 'second is unknown'}").await;
    let error = outcome.expect_err("refused");
    let text = error.to_string();
    assert_eq!(error.kind(), FaultKind::Credentials);
    assert!(text.contains("(HTTP 400: *** is unknown); the refresh token was kept in"), "{text}");
    assert!(text.ends_with(".json: configure a new one"), "{text}");
}

#[tokio::test]
async fn no_refresh_token_is_given_away_where_none_could_be_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("file");
    std::fs::write(&file, "").expect("a file");
    let (sent, outcome) = run(&file.join("below"), "").await;
    assert_eq!(sent, Vec::<String>::new());
    let text = outcome.expect_err("no folder").to_string();
    assert!(text.contains("no refresh token can be kept in") && text.contains("TAPWRIGHT_STATE_DIR"), "{text}");

    run(folder.path(), &format!("{}, {ROWS}", given("t1", "second"))).await.1.expect("a run");
    let kept = files(folder.path()).into_iter().find(|file| file.extension().is_some()).expect("a file");
    std::fs::write(&kept, "{\"refresh_token\": \"half").expect("written");
    let (sent, outcome) = run(folder.path(), "").await;
    assert_eq!(sent, Vec::<String>::new());
    let text = outcome.expect_err("half a file").to_string();
    assert!(text.contains("holds no refresh token") && !text.contains("half"), "{text}");
}

#[tokio::test]
async fn streams_that_need_a_token_at_once_share_one() {
    let stream = |endpoint: &str| json!({"description": "Rows.", "endpoint": endpoint, "fields": {"id": "integer"}});
    let api = connector(&json!({
        "auth": {"oauth2": {
            "grant": "client_credentials",
            "token_url": "https://login.example/token",
            "client_id": "me",
            "client_secret": "{{ config.key }}",
        }},
        "streams": {"more": stream("GET /more"), "rest": stream("GET /rest")},
    }));
    // Whoever waits lets the others go on: `more` fetches the token, then all go on with it; while `more` waits
    // again, the others find it refused, and `rest` and `more` take the one that `rows` fetches.
    let recorded = recorded(
        r#"exchanges:
  - {request: POST /token, status: 503}
  - {request: POST /token, body: '{"access_token": "t1"}'}
  - {request: GET /api/more, status: 503}
  - {request: GET /api/rest, status: 503}
  - {request: GET /api/rows, status: 401}
  - {request: POST /token, body: '{"access_token": "t2"}'}
  - {request: GET /api/rows, body: '{"rows": []}'}
  - {request: GET /api/more, status: 401}
  - {request: GET /api/more, body: '{"rows": []}'}
  - {request: GET /api/rest, status: 401}
  - {request: GET /api/rest, body: '{"rows": []}'}
"#,
    );
    let source = source_of(&api, recorded.clone(), clock());
    let walk = |name: &str| read(&source, super::of(api.stream(name).expect("a stream")));
    let (more, rest, rows) = tokio::join!(biased; walk("more"), walk("rest"), walk("rows"));
    for (_, outcome) in [more, rest, rows] {
        outcome.expect("a walk");
    }
    assert_eq!(recorded.unused(), Vec::<&str>::new());
}

#[test]
fn what_would_be_asked_for_names_the_credentials_and_hides_them() {
    let key = "{{ config.key }}";
    let api = connector(&json!({
        "auth": [
            {"oauth2": {
                "grant": "client_credentials",
                "token_url": "https://login.example/token",
                "client_id": "me",
                "client_secret": key,
            }},
            {"api_key": {"cookie": "sid", "value": key}},
            {"api_key": {"cookie": "csrf", "value": key}},
            {"api_key": {"body": "key", "value": key}},
        ],
        "streams": {"rows": {"endpoint": "POST /rows", "body": {"all": true}}},
    }));
    let source = source_of(&api, recorded("exchanges: []"), clock());
    let sample = Sample { records: 1, page: 1, first_key: jiff::Timestamp::UNIX_EPOCH };
    let first = source.rehearse(whole(&api), sample).expect("a rehearsal").first;
    let headers: Vec<String> = first.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    assert!(headers.contains(&"Authorization: Bearer ***".to_owned()), "{headers:?}");
    assert!(headers.contains(&"Cookie: ***".to_owned()), "{headers:?}");
    assert_eq!(first.body.as_deref(), Some(r#"{"all":true,"key":"***"}"#));
}
