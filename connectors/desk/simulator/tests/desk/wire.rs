//! Headers: rate limit, entity tags, compression; and faults.

use std::io::Read;
use std::time::Duration;

use desk_simulator::ServerOptions;

use crate::asking::{ask, basic, get, json, serve};

#[tokio::test(flavor = "multi_thread")]
async fn a_request_too_many_is_refused_in_plain_text() {
    let rules = ServerOptions { rate_limit: 3, rate_window: 1.5, ..ServerOptions::default() };
    let server = serve(20, rules).await;
    for left in [2, 1, 0] {
        let reply = get(&server, "/users");
        assert_eq!(reply.status, 200);
        assert_eq!(reply.number("x-rate-limit-limit"), 3);
        assert_eq!(reply.number("x-rate-limit-remaining"), left);
    }
    let refused = get(&server, "/users");
    assert_eq!((refused.status, refused.text().as_str()), (429, "Too Many Requests"));
    assert!(refused.header("content-type").starts_with("text/plain"));
    assert!(!refused.headers.contains_key("retry-after"));
    assert_eq!(get(&server, "/cases").status, 200, "the other generation counts apart");
    let reset = refused.number("x-rate-limit-reset");
    assert!((1..=2).contains(&reset));
    tokio::time::sleep(Duration::from_secs(reset)).await;
    assert_eq!(get(&server, "/users").status, 200);
    assert_eq!(server.requests().by_status[&429], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn entity_tags_spare_the_body_where_the_monolith_answers() {
    let server = serve(20, ServerOptions::default()).await;
    let agent = basic();
    let again = |path: &str, tag: &str| {
        let headers = [("Authorization", agent.as_str()), ("If-None-Match", tag)];
        ask(&server, "GET", &format!("/api/v2{path}"), &headers)
    };
    let first = get(&server, "/customers");
    assert_eq!(first.header("etag").len(), 34, "32 hex digits in quotes");
    let same = again("/customers", first.header("etag"));
    assert_eq!((same.status, same.body.len()), (304, 0));
    assert!(same.headers.contains_key("x-rate-limit-remaining"));
    assert_eq!(again("/customers?page=2&per_page=2", first.header("etag")).status, 200);

    let users = get(&server, "/users").header("etag").to_owned();
    assert!(users.trim_matches('"').parse::<u64>().is_ok(), "{users}");
    assert_eq!(get(&server, "/users?per_page=3&page=2").header("etag"), users);
    let edit = desk_simulator::Edit { deleted_users: 1, ..desk_simulator::Edit::default() };
    assert_eq!(server.edit(&edit).deleted_users.len(), 1);
    assert_eq!(again("/users", &users).status, 200);

    assert!(!get(&server, "/cases").headers.contains_key("etag"));
    let search = |text: &str| get(&server, &format!("/articles/search?text={text}"));
    assert_eq!(search("refunds").header("etag"), search("warranty").header("etag"));
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_are_compressed_when_asked_for() {
    let server = serve(20, ServerOptions::default()).await;
    let plain = get(&server, "/articles");
    assert!(!plain.headers.contains_key("content-encoding"));
    let headers = [("Authorization", basic()), ("Accept-Encoding", "deflate, gzip;q=1.0".to_owned())];
    let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
    let packed = ask(&server, "GET", "/api/v2/articles", &headers);
    assert_eq!(packed.header("content-encoding"), "gzip");
    assert_eq!(packed.header("vary"), "Accept-Encoding, X-AppVersion");
    assert!(packed.header("etag").starts_with("W/\""));
    assert!(packed.body.len() * 3 < plain.body.len());
    let mut unpacked = Vec::new();
    flate2::read::GzDecoder::new(&packed.body[..]).read_to_end(&mut unpacked).expect("gzip");
    assert_eq!(unpacked, plain.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_two_servers_introduce_themselves() {
    let server = serve(20, ServerOptions::default()).await;
    let old = get(&server, "/brands");
    assert_eq!(old.header("status"), "200 OK");
    assert_eq!(old.header("x-appversion"), "15.99");
    assert_eq!(old.header("x-request-id").len(), 32);
    let new = get(&server, "/cases");
    assert_eq!(new.header("server"), "nginx");
    assert_eq!(new.header("x-api-version").len(), 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_strike_and_are_gone_on_retry() {
    let rules = ServerOptions { errors: 0.3, ..ServerOptions::default() };
    let server = serve(20, rules).await;
    let mut struck = 0;
    for page in 1..=60 {
        let path = format!("/cases?page={page}");
        let first = get(&server, &path);
        if first.status == 500 {
            struck += 1;
            assert!(first.json()["message"].is_string());
            json(&server, &path);
        }
    }
    assert!((5..40).contains(&struck), "{struck}");
}
