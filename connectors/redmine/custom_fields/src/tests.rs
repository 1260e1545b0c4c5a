//! What comes of records, natively, with definitions as Redmine gives them.

use tapwright_hook_sdk::rehearse::{Rehearsal, rehearse};
use tapwright_hook_sdk::{Given, Stream};

use super::CustomFields;

const DEFINITIONS: &str = r#"{"id":1,"name":"Severity","customized_type":"issue","field_format":"list","multiple":false,"possible_values":[{"value":"low","label":"low"},{"value":"high","label":"high"}]}
{"id":2,"name":"Customer","customized_type":"issue","field_format":"string"}
{"id":3,"name":"Platforms","customized_type":"issue","field_format":"list","multiple":true,"possible_values":[]}
{"id":4,"name":"Score","customized_type":"issue","field_format":"float"}
{"id":5,"name":"Due by","customized_type":"issue","field_format":"date"}
{"id":6,"name":"Billable","customized_type":"time_entry","field_format":"bool"}
{"id":7,"name":"Reviewers","customized_type":"issue","field_format":"user","multiple":true}
{"id":9,"name":"score","customized_type":"issue","field_format":"int"}
"#;

fn told(stream: &str, options: &str, definitions: &Given) -> Rehearsal<CustomFields> {
    let stream = Stream { name: stream.to_owned(), ..Stream::default() };
    rehearse(options, &stream, definitions).expect("a hook that is content")
}

fn given() -> Given {
    Given::default().and("definitions", Some(DEFINITIONS.to_owned()))
}

fn changed(hook: &mut Rehearsal<CustomFields>, fields: &str) -> String {
    let answer = hook.change(&format!("{{\"custom_fields\":{fields}}}\n"));
    assert!(answer.refused.is_empty(), "{:?}", answer.refused);
    answer.records.trim_end().to_owned()
}

#[test]
fn columns_are_typed_by_the_definitions() {
    let hook = told("issues", "{}", &given());
    let columns: Vec<String> = hook.effect.fields.iter().map(|one| format!("{} {}", one.name, one.word())).collect();
    let expected = [
        "custom_severity string",
        "custom_customer string",
        "custom_platforms [string]",
        "custom_score number",
        "custom_due_by date",
        "custom_reviewers [integer]",
        "custom_score_9 integer",
    ];
    assert_eq!(columns, expected);
    assert_eq!(hook.effect.fields[0].description.as_deref(), Some("Severity: `low`, `high`."));
    assert!(
        hook.effect.notes.iter().any(|note| note.contains("`score` is `custom_score_9`")),
        "{:?}",
        hook.effect.notes
    );
    let entries = told("time_entries", "{}", &given());
    assert_eq!(entries.effect.fields.len(), 1);
}

