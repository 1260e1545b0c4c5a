//! What `tapwright record` writes: nothing that is secret or personal, and what can be played.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;
use tapwright_spec::Source;
use tapwright_spec::settings::{Given, settings};
use tapwright_sync::clock::SystemClock;
use tapwright_sync::http::{Recorded, Recording};
use tapwright_sync::record::{Made, Order, record};
use tapwright_sync::replay::{Runs, play};

const SPEC: &str = r#"
tapwright: 1
name: shop
title: Shop
version: 1.0.0
about: {summary: A shop with customers.}
config:
  id: {type: string}
  secret: {type: string, secret: true}
  key: {type: string, secret: true}
auth:
  - oauth2: {grant: client_credentials, token_url: "https://api.example/token", client_id: "{{ config.id }}", client_secret: "{{ config.secret }}", client_auth: body}
  - api_key: {query: k, value: "{{ config.key }}"}
check: GET /me
http:
  base_url: https://api.example
  records: $.items[*]
streams:
  customers:
    description: Customers.
    endpoint: GET /customers
    pagination: {next_url: $.next}
    primary_key: mail
    fields:
      mail: {type: string, personal: true}
      name: {type: string, personal: true}
      born: {type: date, personal: true}
      phone: {type: integer, personal: true}
      address: {type: object, fields: {city: string, street: {type: string, personal: true}}}
      total: decimal
  orders:
    description: Orders of a customer.
    for_each: customers
    endpoint: GET /customers/{{ parent.mail }}/orders
    pagination: none
    add: {customer: "{{ parent.mail }}"}
    primary_key: id
    fields:
      id: integer
      customer: {type: string, references: customers}
      note: string
"#;

const API: &str = r#"
exchanges:
  - {request: POST /token, body: '{"access_token": "t0k3n-of-access", "id_token": "who-it-is-of", "token_type": "bearer", "expires_in": 3600}'}
  - {request: 'GET /me?k=***', body: '{"name": "The Owner of Keys"}', headers: {Set-Cookie: 'sid=c00kie-of-session; Path=/'}}
  - request: 'GET /customers?k=***'
    headers: {Content-Type: application/json, Date: today}
    body: '{"items": [{"mail": "ann@corp.com", "name": "Ann Miller", "born": "1984-02-29", "phone": 49301234567, "address": {"city": "Ulm", "street": "Hill 7"}, "total": 12345678901234567.890}], "next": "/customers?after=ann%40corp.com&k=s3cret-key", "echo": "s3cret-key t0k3n-of-access"}'
  - request: 'GET /customers?after=ann%40corp.com&k=***'
    body: '{"items": [{"mail": "bob@corp.com", "name": "Bob Stone", "born": null, "phone": null, "address": null, "total": 1.10}], "next": null}'
  - {request: 'GET /customers/ann@corp.com/orders?k=***', body: '{"items": [{"id": 1, "note": "for Ann Miller, at Hill 7"}, {"id": 2, "note": "ann@corp.com"}]}'}
  - {request: 'GET /customers/bob@corp.com/orders?k=***', body: '{"items": []}'}
"#;

fn recorded(spec: &str, api: &str, pages: Option<u64>) -> Result<Made, String> {
    let config = "{id: us, secret: s3cret-of-client, key: s3cret-key}";
    recorded_with(&Source::new("shop.yaml", spec), config, api, pages)
}

fn recorded_with(source: &Source, config: &str, api: &str, pages: Option<u64>) -> Result<Made, String> {
    let connector =
        tapwright_spec::check(source).map_err(|faults| faults.render(tapwright_spec::diagnostic::Style::Plain))?;
    let file = connector.config.iter().any(|field| field.secret).then(|| Source::new("config", config));
    let settings = settings(&connector, &Given { file, texts: Vec::new() }).expect("a configuration");
    let transport = Arc::new(Recorded::new(Recording::parse(api)?));
    let (streams, clock) = (Vec::new(), Arc::new(SystemClock));
    let order = Order { spec: source, connector, settings, streams, start: None, pages, transport, clock, keep: None };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    runtime.block_on(async {
        let (recorder, run) = record(order).await?;
        let (_sender, stop) = tokio::sync::watch::channel(None);
        let report = run.go(stop).await.map_err(|fault| fault.to_string())?;
        recorder.finish(&report).await
    })
}

#[test]
fn nothing_secret_or_personal_is_written() {
    let made = recorded(SPEC, API, None).expect("a recording");
    for gone in [
        "s3cret-of-client",
        "s3cret-key",
        "t0k3n-of-access",
        "who-it-is-of",
        "c00kie-of-session",
        "The Owner",
        "ann@corp",
        "ann%40corp",
        "bob@corp",
        "Ann Miller",
        "Bob Stone",
        "1984-02-29",
        "49301234567",
        "Hill 7",
        "today",
    ] {
        assert!(!made.yaml.contains(gone) && !made.played.told.contains(gone), "{gone} is in\n{}", made.yaml);
    }
    for stays in ["Ulm", "12345678901234567.890", "sid=***; Path=/", r#""token_type":"bearer""#, "for "] {
        assert!(made.yaml.contains(stays), "{stays} is not in\n{}", made.yaml);
    }
}

#[test]
fn a_person_with_whose_name_requests_log_in_has_a_stand_in_there_too() {
    let config = "{id: Ann Miller, secret: s3cret-of-client, key: s3cret-key}";
    let made = recorded_with(&Source::new("shop.yaml", SPEC), config, API, None).expect("a recording");
    assert!(!made.yaml.contains("Ann Miller") && made.yaml.contains("  id: \""), "{}", made.yaml);
}

