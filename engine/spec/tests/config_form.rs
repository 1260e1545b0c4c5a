//! The JSON Schema of a configuration accepts what `settings` accepts, and refuses what that refuses.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use tapwright_spec::diagnostic::Style;
use tapwright_spec::settings::{Given, Start, form, settings, start};
use tapwright_spec::{Connector, Source, check};

const FIELDS: &str = "
  text: {type: string}
  spare: {type: string, optional: true}
  usual: {type: string, default: a b}
  short: {type: string, pattern: '[a-z]{2,3}'}
  shorter: {type: string, pattern: '[a-z]{2,3}', optional: true}
  secret: {type: string, secret: true, example: s3cret}
  count: {type: integer}
  counted: {type: integer, default: 3}
  share: {type: number, optional: true}
  flag: {type: boolean}
  flagged: {type: boolean, optional: true}
  day: {type: date}
  later: {type: date, optional: true}
  moment: {type: timestamp}
  site: {type: url}
  own: {type: url, optional: true, pattern: 'https://[a-z]+[.]example'}
  region: {type: enum, values: [eu, us, '1', 'true']}
  zone: {type: enum, values: [a, b], default: a}
  area: {type: enum, values: [a, b], optional: true}
  tags: {type: list}
  more: {type: list, optional: true}
";

/// Values that tell a type from others.
fn values() -> Vec<Value> {
    let texts = [
        "",
        " ",
        "a",
        "ab",
        "abc",
        "abcd",
        "AB",
        "ab\n",
        "a b",
        "eu",
        "us",
        "EU",
        " eu",
        "1",
        "true",
        "null",
        "12",
        "-3",
        "3.5",
        "2026-01-31",
        "2026-1-31",
        "20260131",
        "2026-02-30",
        " 2026-01-31",
        "2026-01-31T12:00:00Z",
        "2026-01-31T12:00:00.5+02:00",
        "2026-01-31 12:00:00Z",
        "2026-01-31T12:00Z",
        "2026-13-31T12:00:00Z",
        "2026-01-31T12:00:00",
        "https://shop.example",
        "http://shop.example/",
        " https://shop.example/a//  ",
        "HTTPS://shop.example",
        "https://shop.example:8443/a?b=c#d",
        "https://user@shop.example",
        "https://[::1]:80/",
        "https://",
        "https:shop.example",
        "http:/shop.example",
        "ftp://shop.example",
        "shop.example",
        "https://shop example/",
        "https://shop.example/a b",
        "https://ab.example/",
        "https://AB.example",
    ];
    let numbers = [
        json!(0),
        json!(1),
        json!(-3),
        json!(3.5),
        json!(12),
        json!(i64::MAX),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(1e300),
    ];
    let others = [
        json!(null),
        json!(true),
        json!(false),
        json!([]),
        json!(["a"]),
        json!(["a", 1, true, 1.5]),
        json!([null]),
        json!([["a"]]),
        json!([{}]),
        json!({}),
        json!({"a": "b"}),
    ];
    texts.into_iter().map(Value::from).chain(numbers).chain(others).collect()
}

/// What a schema cannot say, or says more narrowly: a number for a text with a pattern.
fn is_beyond(field: &str, value: &Value) -> bool {
    let has_pattern = ["short", "shorter"].contains(&field);
    has_pattern && (value.is_number() || value.is_boolean())
}

fn connector(spec: &str) -> Connector {
    check(&Source::new("shop.yaml", spec)).unwrap_or_else(|faults| panic!("{}", faults.render(Style::Plain)))
}

/// A shop with these config fields, all of which it reads.
fn shop(fields: &str, auth: &str) -> Connector {
    let names = fields.lines().filter_map(|line| line.trim().split_once(": {").map(|(name, _)| name));
    let read: Vec<String> = names.map(|name| format!("\"{{{{ config.{name} }}}}\"")).collect();
    connector(&format!(
        "tapwright: 1\nname: shop\ntitle: Shop\nversion: 1.0.0\nabout: {{summary: Orders.}}\nconfig:{fields}auth: {auth}\nhttp: \
         {{base_url: https://shop.example, records: $, params: {{all: [{}]}}}}\nstreams:\n  orders: {{description: One., endpoint: GET \
         /orders, fields: {{id: integer}}}}\n",
        read.join(", ")
    ))
}

/// Whether `settings` accepts a document, and whether the schema does.
fn verdicts(connector: &Connector, schema: &jsonschema::Validator, document: &Value) -> (bool, bool) {
    let file = Some(Source::new("config.json", document.to_string()));
    (settings(connector, &Given { file, texts: Vec::new() }).is_ok(), schema.is_valid(document))
}

fn compiled(connector: &Connector) -> jsonschema::Validator {
    let options = jsonschema::draft202012::options().should_validate_formats(true);
    options.build(&form(connector)).expect("a JSON Schema")
}

fn right() -> Map<String, Value> {
    let right = json!({"text": "a", "short": "ab", "secret": "s", "count": 1, "flag": true, "day": "2026-01-31",
        "moment": "2026-01-31T12:00:00Z", "site": "https://shop.example", "region": "eu", "tags": []});
    right.as_object().cloned().expect("an object")
}

