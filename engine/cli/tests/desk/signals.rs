//! Ctrl-C and SIGTERM end a run soon, with a report, a consistent destination and a code that says so.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use desk_simulator::ServerOptions;
use serde_json::Value;

use crate::faults::paged;
use crate::site::{Desk, Ended, stream};

/// A run under way, on a site that answers late.
fn running(desk: &Desk, format: &str) -> Child {
    let mut command = desk.syncing("desk.db", &["--report", format]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    let begun = Instant::now();
    while desk.server.requests().total < 30 {
        assert!(begun.elapsed() < Duration::from_secs(20), "no requests come");
        thread::sleep(Duration::from_millis(5));
    }
    child
}

fn send(signal: &str, child: &Child) {
    let sent = Command::new("kill").args([signal, &child.id().to_string()]).status();
    assert!(sent.expect("kill").success());
}

fn slow() -> Desk {
    Desk::with_spec(400, ServerOptions { latency: 50, ..ServerOptions::default() }, &paged(20))
}

fn ends_with(signal: &str, code: i32, word: &str) {
    let desk = slow();
    let child = running(&desk, "json");
    let signalled = Instant::now();
    send(signal, &child);
    let ended = Ended::of(child.wait_with_output().expect("an end"));
    assert!(signalled.elapsed() < Duration::from_secs(3), "{:?}", signalled.elapsed());
    assert_eq!(ended.code, Some(code), "{}", ended.said());
    let report: Value = serde_json::from_str(&ended.out).expect("the report is JSON");
    assert!(report["interrupted"].as_str().is_some_and(|why| why.contains(word)), "{report}");
    let replies = stream(&report, "replies");
    assert_eq!(replies["verdict"], "failed");
    assert!(replies["reason"].as_str().is_some_and(|why| why.contains(word)), "{replies}");
    desk.server.forget_requests();
    desk.sync_well();
    desk.assert_same();
}

#[test]
fn ctrl_c_ends_a_run_with_130_and_the_next_run_completes_it() {
    ends_with("-INT", 130, "Ctrl-C");
}

#[test]
fn sigterm_ends_a_run_with_143_and_the_next_run_completes_it() {
    ends_with("-TERM", 143, "SIGTERM");
}

#[test]
fn a_signal_while_the_budget_is_waited_for_is_heard_at_once() {
    let options = ServerOptions { rate_limit: 40, rate_window: 60.0, ..ServerOptions::default() };
    let desk = Desk::start(200, options);
    let child = running(&desk, "text");
    thread::sleep(Duration::from_millis(500));
    let signalled = Instant::now();
    send("-INT", &child);
    let ended = Ended::of(child.wait_with_output().expect("an end"));
    assert!(signalled.elapsed() < Duration::from_secs(3), "{:?}", signalled.elapsed());
    assert_eq!(ended.code, Some(130), "{}", ended.said());
    assert!(ended.out.contains("ended by Ctrl-C; run again to go on"), "{}", ended.out);
}

#[test]
fn a_second_signal_ends_at_once_and_the_database_is_whole() {
    let desk = slow();
    let child = running(&desk, "text");
    send("-INT", &child);
    send("-TERM", &child);
    let ended = Ended::of(child.wait_with_output().expect("an end"));
    assert!(matches!(ended.code, Some(130 | 143)), "{:?}", ended.code);
    desk.sync_well();
    desk.assert_same();
}

#[test]
fn a_second_signal_ends_at_once_while_a_destination_does_not_answer() {
    let desk = Desk::start(5, ServerOptions::default());
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let to = format!("postgres://nobody@{}/none", silent.local_addr().expect("an address"));
    let mut command = desk.program(&["sync", "desk.yaml", "--config", "config.yaml", "--to", &to]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    let _asking = silent.accept().expect("a connection");
    let signalled = Instant::now();
    send("-INT", &child);
    thread::sleep(Duration::from_millis(200));
    send("-INT", &child);
    let ended = Ended::of(child.wait_with_output().expect("an end"));
    assert!(signalled.elapsed() < Duration::from_secs(3), "{:?}", signalled.elapsed());
    assert_eq!(ended.code, Some(130), "{}", ended.said());
}
