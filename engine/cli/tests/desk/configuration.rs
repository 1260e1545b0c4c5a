//! Where configuration comes from, what a wrong one says, and what a program reads of a report.

use std::process::Command;

use desk_simulator::{Credentials, ServerOptions};
use serde_json::{Value, json};

use crate::site::{Desk, Ended};

fn desk() -> Desk {
    Desk::start(12, ServerOptions::default())
}

fn ended(command: &mut Command) -> Ended {
    Ended::of(command.output().expect("the program starts"))
}

/// `tapwright sync` without a configuration file.
fn bare(desk: &Desk, more: &[&str]) -> Command {
    let mut arguments = vec!["sync", "desk.yaml", "--to", "sqlite:desk.db"];
    arguments.extend(more);
    desk.program(&arguments)
}

fn refused(desk: &Desk, command: &mut Command) -> Ended {
    desk.server.forget_requests();
    let ended = ended(command);
    assert_eq!(ended.code, Some(1), "{}", ended.said());
    assert_eq!(desk.server.requests().total, 0);
    ended
}

#[test]
fn the_later_source_wins_file_dotenv_environment_set() {
    let desk = desk();
    let keys = Credentials::default();
    let with_key = |key: &str| Credentials { key: key.into(), ..keys.clone() };
    let well = |command: &mut Command| {
        let ended = ended(command);
        assert_eq!(ended.code, Some(0), "{}", ended.said());
    };
    let fails = |command: &mut Command| {
        let ended = ended(command);
        assert_eq!(ended.code, Some(3), "{}", ended.said());
        assert!(!ended.said().contains("wrong-key"), "{}", ended.said());
    };
    let file = ["--config", "config.yaml"];
    desk.configure(&with_key("wrong-key-1"));
    fails(&mut bare(&desk, &file));
    desk.write(".env", "# of this folder\nOTHER=1\nexport TAPWRIGHT_DESK_KEY='desk-key'\n");
    well(&mut bare(&desk, &file));
    fails(bare(&desk, &file).env("TAPWRIGHT_DESK_KEY", "wrong-key-2"));
    well(bare(&desk, &["--config", "config.yaml", "--set", "key=desk-key"]).env("TAPWRIGHT_DESK_KEY", "wrong-key-2"));
    fails(&mut bare(&desk, &["--config", "config.yaml", "--set", "key=wrong-key-3"]));
}

#[test]
fn the_environment_alone_is_enough() {
    let desk = desk();
    let keys = Credentials::default();
    let mut command = bare(&desk, &[]);
    command
        .env("TAPWRIGHT_DESK_SITE_URL", desk.server.base_url())
        .env("TAPWRIGHT_DESK_KEY", keys.key)
        .env("TAPWRIGHT_DESK_SECRET", keys.secret)
        .env("TAPWRIGHT_DESK_TOKEN", keys.token)
        .env("TAPWRIGHT_DESK_TOKEN_SECRET", keys.token_secret);
    let ended = ended(&mut command);
    assert_eq!(ended.code, Some(0), "{}", ended.said());
}

#[test]
fn a_wrong_configuration_is_told_before_anything_is_sent() {
    let desk = desk();
    desk.write("missing.yaml", "site_url: http://127.0.0.1:9\nkey: k\nsecret: s\ntoken: t\n");
    let missing = refused(&desk, &mut bare(&desk, &["--config", "missing.yaml"]));
    assert!(missing.err.contains("lacks `token_secret`"), "{}", missing.err);
    assert!(missing.err.contains("TAPWRIGHT_DESK_TOKEN_SECRET"), "{}", missing.err);

    desk.write("unknown.yaml", "site_url: http://127.0.0.1:9\nkey: k\nsecret: s\ntokn: t\ntoken_secret: u\n");
    let unknown = refused(&desk, &mut bare(&desk, &["--config", "unknown.yaml"]));
    assert!(unknown.err.contains("no config field `tokn`"), "{}", unknown.err);
    assert!(unknown.err.contains("did you mean `token`?"), "{}", unknown.err);
    assert!(unknown.err.contains("unknown.yaml:4:1"), "{}", unknown.err);

    desk.write("type.yaml", "site_url: http://127.0.0.1:9\nkey: [k-secret]\nsecret: s\ntoken: t\ntoken_secret: u\n");
    let kind = refused(&desk, &mut bare(&desk, &["--config", "type.yaml"]));
    assert!(kind.err.contains("type.yaml:2:6"), "{}", kind.err);

    let url = refused(&desk, &mut bare(&desk, &["--config", "config.yaml", "--set", "site_url=desk"]));
    assert!(url.err.contains("site_url"), "{}", url.err);
    let absent = refused(&desk, &mut bare(&desk, &["--config", "absent.yaml"]));
    assert!(absent.err.contains("absent.yaml"), "{}", absent.err);
}

#[test]
fn a_secret_in_a_wrong_configuration_is_not_shown() {
    let desk = desk();
    desk.write(
        "config.yaml",
        "site_url: nonsense\nkey: hunter2-key\nsecret: [hunter2-list]\ntoken: hunter2-token\ntokensecret: hunter2\n",
    );
    let ended = refused(&desk, &mut bare(&desk, &["--config", "config.yaml", "--set", "secrt=hunter2-set"]));
    assert!(!ended.said().contains("hunter2"), "{}", ended.said());
}

#[test]
fn a_report_for_programs_has_every_figure() {
    let desk = desk();
    let report = desk.sync_well();
    let run = ["connector", "version", "destination", "started", "seconds", "interrupted", "streams"];
    assert_eq!(keys(&report), sorted(&run));
    let stream = [
        "stream",
        "verdict",
        "reason",
        "records",
        "new",
        "changed",
        "unchanged",
        "repeated",
        "deleted",
        "rejected",
        "rejections",
        "left_out",
        "older",
        "slices",
        "pages",
        "requests",
        "retries",
        "bytes",
        "waited_seconds",
        "seconds",
        "bookmark",
        "unlisted",
        "notes",
        "discards",
        "schema_changes",
        "tables",
    ];
    for one in report["streams"].as_array().expect("streams") {
        assert_eq!(keys(one), sorted(&stream));
    }
    assert_eq!(report["connector"], "desk");
    assert_eq!(report["interrupted"], Value::Null);
    let cases = crate::site::stream(&report, "cases");
    assert_eq!((&cases["verdict"], &cases["records"], &cases["pages"]), (&json!("complete"), &json!(12), &json!(1)));
}

fn keys(value: &Value) -> Vec<&str> {
    let keys = value.as_object().expect("an object").keys().map(String::as_str).collect::<Vec<_>>();
    sorted(&keys)
}

fn sorted<'t>(names: &[&'t str]) -> Vec<&'t str> {
    let mut names = names.to_vec();
    names.sort_unstable();
    names
}

#[test]
fn output_in_a_pipe_has_no_escape_codes_with_and_without_no_color() {
    let desk = desk();
    desk.write("wrong.yaml", "tapwright: 1\nname: 7\n");
    for no_color in [None, Some("1")] {
        for arguments in [vec!["check", "wrong.yaml"], vec!["check", "desk.yaml"], vec!["--help"]] {
            let mut command = desk.program(&arguments);
            if let Some(set) = no_color {
                command.env("NO_COLOR", set);
            }
            let ended = ended(&mut command);
            assert!(!ended.said().contains('\u{1b}'), "{arguments:?}");
        }
        let synced = desk.sync(&[]);
        assert!(!synced.said().contains('\u{1b}'), "{}", synced.said());
    }
}
