//! Everything lands, and a second run asks for what changed.

use desk_simulator::{Edit, Requests, ServerOptions};
use rusqlite::Connection;
use serde_json::json;

use crate::compare;
use crate::site::{Desk, stream};

#[test]
fn every_row_and_every_field_of_the_site_lands_and_so_does_what_changes() {
    let desk = Desk::start(300, ServerOptions::default());
    let report = desk.sync_well();
    desk.assert_same();
    for one in report["streams"].as_array().expect("streams") {
        assert_eq!((&one["changed"], &one["deleted"]), (&json!(0), &json!(0)), "{one}");
        assert!(one["new"].as_u64() > Some(0), "{one}");
    }

    desk.server.forget_requests();
    let still = desk.sync_well();
    desk.assert_same();
    for one in still["streams"].as_array().expect("streams") {
        assert_eq!((&one["new"], &one["changed"], &one["deleted"]), (&json!(0), &json!(0), &json!(0)), "{one}");
    }
    let quiet = desk.server.requests();

    let edit = Edit {
        cases: 7,
        new_cases: 3,
        customers: 4,
        companies: 2,
        articles: 5,
        deleted_cases: 2,
        deleted_users: 2,
        ..Edit::default()
    };
    let changes = desk.server.edit(&edit);
    desk.server.forget_requests();
    let report = desk.sync_well();
    desk.assert_same();
    assert_eq!(stream(&report, "cases")["new"], 3);
    assert_eq!(stream(&report, "cases")["changed"], 9);
    assert_eq!(stream(&report, "replies")["new"], changes.replies.len());
    assert_eq!(stream(&report, "users")["deleted"], 2);
    assert_eq!(stream(&report, "articles")["changed"], distinct(&changes.articles));

    // What lies within the lookback is asked for again, and nothing else.
    let asked = desk.server.requests();
    let replies = asked.by_path["/cases/{id}/replies"];
    let before = quiet.by_path.get("/cases/{id}/replies").copied().unwrap_or(0);
    assert!(replies <= before + 12, "{replies} requests for replies; {before} before the edit");
    assert_eq!(pages(&asked, "/cases/search"), 1);
    assert_eq!(pages(&asked, "/customers/search"), 1);
}

fn pages(asked: &Requests, path: &str) -> u64 {
    asked.by_path.get(path).copied().unwrap_or_else(|| panic!("{path} was not asked for: {asked:?}"))
}

fn distinct(ids: &[u64]) -> usize {
    ids.iter().collect::<std::collections::BTreeSet<_>>().len()
}

#[test]
fn a_full_refresh_gives_the_same_rows_and_goes_on_incrementally() {
    let desk = Desk::start(60, ServerOptions::default());
    desk.sync_well();
    let database = Connection::open(desk.path("desk.db")).expect("a database");
    database.execute("UPDATE cases SET subject = 'vandalised'", []).expect("an update");
    database.execute("DELETE FROM replies WHERE rowid % 2", []).expect("a deletion");
    drop(database);
    let ended = desk.sync(&["--full-refresh"]);
    assert_eq!(ended.code, Some(0), "{}", ended.said());
    desk.assert_same();
    let _ = desk.server.edit(&Edit { cases: 3, new_cases: 1, deleted_users: 1, ..Edit::default() });
    let report = desk.sync_well();
    desk.assert_same();
    assert_eq!(stream(&report, "cases")["changed"], 3);
}

#[test]
fn every_column_of_the_spec_is_there_even_if_nothing_fills_it() {
    let desk = Desk::start(20, ServerOptions::default());
    desk.sync_well();
    let database = Connection::open(desk.path("desk.db")).expect("a database");
    for stream in &desk.connector().streams {
        for field in &stream.fields {
            use tapwright_spec::model::FieldType;
            if matches!(field.kind, FieldType::List(_) | FieldType::Object(_)) {
                continue;
            }
            let sql = format!("SELECT \"{}\".\"{}\" FROM \"{0}\"", stream.name, field.name);
            assert!(database.prepare(&sql).is_ok(), "{} has no {}", stream.name, field.name);
        }
    }
    compare::assert_same(&desk.expected(), &compare::actual(&desk.path("desk.db")));
}

#[test]
fn a_later_start_date_leaves_older_cases_out_and_an_earlier_one_fetches_them() {
    let desk = Desk::start(200, ServerOptions::default());
    let run = |start: &str| {
        let mut command =
            desk.program(&["sync", "desk.yaml", "--config", "config.yaml", "--to", "sqlite:desk.db", "--start", start]);
        assert!(command.output().expect("it runs").status.success(), "{start}");
    };
    run("2016-06-01");
    let database = Connection::open(desk.path("desk.db")).expect("a database");
    let count = |where_| {
        let sql = format!("SELECT count(*) FROM cases {where_}");
        database.query_row(&sql, [], |row| row.get::<_, i64>(0)).expect("a count")
    };
    assert_eq!(count("WHERE updated_at < '2016-06-01'"), 0);
    assert!(count("") > 0);
    run("2010-01-01");
    desk.assert_same();
    desk.server.forget_requests();
    run("2010-01-01");
    assert_eq!(desk.server.requests().by_path["/cases/search"], 1, "the same start date again begins nothing anew");
}
