//! A site that fails, moves, rations and caps while it is read.

use std::time::{Duration, Instant};

use desk_simulator::{Credentials, Edit, ServerOptions};

use crate::compare;
use crate::site::{Desk, SPEC, stream};

/// The Desk spec with pages of so many records.
pub(crate) fn paged(size: u32) -> String {
    let patched =
        SPEC.replace("size: {param: per_page, value: 100}", &format!("size: {{param: per_page, value: {size}}}"));
    assert_ne!(patched, SPEC);
    patched
}

/// A spec whose walks never begin anew from the last key.
fn without_restart(spec: &str) -> String {
    let patched = spec.replace("    pagination: {restart_after: {pages: 1, from: last_key}}\n", "");
    assert_ne!(patched, spec);
    patched
}

#[test]
fn one_request_in_twenty_fails_and_nothing_is_missing() {
    let desk = Desk::start(150, ServerOptions { errors: 0.05, ..ServerOptions::default() });
    let report = desk.sync_well();
    desk.assert_same();
    assert!(stream(&report, "replies")["retries"].as_u64() > Some(0), "{report}");
    let _ = desk.server.edit(&Edit { cases: 10, new_cases: 5, deleted_users: 1, ..Edit::default() });
    desk.sync_well();
    desk.assert_same();
}

#[test]
fn cases_that_change_while_they_are_read_are_there_after_a_quiet_run() {
    for churn in [3, 7] {
        let desk = Desk::with_spec(120, ServerOptions { churn, ..ServerOptions::default() }, &paged(5));
        let report = desk.sync_well();
        assert!(stream(&report, "cases")["requests"].as_u64() > Some(20), "{report}");
        // The site moves with every request, also of this run: what it changed last is compared below.
        desk.sync_well();
        let (expected, actual) = (desk.expected(), compare::actual(&desk.path("desk.db")));
        for (table, rows) in &expected {
            if table != "replies" && !table.starts_with("cases") {
                assert_eq!(Some(rows), actual.get(table), "{table}");
            }
        }
        let missing = missing_ids(&expected["cases"], &actual["cases"]);
        assert!(missing.is_empty(), "cases that no run has brought: {missing:?}");
    }
}

fn missing_ids(expected: &[String], actual: &[String]) -> Vec<u64> {
    let ids = |rows: &[String]| -> std::collections::BTreeSet<u64> {
        let row = |row: &String| serde_json::from_str::<serde_json::Value>(row).expect("JSON")["id"].as_u64();
        rows.iter().filter_map(row).collect()
    };
    ids(expected).difference(&ids(actual)).copied().collect()
}

#[test]
fn after_churn_a_run_on_a_still_site_brings_everything() {
    let desk = Desk::with_spec(120, ServerOptions { churn: 5, ..ServerOptions::default() }, &paged(7));
    desk.sync_well();
    desk.sync_well();
    let still = desk.still();
    still.sync_well();
    still.assert_same();
}

#[test]
fn a_small_window_is_waited_for_and_nothing_is_missing() {
    let options = ServerOptions { rate_limit: 25, rate_window: 1.0, ..ServerOptions::default() };
    let desk = Desk::start(60, options);
    let report = desk.sync_well();
    desk.assert_same();
    let waited: f64 = report["streams"]
        .as_array()
        .expect("streams")
        .iter()
        .map(|stream| stream["waited_seconds"].as_f64().expect("seconds"))
        .sum();
    assert!(waited > 0.5, "{report}");
}

#[test]
fn refusals_with_429_are_waited_out_where_the_spec_knows_no_budget() {
    let line = SPEC.lines().find(|line| line.starts_with("  rate_limit:")).expect("a rate limit");
    let spec = SPEC.replace(&format!("{line}\n"), "");
    let options = ServerOptions { rate_limit: 25, rate_window: 1.0, ..ServerOptions::default() };
    let desk = Desk::with_spec(60, options, &spec);
    let report = desk.sync_well();
    desk.assert_same();
    assert!(stream(&report, "replies")["retries"].as_u64() > Some(0), "{report}");
    assert!(desk.server.requests().by_status[&429] > 0);
}

#[test]
fn a_list_beyond_page_500_fails_aloud_and_is_whole_when_walks_begin_anew() {
    let desk = Desk::with_spec(520, ServerOptions::default(), &without_restart(&paged(1)));
    let ended = desk.sync(&["--report", "json"]);
    assert_eq!(ended.code, Some(3), "{}", ended.err);
    let report: serde_json::Value = serde_json::from_str(&ended.out).expect("JSON");
    let cases = stream(&report, "cases");
    assert_eq!(cases["verdict"], "failed", "{cases}");
    let reason = cases["reason"].as_str().expect("a reason");
    assert!(reason.contains("501") || reason.contains("500"), "{reason}");

    // The same database with the spec that begins anew: what is missing comes, and nothing twice.
    desk.write("desk.yaml", &paged(1));
    desk.sync_well();
    let (expected, actual) = (desk.expected(), compare::actual(&desk.path("desk.db")));
    compare::assert_same(&expected, &actual);
}

