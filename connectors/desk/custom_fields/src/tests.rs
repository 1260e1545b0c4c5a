//! What comes of records, natively, with definitions as Desk gives them.

use tapwright_hook_sdk::rehearse::{Rehearsal, rehearse};
use tapwright_hook_sdk::{Given, Stream};

use super::CustomFields;

fn cases() -> Stream {
    Stream { name: "cases".to_owned(), ..Stream::default() }
}

/// A definition; Desk numbers them in the order in which they were made.
fn definition(number: u32, name: &str, values: &str) -> String {
    format!(
        r#"{{"name":"{name}","label":"The {name}","type":"ticket","active":true,"data":{values},"_links":{{"self":{{"href":"/api/v2/custom_fields/{number}"}}}}}}"#
    )
}

fn given(definitions: &[String]) -> Given {
    Given::default().and("definitions", Some(definitions.join("\n")))
}

fn told(definitions: &[String]) -> Rehearsal<CustomFields> {
    rehearse("{}", &cases(), &given(definitions)).expect("a stream that is known")
}

fn columns(told: &Rehearsal<CustomFields>) -> Vec<String> {
    told.effect.fields.iter().map(|field| format!("{} {}", field.name, field.word())).collect()
}

#[test]
fn columns_are_typed_by_the_definitions() {
    let told = told(&[
        definition(1, "order", r#"{"type":"string"}"#),
        definition(2, "score", r#"{"type":"integer"}"#),
        definition(3, "due", r#"{"type":"date"}"#),
        definition(4, "vip", r#"{"type":"boolean"}"#),
        definition(5, "plan", r#"{"type":"list","choices":["Gold","Silver"]}"#),
        definition(6, "area", r#"{"type":"list","choices":["Billing::Refund","Billing"]}"#),
        definition(7, "shade", r#"{"type":"colour"}"#),
        definition(8, "gone", r#"{"type":"string"}"#).replace(r#""active":true"#, r#""active":false"#),
        definition(9, "level", r#"{"type":"string"}"#).replace("ticket", "customer"),
    ]);
    let expected = [
        "custom_order string",
        "custom_score integer",
        "custom_due date",
        "custom_vip boolean",
        "custom_plan string",
        "custom_area string",
        "custom_area_level_1 string",
        "custom_area_level_2 string",
    ];
    assert_eq!(columns(&told), expected);
    assert_eq!(told.effect.reads, Some(vec!["custom_fields".to_owned()]));
    assert_eq!(told.effect.fields[4].description.as_deref(), Some("The plan: `Gold`, `Silver`."));
    assert_eq!(
        told.effect.notes,
        ["`shade` is of the type `colour`, which was not known; its values stay as Desk sends them"]
    );
}

#[test]
fn values_of_all_shapes() {
    let mut told = told(&[
        definition(1, "order", r#"{"type":"string"}"#),
        definition(2, "score", r#"{"type":"integer"}"#),
        definition(3, "due", r#"{"type":"date"}"#),
        definition(4, "vip", r#"{"type":"boolean"}"#),
        definition(5, "plan", r#"{"type":"list","choices":["Gold"]}"#),
        definition(6, "area", r#"{"type":"list","choices":["A::B::C"]}"#),
    ]);
    for (values, expected) in [
        (
            r#"{"order":"A-\"1","score":"0","due":"2014-02-03","vip":true}"#,
            r#"{"custom_order":"A-\"1","custom_score":0,"custom_due":"2014-02-03","custom_vip":true}"#,
        ),
        (
            r#"{"score":null,"vip":null,"plan":null,"area":null}"#,
            r#"{"custom_score":null,"custom_vip":null,"custom_plan":null,"custom_area":null,"custom_area_level_1":null,"custom_area_level_2":null,"custom_area_level_3":null}"#,
        ),
        // Until 2013 booleans came as texts; what is empty was never filled in, but for a text that is empty.
        (
            r#"{"order":"","score":"","due":"","vip":"","plan":"","area":""}"#,
            r#"{"custom_order":"","custom_score":null,"custom_due":null,"custom_vip":null,"custom_plan":null,"custom_area":null,"custom_area_level_1":null,"custom_area_level_2":null,"custom_area_level_3":null}"#,
        ),
        (r#"{"vip":"0"}"#, r#"{"custom_vip":false}"#),
        (r#"{"vip":"1"}"#, r#"{"custom_vip":true}"#),
        (r#"{"score":7,"vip":false}"#, r#"{"custom_score":7,"custom_vip":false}"#),
        // A level that there is no more is told to be empty.
        (
            r#"{"area":"A::B"}"#,
            r#"{"custom_area":"A::B","custom_area_level_1":"A","custom_area_level_2":"B","custom_area_level_3":null}"#,
        ),
        // What is none of its type is handed on.
        (
            r#"{"score":"many","vip":"perhaps","due":"soon","plan":3}"#,
            r#"{"custom_score":"many","custom_vip":"perhaps","custom_due":"soon","custom_plan":3}"#,
        ),
        (r#"{"score":"9223372036854775808"}"#, r#"{"custom_score":"9223372036854775808"}"#),
        (r#"{"new":[1.10]}"#, r#"{"custom_new":[1.10]}"#),
    ] {
        let answer = told.change(&format!("{{\"custom_fields\":{values}}}\n"));
        assert_eq!(answer.records.trim_end(), expected, "of {values}");
        assert!(answer.refused.is_empty());
    }
}

#[test]
fn a_record_without_custom_fields_stays_and_one_with_something_else_is_refused() {
    let mut told = told(&[]);
    let answer = told.change("{}\n{\"custom_fields\":null}\n{\"custom_fields\":[1]}\n{\"custom_fields\":{}}\n");
    assert_eq!(answer.records, "{}\n{}\n{}\n");
    assert_eq!(answer.origins, [0, 1, 3]);
    assert_eq!(answer.refused[0].record, 2);
    assert_eq!(answer.refused[0].reason, "`custom_fields` is no object, but [1]");
}

#[test]
fn names_that_collide_or_change_are_told_and_do_not_depend_on_the_order() {
    let mut all = [
        definition(9, "Plan", r#"{"type":"string"}"#),
        definition(12, "area", r#"{"type":"list","choices":["A::B"]}"#),
        definition(5, "plan", r#"{"type":"string"}"#),
        definition(11, "area level 1", r#"{"type":"string"}"#),
        definition(13, "Größe (cm)", r#"{"type":"string"}"#),
    ];
    let mut one = told(&all);
    let expected = [
        "custom_plan string",
        "custom_plan_9 string",
        "custom_area_level_1 string",
        "custom_area string",
        "custom_area_level_1_12 string",
        "custom_area_level_2 string",
        "custom_größe_cm string",
    ];
    assert_eq!(columns(&one), expected);
    let notes = [
        "`Plan` and `plan` would both be the column `custom_plan`; `Plan` is `custom_plan_9`",
        "`area level 1` is the column `custom_area_level_1`",
        "`area_level_1` and `area level 1` would both be the column `custom_area_level_1`; `area_level_1` is `custom_area_level_1_12`",
        "`Größe (cm)` is the column `custom_größe_cm`",
    ];
    assert_eq!(one.effect.notes, notes);
    all.reverse();
    assert_eq!(columns(&told(&all)), expected);
    let answer = one.change(r#"{"custom_fields":{"Plan":"a","plan":"b","PLAN":"c","area_level_2":"d"}}"#);
    let line =
        r#"{"custom_plan_9":"a","custom_plan":"b","custom_PLAN_undefined":"c","custom_area_level_2_undefined":"d"}"#;
    assert_eq!(answer.records.trim_end(), line);
}

#[test]
fn before_a_sync_the_columns_are_told_in_words() {
    let unknown = Given::default().and("definitions", None);
    let told: Rehearsal<CustomFields> = rehearse(r#"{"prefix":"cf_"}"#, &cases(), &unknown).expect("a known stream");
    assert_eq!(columns(&told), [""; 0]);
    let others = "`cf_…` for each custom field that the site has defined for this table.";
    assert_eq!(told.effect.others.as_deref(), Some(others));
    assert!(told.effect.notes.is_empty());
    let mut none: Rehearsal<CustomFields> = rehearse("{}", &cases(), &Given::default()).expect("a known stream");
    assert_eq!(none.effect.notes, ["no `definitions` are given, so that values stay as Desk sends them"]);
    assert_eq!(none.change(r#"{"custom_fields":{"Score":"1"}}"#).records, "{\"custom_Score\":\"1\"}\n");
    let mut kept: Rehearsal<CustomFields> = rehearse(r#"{"keep":true}"#, &cases(), &unknown).expect("a known stream");
    let values = r#"{"custom_fields":{"a": [1.10]}}"#;
    assert_eq!(kept.change(values).records, "{\"custom_a\":[1.10],\"custom_fields\":{\"a\": [1.10]}}\n");
}

#[test]
fn other_streams_need_to_be_told_what_they_are() {
    let other = Stream { name: "tickets".to_owned(), ..Stream::default() };
    let fault = rehearse::<CustomFields>("{}", &other, &Given::default()).err().expect("a fault");
    assert!(fault.contains("`tickets`") && fault.contains("`type`"), "{fault}");
    assert!(rehearse::<CustomFields>(r#"{"type":"company"}"#, &other, &Given::default()).is_ok());
}

#[test]
fn a_definition_without_a_name_is_a_fault() {
    let nameless = given(&[definition(1, "x", "{}").replace("name", "nome")]);
    let fault = rehearse::<CustomFields>("{}", &cases(), &nameless).err().expect("a fault");
    assert!(fault.starts_with("a definition has no `name`: {"), "{fault}");
}