#[test]
fn what_a_hook_signs_with_is_written_nowhere_and_played_all_the_same() {
    let folder = "../../tests/recorded/hooks-sign-requests";
    let spec = std::fs::read_to_string(format!("{folder}/spec.yaml")).expect("a spec");
    // Headers of which a spec speaks are recorded, but for signatures.
    let spec = spec.replace("description: Orders.", "description: Orders, whose answers repeat the X-Stamp.");
    let source = Source::new(format!("{folder}/spec.yaml"), spec);
    let api = r#"
exchanges:
  - {request: 'GET /me?do=say&sig=***', body: '{}'}
  - {request: 'GET /orders?sig=***', body: '{"items": [{"id": 1}], "next": "/orders?page=2&sig=q.0123456789abcdef"}'}
  - {request: 'GET /orders?page=2&sig=***', body: '{"items": [{"id": 2}], "next": null}'}
  - {request: 'POST /search?sig=***', sent: {body: {query: all}}, body: '{"items": [{"id": 3}]}'}
  - {request: 'GET /old?sig=***', body: '{"items": []}'}
"#;
    let made = recorded_with(&source, "{key: s3cret-key}", api, None).expect("a recording");
    assert!(made.yaml.contains("GET /orders?page=2&sig=***"), "{}", made.yaml);
    for gone in ["s3cret-key", "X-Stamp", "x-stamp"] {
        assert!(!made.yaml.contains(gone), "{gone} is in\n{}", made.yaml);
    }
    assert!(made.played.reports[0].is_complete(), "{}", made.played.told);
}

#[test]
fn stand_ins_keep_types_keys_and_joins() {
    let made = recorded(SPEC, API, None).expect("a recording");
    let told: BTreeMap<String, Vec<Value>> = serde_yaml::from_str(&made.played.told).expect("YAML");
    let tables = &told["runs"][0]["tables"];
    let ann = &tables["customers"][0];
    assert_eq!(ann["mail"], tables["orders"][0]["customer"]);
    assert_eq!(ann["mail"], tables["orders"][1]["note"], "the same text, wherever it stands");
    assert!(ann["mail"].as_str().is_some_and(|mail| mail.ends_with(".example")), "{ann}");
    assert!(ann["born"].as_str().is_some_and(|day| day.parse::<jiff::civil::Date>().is_ok()), "{ann}");
    assert!(ann["phone"].as_i64().is_some_and(|phone| phone > 10_000_000_000), "{ann}");
    assert_ne!(ann["name"], tables["customers"][1]["name"]);
}

#[test]
fn a_list_that_is_cut_pins_what_was_read() {
    let made = recorded(SPEC, API, Some(1)).expect("a recording");
    assert!(made.yaml.contains("    pages: 1\n") && !made.yaml.contains("GET /customers?after="), "{}", made.yaml);
    let report = &made.played.reports[0];
    assert!(report.is_complete(), "{}", report.to_text(100));
    assert_eq!(report.streams.iter().map(|stream| stream.new).collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn what_is_recorded_is_a_test_of_the_spec() {
    let made = recorded(SPEC, API, None).expect("a recording");
    let runs = Runs::parse(&made.yaml).expect("a recording");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    let drifted = Source::new("shop.yaml", SPEC.replace("GET /customers\n", "GET /clients\n"));
    let played = runtime.block_on(play(&drifted, &runs)).expect("played");
    assert_eq!(played.misses[0].0.as_deref(), Some("customers"));
    assert_eq!(played.misses[0].1.asked.split('?').next(), Some("GET /clients"));
}

#[test]
fn what_cannot_be_recorded_safely_is_refused() {
    let csv = SPEC.replace("  records: $.items[*]\n", "  format: csv\n").replace("{next_url: $.next}", "none");
    for (spec, api, expected) in [
        (&*csv, API, "only in answers in JSON"),
        (SPEC, &API.replace("{\"name\": \"The Owner of Keys\"}'", "{}', status: 403"), "nothing is recorded, because"),
        (
            SPEC,
            &API.replace("body: '{\"items\": []}'", "body_base64: eyJpdGVtcyI6IFsi/yJdfQ=="),
            "is recorded, because",
        ),
    ] {
        let refused = recorded(spec, api, None).err().unwrap_or_default();
        assert!(refused.contains(expected), "{expected}: {refused}");
    }
}

#[test]
fn what_is_personal_is_found_before_records_change_their_shape() {
    let spec = SPEC.replace(
        "    fields:\n      mail: {type: string, personal: true}",
        "    split: {path: \"$.persons[*]\", keep: {mail: $.owner.mail}}\n    flatten: {address: {prefix: \"\"}}\n    \
         rename: {full: name}\n    fields:\n      full: {type: string, personal: true}\n      \
         street: {type: string, personal: true}\n      mail: {type: string, personal: true}",
    );
    let spec = spec.replace("      name: {type: string, personal: true}\n", "");
    let spec = spec
        .replace("      address: {type: object, fields: {city: string, street: {type: string, personal: true}}}\n", "");
    let api = API
        .replace(r#"{"mail": "ann@corp.com", "name""#, r#"{"owner": {"mail": "ann@corp.com"}, "persons": [{"name""#)
        .replace("567.890}]", "567.890}]}]")
        .replace(r#"{"mail": "bob@corp.com", "name""#, r#"{"owner": {"mail": "bob@corp.com"}, "persons": [{"name""#)
        .replace("1.10}]", "1.10}]}]");
    let made = recorded(&spec, &api, None).expect("a recording");
    for gone in ["ann@corp", "ann%40corp", "bob@corp", "Ann Miller", "Bob Stone", "Hill 7"] {
        assert!(!made.yaml.contains(gone) && !made.played.told.contains(gone), "{gone} is in\n{}", made.yaml);
    }
    assert!(made.yaml.contains("Ulm"), "{}", made.yaml);
}