#[test]
fn values_of_all_shapes() {
    let mut hook = told("issues", "{}", &given());
    for (fields, expected) in [
        (
            r#"[{"id":1,"name":"Severity","value":"low"},{"id":4,"name":"Score","value":"0.25"}]"#,
            r#"{"custom_severity":"low","custom_score":0.25}"#,
        ),
        (
            r#"[{"id":1,"name":"Severity","value":""},{"id":2,"name":"Customer","value":""},{"id":4,"name":"Score","value":""}]"#,
            r#"{"custom_severity":null,"custom_customer":"","custom_score":null}"#,
        ),
        (
            r#"[{"id":3,"name":"Platforms","multiple":true,"value":["linux","wind\"ows"]},{"id":7,"name":"Reviewers","multiple":true,"value":["5","6"]}]"#,
            r#"{"custom_platforms":["linux","wind\"ows"],"custom_reviewers":[5,6]}"#,
        ),
        (
            r#"[{"id":3,"name":"Platforms","multiple":true,"value":""},{"id":7,"name":"Reviewers","value":"5"}]"#,
            r#"{"custom_platforms":[],"custom_reviewers":[5]}"#,
        ),
        (
            r#"[{"id":3,"name":"Platforms"},{"id":5,"name":"Due by","value":null}]"#,
            r#"{"custom_platforms":null,"custom_due_by":null}"#,
        ),
        // A field that was renamed while the run went on is still known by its number; one that is new, by its name.
        (
            r#"[{"id":4,"name":"Points","value":"1"},{"id":10,"name":"New one","value":"x"},{"id":11,"name":"SCORE","value":"y"}]"#,
            r#"{"custom_score":1,"custom_New one":"x","custom_SCORE_11":"y"}"#,
        ),
        (r#"[{"id":4,"name":"Score","value":"much"}]"#, r#"{"custom_score":"much"}"#),
        ("[]", "{}"),
        ("null", "{}"),
    ] {
        assert_eq!(changed(&mut hook, fields), expected, "of {fields}");
    }
}

#[test]
fn without_definitions_values_stay_as_they_are() {
    let mut hook = told("issues", "{}", &Given::default());
    let fields = r#"[{"id":4,"name":"Score","value":"0.25"},{"id":3,"name":"Platforms","value":["a"]}]"#;
    assert_eq!(changed(&mut hook, fields), r#"{"custom_Score":"0.25","custom_Platforms":["a"]}"#);
    assert_eq!(hook.effect.notes, ["no `definitions` are given, so that values stay as Redmine sends them"]);
    let alike = r#"[{"id":4,"name":"A","value":"1"},{"id":5,"name":"A","value":"2"}]"#;
    assert_eq!(changed(&mut hook, alike), r#"{"custom_A":"1","custom_A_5":"2"}"#);
    let unknown = told("issues", "{}", &Given::default().and("definitions", None));
    assert!(unknown.effect.notes.is_empty());
}

#[test]
fn the_list_may_stay_and_other_streams_be_named() {
    let mut hook = told("tickets", r#"{"keep":true,"type":"issue","prefix":"cf_"}"#, &given());
    let fields = r#"[{"id":2,"name":"Customer","value":"C 1"}]"#;
    assert_eq!(changed(&mut hook, fields), format!(r#"{{"cf_customer":"C 1","custom_fields":{fields}}}"#));
}

#[test]
fn what_is_no_custom_field_is_refused() {
    let mut hook = told("issues", "{}", &given());
    let answer = hook.change("{\"custom_fields\":{}}\n{\"custom_fields\":[{\"value\":1}]}\n{}\n");
    assert_eq!(answer.records, "{}\n");
    let reasons: Vec<&str> = answer.refused.iter().map(|one| one.reason.as_str()).collect();
    let expected = ["`custom_fields` is no list, but {}", "a custom field has no `id` or no `name`: {\"value\":1}"];
    assert_eq!(reasons, expected);
}

#[test]
fn fields_that_differ_in_case_alone_have_columns_of_their_own() {
    let mut hook = told("issues", "{}", &Given::default());
    let both = r#"[{"id":4,"name":"Score","value":"1"},{"id":5,"name":"score","value":"2"}]"#;
    assert_eq!(changed(&mut hook, both), r#"{"custom_Score":"1","custom_score_5":"2"}"#);
    let second = r#"[{"id":5,"name":"score","value":"3"}]"#;
    assert_eq!(changed(&mut hook, second), r#"{"custom_score_5":"3"}"#);
    let again = r#"[{"id":5,"name":"score","value":"4"},{"id":5,"name":"score","value":"5"}]"#;
    assert_eq!(changed(&mut hook, again), r#"{"custom_score_5":"4","custom_score_5_5":"5"}"#);
}

#[test]
fn a_name_with_a_capital_is_no_news() {
    let notes = told("issues", "{}", &given()).effect.notes;
    assert!(!notes.iter().any(|note| note.contains("`Customer`")), "{notes:?}");
    let told: Vec<&str> = notes.iter().map(String::as_str).collect();
    let expected = [
        "`Due by` is the column `custom_due_by`",
        "`score` and `Score` would both be the column `custom_score`; `score` is `custom_score_9`",
    ];
    assert_eq!(told, expected);
}
