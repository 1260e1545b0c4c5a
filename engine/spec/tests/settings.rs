//! Configurations, right and wrong: what a file, the environment and the command line give together.

use serde_json::{Value, json};
use tapwright_spec::diagnostic::Style;
use tapwright_spec::settings::{Given, GivenText, Settings, settings, variable};
use tapwright_spec::{Connector, Source, check};

const SPEC: &str = r#"
tapwright: 1
name: shop
title: Shop
version: 1.0.0
about: {summary: Orders of a shop.}
config:
  site: {type: url, example: https://shop.example, description: Address of the shop.}
  key: {type: string, secret: true, pattern: "[a-z0-9]{4}"}
  more_keys: {type: list, secret: true, optional: true}
  region: {type: enum, values: [eu, us], default: eu}
  count: {type: integer, optional: true}
  share: {type: number, optional: true}
  flag: {type: boolean, default: false}
  day: {type: date, optional: true}
  moment: {type: timestamp, optional: true}
  tags: {type: list, optional: true}
auth: {bearer: "{{ config.key }}"}
http:
  base_url: "{{ config.site }}"
  records: $
  params:
    x: ["{{ config.region }}", "{{ config.count }}", "{{ config.share }}", "{{ config.flag }}", "{{ config.day }}"]
    y: ["{{ config.moment }}", "{{ config.tags }}", "{{ config.more_keys }}"]
streams:
  orders: {description: One order., endpoint: GET /orders, fields: {id: integer}}
"#;

fn connector() -> Connector {
    check(&Source::new("shop.yaml", SPEC)).unwrap_or_else(|faults| panic!("{}", faults.render(Style::Plain)))
}

fn text(given: &str) -> GivenText {
    let (name, text) = given.split_once('=').expect("a name and a text");
    GivenText { name: name.to_owned(), text: text.to_owned(), origin: format!("--set {name}=…") }
}

fn read(file: Option<&str>, texts: &[&str]) -> Result<Settings, String> {
    let file = file.map(|text| Source::new("config.yaml", text));
    let given = Given { file, texts: texts.iter().copied().map(text).collect() };
    settings(&connector(), &given).map_err(|faults| faults.render(Style::Plain))
}

/// The least that must be given.
const LEAST: &str = "site: https://shop.example\nkey: ab12\n";

fn value(name: &str, yaml: &str) -> Result<Value, String> {
    let file = LEAST.lines().filter(|line| !line.starts_with(name)).collect::<Vec<_>>().join("\n");
    let settings = read(Some(&format!("{file}\n{name}: {yaml}\n")), &[])?;
    Ok(settings.values.get(name).cloned().unwrap_or_default())
}

#[test]
fn what_is_computed_from_a_secret_is_one() {
    let computed = "headers: {A: \"{{ (config.key ~ ':' ~ config.site) | base64_encode }}\"}\n  params:";
    let spec = SPEC.replace("params:", computed);
    let connector = check(&Source::new("shop.yaml", &spec)).expect("a spec");
    let given = Given { file: Some(Source::new("config.yaml", LEAST)), texts: Vec::new() };
    let secrets = settings(&connector, &given).expect("settings").secrets;
    assert_eq!(secrets, ["ab12", "YWIxMjpodHRwczovL3Nob3AuZXhhbXBsZQ=="]);
}

#[test]
fn every_type_takes_what_is_of_it() {
    let cases = [
        ("site", "https://shop.example/", json!("https://shop.example")),
        ("site", "\" https://shop.example/a// \"", json!("https://shop.example/a")),
        ("key", "0123", json!("0123")),
        ("key", "1e10", json!("1e10")),
        ("region", "us", json!("us")),
        ("count", "-3", json!(-3)),
        ("share", "12", json!(12)),
        ("share", "0.25", json!(0.25)),
        ("flag", "true", json!(true)),
        ("day", "2026-01-31", json!("2026-01-31")),
        ("moment", "2026-01-31T12:00:00+02:00", json!("2026-01-31T12:00:00+02:00")),
        ("tags", "[a, 1, true, 1.10]", json!(["a", "1", "true", "1.10"])),
        ("tags", "[]", json!([])),
        ("count", "", json!(null)),
        ("region", "~", json!("eu")),
    ];
    for (name, yaml, expected) in cases {
        assert_eq!(value(name, yaml), Ok(expected), "{name}: {yaml}");
    }
}

#[test]
fn every_type_refuses_what_is_not() {
    let cases = [
        ("site", "shop.example", "here must stand a URL"),
        ("site", "ftp://shop.example", "here must stand a URL"),
        ("site", "\"\"", "here must stand a URL"),
        ("key", "ABCD", "does not match the pattern"),
        ("key", "ab123", "does not match the pattern"),
        ("key", "[ab12]", "here must stand a text"),
        ("region", "de", "one of `eu` and `us`"),
        ("count", "3.5", "here must stand a whole number"),
        ("count", "\"3\"", "without quotes"),
        ("count", "99999999999999999999", "here must stand a whole number"),
        ("share", "half", "here must stand a number"),
        ("share", ".inf", "here must stand a number"),
        ("flag", "yes", "here must stand `true` or `false`"),
        ("day", "2026-02-30", "here must stand a day"),
        ("moment", "2026-01-31", "here must stand a point in time"),
        ("tags", "a", "here must stand a list"),
        ("tags", "[[a]]", "here must stand a list of texts"),
        ("tags", "{a: b}", "here must stand a list of texts"),
    ];
    for (name, yaml, expected) in cases {
        let told = value(name, yaml).expect_err(yaml);
        assert!(told.contains(expected) && told.contains(&format!("`{name}`")), "{name}: {yaml}\n{told}");
        assert_eq!(told.matches("error: ").count(), 1, "{name}: {yaml}\n{told}");
    }
}

#[test]
fn json_is_read_as_well() {
    let file = "{\"site\": \"https:\\/\\/shop.example\", \"key\": \"ab12\",\n \"flag\": true, \"tags\": [\"a\"]}\n";
    let values = read(Some(file), &[]).expect("a configuration").values;
    assert_eq!(
        Value::from(values),
        json!({"site": "https://shop.example", "key": "ab12", "flag": true, "tags": ["a"], "region": "eu"})
    );
}

#[test]
fn what_is_given_later_wins() {
    let texts = ["region=us", "count=1", "count=2", "flag=true", "tags=a, b,", "share=1.5", "key=cd34"];
    let values = read(Some(LEAST), &texts).expect("a configuration").values;
    let expected = json!({"site": "https://shop.example", "key": "cd34", "region": "us", "count": 2, "flag": true,
        "tags": ["a", "b"], "share": 1.5});
    assert_eq!(Value::from(values), expected);
    let values = read(None, &["site=https://a.example", "key=ab12", "tags="]).expect("a configuration").values;
    assert_eq!(values["tags"], json!([]));
    let values = read(None, &["site=https://a.example", "key=ab12", "day=", "count="]).expect("a configuration").values;
    assert!(
        !values.contains_key("day") && !values.contains_key("count"),
        "an optional field that is cleared is left out"
    );
    assert_eq!(variable("shop", "more_keys"), "TAPWRIGHT_SHOP_MORE_KEYS");
}

#[test]
fn everything_wrong_is_told_at_once() {
    let told = read(Some("regoin: us\ncount: many\n"), &["flg=true", "share=x"]).expect_err("faults");
    for expected in [
        "shop has no config field `regoin`",
        "did you mean `region`?",
        "`count`: here must stand a whole number",
        "--set flg=…: shop has no config field `flg`; did you mean `flag`?",
        "`share`: here must stand a number (--set share=…)",
        "the configuration lacks `site` (Site)",
        "set TAPWRIGHT_SHOP_SITE. Address of the shop.",
        "the configuration lacks `key` (Key)",
    ] {
        assert!(told.contains(expected), "{expected}\n{told}");
    }
    assert_eq!(told.matches("error: ").count(), 6, "{told}");
}

#[test]
fn what_is_no_configuration_is_a_sentence() {
    for (file, expected) in [
        ("- site\n", "a configuration is a mapping of fields to values"),
        ("site: https://a.example\nsite: https://b.example\nkey: ab12\n", "the key `site` stands here twice"),
        ("site: [\nkey: ab12\n", "`[` is not closed"),
        ("", "the configuration lacks `site`"),
    ] {
        let told = read(Some(file), &[]).expect_err(file);
        assert!(told.contains(expected), "{file}\n{told}");
    }
}

#[test]
fn secrets_are_collected_and_never_shown() {
    let settings = read(Some(&format!("{LEAST}more_keys: [s3cret, t0ken]\n")), &[]).expect("a configuration");
    assert_eq!(settings.secrets, ["ab12", "s3cret", "t0ken"]);
    assert!(!format!("{settings:?}").contains("ab12"));
    for wrong in [
        "key: S3CRET\n",
        "key: [S3CRET]\n",
        "kye: S3CRET\n",
        "key: ab12\nkey: S3CRET\n",
        "{\"key\": \"S3CRET\", \"count\": x}\n",
        "key: S3CRET\n  count: [\n",
        "key: \"S3CRET\n",
        "more_keys: S3CRET\n",
        "S3CRET\n",
        "key: |\n  größe S3CRET 寸法\n",
    ] {
        let told = read(Some(wrong), &[]).expect_err(wrong);
        assert!(!told.contains("S3CRET"), "{wrong}\n{told}");
    }
    let told = read(Some(LEAST), &["key=S3CRET", "more_keys=a", "count=S3CRET"]).expect_err("faults");
    assert!(!told.contains("S3CRET"), "{told}");
}

#[test]
fn defaults_are_typed_by_their_fields() {
    let text = include_str!("../../../tests/specs/right/config_types.yaml");
    let connector = check(&Source::new("config_types.yaml", text)).expect("a right spec");
    let default = |name: &str| connector.config.iter().find(|field| field.name == name)?.default.clone();
    assert_eq!(default("text"), Some(json!("1.10")));
    assert_eq!(default("share"), Some(json!(0.5)));
    assert_eq!(default("site"), Some(json!("https://shop.example")));
    assert_eq!(default("tags"), Some(json!(["a", "1"])));
    assert_eq!(default("note"), None);
}
