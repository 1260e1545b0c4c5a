//! Real clients that were written against Desk, run against the simulator.

use std::io::Write;
use std::process::Command;

use desk_simulator::{Credentials, Server, ServerOptions};
use serde_json::Value;

use crate::asking::{list, serve};

/// Where a Python that can import the client is found, and what to install for it.
struct Client {
    module: &'static str,
    package: &'static str,
    script: &'static str,
}

const LIBSAAS: Client = Client { module: "libsaas.services.desk", package: "libsaas", script: "libsaas_reads.py" };
const DESKAPI: Client = Client { module: "deskapi.models", package: "deskapi", script: "deskapi_reads.py" };
const OAUTHLIB: Client = Client { module: "oauthlib.oauth1", package: "oauthlib", script: "oauthlib_signs.py" };

impl Client {
    /// What the client read, or nothing where it is not installed.
    fn read(&self, server: &Server, arguments: &[&str]) -> Option<Value> {
        let python = std::env::var("TAPWRIGHT_PYTHON").unwrap_or_else(|_| "python3".into());
        let import = format!("import {}", self.module);
        let found = Command::new(&python).args(["-c", &import]).output();
        if !found.is_ok_and(|found| found.status.success()) {
            let package = self.package;
            let skipped = format!("skipped: {package} (not importable; pip install {package})");
            assert!(std::env::var("TAPWRIGHT_REQUIRE_ALL").as_deref() != Ok("1"), "{skipped}");
            // Not by `eprintln!`: what a passing test says that way is swallowed.
            writeln!(std::io::stderr(), "{skipped}").expect("standard error");
            return None;
        }
        let script = format!("{}/tests/clients/{}", env!("CARGO_MANIFEST_DIR"), self.script);
        let mut command = Command::new(python);
        command.arg(script).arg(server.base_url()).args(arguments);
        let output = command.output().expect("Python runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {said}", self.script);
        Some(serde_json::from_slice(&output.stdout).expect("the script prints JSON"))
    }
}

fn signing(known: &Credentials) -> [&str; 4] {
    [&known.key, &known.secret, &known.token, &known.token_secret]
}

#[tokio::test(flavor = "multi_thread")]
async fn libsaas_signs_and_reads_what_is_true() {
    let server = serve(130, ServerOptions::default()).await;
    let Some(read) = LIBSAAS.read(&server, &signing(&Credentials::default())) else {
        return;
    };
    let truth = server.dump();
    for name in ["cases", "users", "groups", "user_groups", "articles"] {
        let ids = |from: &Value| {
            let mut ids: Vec<_> = list(from, name).iter().map(|it| it["id"].as_u64()).collect();
            ids.sort_unstable();
            ids
        };
        assert_eq!(ids(&read), ids(&truth), "{name}");
    }
    assert_eq!(read["cases"], truth["cases"]);
    assert_eq!(read["replies"].as_u64(), Some(list(&truth, "replies").len() as u64));
    assert_eq!(read["found"]["total_entries"], 130);
    assert_eq!(server.requests().by_status.get(&401), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn deskapi_follows_the_links_of_articles() {
    let server = serve(10, ServerOptions::default()).await;
    let known = Credentials::default();
    let Some(read) = DESKAPI.read(&server, &[&known.user, &known.password]) else {
        return;
    };
    let truth = server.dump();
    assert_eq!(read["articles"], truth["articles"]);
    assert_eq!(read["topics"], truth["topics"]);
    let translations = list(&truth, "article_translations").iter();
    let own = translations.filter(|it| it["article_id"] == truth["articles"][0]["id"]);
    let mut locales: Vec<_> = own.map(|it| it["locale"].as_str()).collect();
    locales.sort_unstable();
    assert_eq!(read["translations"], Value::from(locales));
}

#[tokio::test(flavor = "multi_thread")]
async fn signatures_of_oauthlib_are_verified() {
    let server = serve(10, ServerOptions::default()).await;
    let Some(read) = OAUTHLIB.read(&server, &signing(&Credentials::default())) else {
        return;
    };
    for (name, status) in read.as_object().expect("statuses by name") {
        let expected = if name.starts_with("good") { 200 } else { 401 };
        assert_eq!(status, expected, "{name}");
    }
    assert!(read.as_object().is_some_and(|read| read.len() > 8));
}
