//! Custom fields: their columns are what the site's definitions say, whatever shape their values come in.

use std::collections::BTreeSet;

use desk_simulator::{Edit, ServerOptions, Site, SiteOptions};
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::compare::{Row, put};
use crate::site::{Desk, SPEC, stream};

/// Columns whose name is not simply the key's.
const NAMES: [(&str, &str); 3] =
    [("Plan", "custom_plan_13"), ("order-no", "custom_order_no_14"), ("Kunden-Nr.", "custom_kunden_nr")];

/// Adds the columns of a record's custom fields, worked out from the definitions and apart from the hook.
pub(crate) fn columns(stream: &str, record: &Value, definitions: &Value, row: &mut Row) {
    let kind = match stream {
        "cases" => "ticket",
        "customers" => "customer",
        "companies" => "company",
        other => panic!("{other} has no custom fields"),
    };
    let values = record["custom_fields"].as_object().expect("custom fields");
    for (key, value) in values {
        let of = |one: &&Value| one["name"] == key.as_str() && one["type"] == kind;
        let definition = definitions.as_array().expect("definitions").iter().find(of).expect("a definition");
        let name = NAMES.iter().find(|(known, _)| known == key);
        let name = name.map_or_else(|| format!("custom_{key}"), |(_, name)| (*name).to_owned());
        let cell = match (definition["data"]["type"].as_str().expect("a type"), value) {
            (_, Value::Null) => Value::Null,
            ("string", text) => text.clone(),
            (_, Value::String(text)) if text.is_empty() => Value::Null,
            ("integer", Value::String(text)) => json!(text.parse::<i64>().expect("a number")),
            ("boolean", truth) => json!(i64::from(*truth == json!(true) || *truth == json!("1"))),
            ("date" | "list", text) => text.clone(),
            (other, value) => panic!("{value} as {other}"),
        };
        for (level, part) in (1..).zip(cell.as_str().unwrap_or_default().split("::").filter(|_| key == "area")) {
            put(row, &format!("{name}_level_{level}"), if part.is_empty() { Value::Null } else { json!(part) });
        }
        put(row, &name, cell);
    }
}

#[test]
fn custom_fields_are_columns_of_the_types_that_the_site_defines() {
    let desk = Desk::start(120, ServerOptions::default());
    let report = desk.sync_well();
    desk.assert_same();
    let database = Connection::open(desk.path("desk.db")).expect("a database");
    let types = r"SELECT group_concat(name || ' ' || type, ', ') FROM
        (SELECT * FROM pragma_table_info('cases') WHERE name LIKE 'custom\_%' ESCAPE '\' AND name <> 'custom_fields' ORDER BY name)";
    let types: String = database.query_row(types, [], |row| row.get(0)).expect("columns");
    assert_eq!(
        types,
        "custom_area TEXT, custom_area_level_1 TEXT, custom_area_level_2 TEXT, custom_due DATE TEXT, custom_order_no TEXT, \
         custom_order_no_14 INTEGER, custom_plan TEXT, custom_plan_13 TEXT, custom_score INTEGER, custom_vip BOOLEAN"
    );
    let notes = stream(&report, "cases")["notes"].to_string();
    for told in [
        "`Plan` and `plan` would both be the column `custom_plan`; `Plan` is `custom_plan_13`",
        "`order-no` and `order_no` would both be the column `custom_order_no`; `order-no` is `custom_order_no_14`",
    ] {
        assert!(notes.contains(told), "{notes}");
    }
    assert!(
        stream(&report, "customers")["notes"].to_string().contains("`Kunden-Nr.` is the column `custom_kunden_nr`")
    );
}

#[test]
fn booleans_of_2013_are_booleans_too() {
    let options = SiteOptions { cases: 60, text_booleans: true, ..SiteOptions::default() };
    let desk = Desk::with_site(Site::generate(&options), ServerOptions::default(), SPEC);
    desk.sync_well();
    desk.assert_same();
    let dump = desk.server.dump();
    let shapes = dump["cases"].as_array().expect("cases").iter().map(|one| one["custom_fields"]["vip"].to_string());
    let shapes: BTreeSet<String> = shapes.collect();
    assert_eq!(shapes.into_iter().collect::<Vec<_>>(), ["\"\"", "\"0\"", "\"1\""]);
}

#[test]
fn a_renamed_field_goes_on_under_its_new_name() {
    let desk = Desk::start(60, ServerOptions::default());
    desk.sync_well();
    let _ = desk.server.edit(&Edit { renamed_fields: 3, cases: 4, ..Edit::default() });
    desk.sync_well();
    let database = Connection::open(desk.path("desk.db")).expect("a database");
    let count = |sql: &str| database.query_row(sql, [], |row| row.get::<_, i64>(0)).expect("a count");
    assert!(count("SELECT count(custom_points) FROM cases") > 0, "what changed since has the new column");
    assert!(count("SELECT count(custom_score) FROM cases") > 0, "what did not keeps the old one");
    drop(database);
    let ended = desk.sync(&["--full-refresh"]);
    assert_eq!(ended.code, Some(0), "{}", ended.said());
    desk.assert_same();
}