#[test]
fn a_wrong_secret_is_told_and_never_shown() {
    let desk = Desk::start(20, ServerOptions::default());
    let wrong = Credentials { secret: "not-the-secret".into(), ..Credentials::default() };
    desk.configure(&wrong);
    for format in ["text", "json"] {
        let ended = desk.sync(&["--report", format]);
        assert_eq!(ended.code, Some(3), "{}", ended.said());
        assert!(ended.out.contains("the API refuses the credentials"), "{}", ended.out);
        for secret in ["not-the-secret", &wrong.token_secret, &wrong.key, &wrong.token] {
            assert!(!ended.said().contains(secret), "`{secret}` is shown: {}", ended.said());
        }
    }
    desk.configure(&Credentials::default());
    desk.sync_well();
    desk.assert_same();
}

#[test]
fn basic_authentication_is_refused_or_works() {
    let start = SPEC.find("auth:\n").expect("auth");
    let end = SPEC.find("check: GET").expect("check");
    let spec = format!(
        "{}auth:\n  basic: {{username: agent@shop.example, password: \"{{{{ config.secret }}}}\"}}\n\n{}",
        &SPEC[..start],
        &SPEC[end..]
    );
    let spec = ["key", "token", "token_secret"].iter().fold(spec, |spec, name| {
        let begin = spec.find(&format!("  {name}:\n    type")).expect("the field");
        let length = spec[begin..].find("secret: true\n").expect("its end") + "secret: true\n".len();
        format!("{}{}", &spec[..begin], &spec[begin + length..]).replace("fills: [key, secret]", "fills: [secret]")
    });
    let spec = spec.replace("      fills: [token, token_secret]\n", "");
    let desk = Desk::with_spec(20, ServerOptions::default(), &spec);
    let keys = Credentials::default();
    let configure = |password: &str| {
        desk.write("config.yaml", &format!("site_url: {}\nsecret: {password}\n", desk.server.base_url()));
    };
    configure("wrong-password");
    let ended = desk.sync(&[]);
    assert_eq!(ended.code, Some(3), "{}", ended.said());
    assert!(!ended.said().contains("wrong-password"), "{}", ended.said());
    configure(&keys.password);
    desk.sync_well();
    desk.assert_same();
}

#[test]
fn a_connector_without_table_selection_refuses_it() {
    let desk = Desk::start(20, ServerOptions::default());
    let ended = desk.sync(&["--stream", "cases"]);
    assert_eq!(ended.code, Some(1), "{}", ended.said());
    assert!(ended.err.contains("table_selection: false"), "{}", ended.err);
    assert_eq!(desk.server.requests().total, 0);
}

#[test]
fn a_server_that_is_away_is_told_and_the_next_run_completes() {
    let desk = Desk::start(30, ServerOptions::default());
    let spec = SPEC.replace("http:\n", "http:\n  limits: {tries: 1}\n");
    desk.write("desk.yaml", &spec);
    desk.sync_well();
    desk.write("away.yaml", "site_url: http://127.0.0.1:9\nkey: k\nsecret: s\ntoken: t\ntoken_secret: u\n");
    let mut away = desk.program(&["sync", "desk.yaml", "--config", "away.yaml", "--to", "sqlite:desk.db"]);
    let begun = Instant::now();
    let ended = crate::site::Ended::of(away.output().expect("it runs"));
    assert_eq!(ended.code, Some(3), "{}", ended.said());
    assert!(begun.elapsed() < Duration::from_secs(20));
    desk.assert_same();
    let _ = desk.server.edit(&Edit { cases: 2, new_cases: 2, ..Edit::default() });
    desk.sync_well();
    desk.assert_same();
}

#[test]
fn bulk_actions_that_stamp_one_second_on_many_cases_lose_none_while_cases_change() {
    // Pages of two: each second that a bulk action stamped fills several of them.
    let options = ServerOptions { churn: 25, ..ServerOptions::default() };
    let desk = Desk::with_spec(150, options, &paged(2));
    desk.sync(&[]);
    let still = desk.still();
    still.sync_well();
    still.assert_same();
}

#[test]
fn two_runs_at_once_end_and_the_next_one_is_whole() {
    let desk = Desk::with_spec(60, ServerOptions { latency: 20, ..ServerOptions::default() }, &paged(10));
    let run = || {
        let mut command = desk.syncing("desk.db", &[]);
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().expect("it starts")
    };
    let (first, second) = (run(), run());
    for child in [first, second] {
        let ended = crate::site::Ended::of(child.wait_with_output().expect("an end"));
        assert!(matches!(ended.code, Some(0 | 1 | 3)), "{:?} {}", ended.code, ended.said());
    }
    desk.sync_well();
    desk.assert_same();
}