#[test]
fn of_every_type_the_schema_takes_what_settings_take() {
    let connector = shop(FIELDS, "none");
    let schema = compiled(&connector);
    let mut differing = Vec::new();
    let (mut accepted, mut refused) = (0, 0);
    for field in &connector.config {
        for value in values().into_iter().filter(|value| !is_beyond(&field.name, value)) {
            let mut document = right();
            document.insert(field.name.clone(), value.clone());
            let (settings, schema) = verdicts(&connector, &schema, &Value::from(document));
            *(if settings { &mut accepted } else { &mut refused }) += 1;
            if settings != schema {
                differing.push(format!("{}: {value}: settings {settings}, schema {schema}", field.name));
            }
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
    assert!(accepted > 200 && refused > 500, "{accepted} {refused}");
}

#[test]
fn what_is_required_and_what_nobody_knows_are_told_alike() {
    let connector = shop(FIELDS, "none");
    let schema = compiled(&connector);
    assert_eq!(verdicts(&connector, &schema, &Value::from(right())), (true, true));
    for name in right().keys() {
        let mut document = right();
        document.remove(name);
        assert_eq!(verdicts(&connector, &schema, &Value::from(document)), (false, false), "without {name}");
    }
    let mut document = right();
    document.insert("txt".to_owned(), json!("a"));
    assert_eq!(verdicts(&connector, &schema, &Value::from(document)), (false, false));
    for document in [json!([]), json!("a"), json!(null), json!(1)] {
        assert_eq!(verdicts(&connector, &schema, &document), (false, false), "{document}");
    }
}

const LOGINS: &str = "
  method: {type: enum, values: [key, token, open], default: key}
  key: {type: string, secret: true, optional: true}
  token: {type: string, secret: true, optional: true}
  user: {type: string, optional: true}
";

const CHOICE: &str = "
  by: method
  when:
    key: {api_key: {header: X-Key, value: \"{{ config.key }}\"}}
    token: [{bearer: \"{{ config.token }}\"}, {api_key: {header: X-User, value: \"{{ config.user | default('me') }}\"}}]
    open: none";

#[test]
fn what_a_login_needs_is_required_where_it_is_chosen() {
    let connector = shop(LOGINS, CHOICE);
    let schema = compiled(&connector);
    let cases = [
        (json!({"key": "k"}), true),
        (json!({}), false),
        (json!({"token": "t"}), false),
        (json!({"key": null}), false),
        (json!({"key": ""}), false),
        (json!({"method": "key", "key": "k"}), true),
        (json!({"method": null, "key": "k"}), true),
        (json!({"method": null}), false),
        (json!({"method": "token", "token": "t"}), true),
        (json!({"method": "token", "token": "t", "user": "u", "key": ""}), true),
        (json!({"method": "token", "key": "k"}), false),
        (json!({"method": "token", "token": ""}), false),
        (json!({"method": "open"}), true),
        (json!({"method": "none"}), false),
    ];
    for (document, expected) in cases {
        assert_eq!(verdicts(&connector, &schema, &document), (expected, expected), "{document}");
    }
    let file = Some(Source::new("config.json", "{\"method\": \"token\"}"));
    let told = settings(&connector, &Given { file, texts: Vec::new() }).expect_err("a fault").render(Style::Plain);
    assert!(told.contains("with `method: token` the configuration needs `token`"), "{told}");
    assert!(told.contains("add it to the file, or set TAPWRIGHT_SHOP_TOKEN"), "{told}");
}

#[test]
fn a_secret_is_written_and_never_read() {
    let form = form(&shop(FIELDS, "none"));
    let secret = &form["properties"]["secret"];
    assert_eq!((&secret["writeOnly"], &secret["format"]), (&json!(true), &json!("password")));
    assert!(secret.get("examples").is_none(), "the example of a secret may be somebody's");
    assert_eq!(form["properties"]["usual"]["default"], "a b");
    assert!(form["properties"]["text"].get("writeOnly").is_none());
}

/// The specs of the repository.
fn specs() -> Vec<PathBuf> {
    let folder = |folder: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder);
        std::fs::read_dir(path).expect("a folder").map(|entry| entry.expect("an entry").path()).collect::<Vec<_>>()
    };
    let all = folder("specs").into_iter().chain(folder("tests/specs/right"));
    all.filter(|path| path.extension().is_some_and(|extension| extension == "yaml")).collect()
}

#[test]
fn a_configuration_to_start_from_lacks_what_must_be_given_and_nothing_else() {
    for spec in specs() {
        let connector = check(&Source::read(&spec).expect("a spec")).expect("a right spec");
        let yaml = start(&connector, Start::Yaml);
        let given = Given { file: Some(Source::new("config.yaml", yaml.clone())), texts: Vec::new() };
        let lacking = match settings(&connector, &given) {
            Ok(_) => String::new(),
            Err(faults) => faults.render(Style::Plain),
        };
        for field in connector.config.iter().filter(|field| field.required) {
            assert!(lacking.contains(&format!("lacks `{}`", field.name)), "{}\n{yaml}\n{lacking}", spec.display());
        }
        let others = lacking.matches("error: ").count() - lacking.matches("the configuration lacks").count();
        let chosen = lacking.matches("the configuration needs").count();
        assert_eq!(others, chosen, "{}\n{yaml}\n{lacking}", spec.display());
        let environment = start(&connector, Start::Environment);
        for field in &connector.config {
            let variable = tapwright_spec::settings::variable(&connector.name, &field.name);
            assert!(environment.contains(&format!("{variable}=")), "{environment}");
        }
    }
}
