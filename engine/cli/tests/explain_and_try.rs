//! `explain` and `try`: what they say is a file in `tests/explain` and `tests/try`.

use std::path::Path;
use std::process::{Command, Output};

use desk_simulator::{Credentials, Server, ServerOptions, Site, SiteOptions};

fn root() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn tapwright(arguments: &[&str]) -> Output {
    let folder = tempfile::tempdir().expect("a folder");
    Command::new(env!("CARGO_BIN_EXE_tapwright"))
        .args(arguments.iter().map(|one| match one.strip_prefix("ROOT/") {
            Some(path) => root().join(path).to_string_lossy().into_owned(),
            None => (*one).to_owned(),
        }))
        .current_dir(folder.path())
        .output()
        .expect("the program")
}

/// What a command prints, with its faults and its exit code behind it.
fn told(arguments: &[&str]) -> String {
    let output = tapwright(arguments);
    let out = String::from_utf8(output.stdout).expect("text");
    let errors = String::from_utf8(output.stderr).expect("text");
    format!("{out}{errors}exit {}\n", output.status.code().expect("a code"))
}

fn is(folder: &str, name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(root().join("tests").join(folder));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// A simulated site, and what a test says to reach it.
struct Desk {
    server: Server,
    keys: Credentials,
}

impl Desk {
    async fn start(options: ServerOptions) -> Desk {
        Desk::of(60, options).await
    }

    async fn of(cases: usize, options: ServerOptions) -> Desk {
        let site = Site::generate(&SiteOptions { cases, ..SiteOptions::default() });
        let keys = options.credentials.clone();
        Desk { server: Server::start(site, options).await.expect("a server"), keys }
    }

    /// `tapwright try`, without what differs from run to run.
    async fn tried(&self, arguments: &[&str]) -> String {
        self.told(&[&["try"], arguments].concat()).await
    }

    /// A command with the credentials of the site.
    async fn told(&self, arguments: &[&str]) -> String {
        let values = [
            format!("site_url={}", self.server.base_url()),
            format!("key={}", self.keys.key),
            format!("secret={}", self.keys.secret),
            format!("token={}", self.keys.token),
            format!("token_secret={}", self.keys.token_secret),
        ];
        let mut all = arguments.to_vec();
        // What the test itself sets stands behind.
        let sets = values.iter().flat_map(|value| ["--set", value]);
        all.splice(1..1, sets);
        let all: Vec<String> = all.into_iter().map(str::to_owned).collect();
        let told = tokio::task::spawn_blocking(move || told(&all.iter().map(String::as_str).collect::<Vec<_>>()));
        let told = told.await.expect("a command");
        for secret in [&self.keys.key, &self.keys.secret, &self.keys.token, &self.keys.token_secret] {
            assert!(!told.contains(secret.as_str()), "{secret} is in {told}");
        }
        steady(&told.replace(&self.server.base_url(), "http://DESK"))
    }
}

/// Without sizes, times and counts of the rate limit.
fn steady(told: &str) -> String {
    let mut out = String::new();
    for line in told.lines() {
        if let Some((status, rest)) = line.split_once(" bytes in ") {
            let status = status.split(',').next().unwrap_or_default();
            let behind = rest.split_once(" ms").map_or("", |(_, behind)| behind);
            out.push_str(&format!("{status}, SIZE bytes in TIME ms{behind}\n"));
        } else if let Some((name, _)) = line.split_once(": ").filter(|(name, _)| name.starts_with("  X-Rate-Limit-")) {
            out.push_str(&format!("{name}: COUNT\n"));
        } else {
            out.push_str(&format!("{line}\n"));
        }
    }
    out
}

#[test]
fn explain_tells_requests_costs_and_tables() {
    is("explain", "desk", &told(&["explain", "ROOT/specs/desk.yaml"]));
    is("explain", "corners", &told(&["explain", "ROOT/tests/pages/corners.yaml"]));
    is("explain", "hooks", &told(&["explain", "ROOT/tests/pages/hooks.yaml"]));
    for (name, case) in [
        ("hook_that_signs", "hooks-sign-requests"),
        ("hook_of_pages", "hooks-paginate"),
        ("hook_of_slices", "hooks-cut-slices"),
    ] {
        is("explain", name, &told(&["explain", &format!("ROOT/tests/recorded/{case}/spec.yaml")]));
    }
    is("explain", "some_parents", &told(&["explain", "ROOT/tests/recorded/children-of-some/spec.yaml"]));
    is("explain", "jobs", &told(&["explain", "ROOT/tests/specs/right/jobs.yaml"]));
    is("explain", "dynamic", &told(&["explain", "ROOT/tests/recorded/dynamic-streams-with-fields/spec.yaml"]));
}

#[test]
fn explain_uses_the_configuration_that_there_is_and_hides_its_secrets() {
    let spec = "ROOT/tests/explain/keys.yaml";
    is("explain", "keys", &told(&["explain", spec, "--set", "key=s3cret", "--set", "account=77"]));
    let bare = told(&["explain", spec, "--stream", "items"]);
    assert!(
        bare.contains("GET https://{region}.api.example/{account}/items?team={team}&limit=50&page=1&api_key=***"),
        "{bare}"
    );
}

#[test]
fn explain_refuses_what_is_not_there() {
    let told = told(&["explain", "ROOT/specs/desk.yaml", "--stream", "caes"]);
    assert!(told.starts_with("error: desk has no stream `caes`, did you mean `cases`?"), "{told}");
    assert!(told.ends_with("exit 1\n"), "{told}");
}

#[test]
fn explain_as_data_has_what_the_text_has() {
    let output = tapwright(&["explain", "ROOT/specs/desk.yaml", "--stream", "cases", "--format", "json"]);
    let data: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let cases = &data["streams"][0];
    assert_eq!(data["families"][0]["children"][0]["stream"], "replies");
    assert_eq!(cases["costs"][0]["requests"], 11, "each walk begins with the last record of the one before");
    assert_eq!(cases["costs"][1]["waits_seconds"], 180, "1,011 requests at 300 a minute");
    assert_eq!(cases["tables"][1]["table"], "cases__labels");
    assert!(cases["sentences"]["Bookmark"].as_str().expect("a sentence").contains("during the run"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_costs_what_explain_says() {
    let desk = Desk::of(1_000, ServerOptions::default()).await;
    let spec = "ROOT/tests/try/desk.yaml";
    let explained = tapwright(&["explain", spec, "--stream", "cases", "--format", "json"]);
    let explained: serde_json::Value = serde_json::from_slice(&explained.stdout).expect("JSON");
    let to = ["--to", "sqlite:cases.db", "--stream", "cases", "--start", "1970-01-01", "--report", "json"];
    let told = desk.told(&[&["sync", spec], &to[..]].concat()).await;
    let report = &told[told.find('{').expect("a report")..told.rfind('}').expect("a report") + 1];
    let report: serde_json::Value = serde_json::from_str(report).expect("JSON");
    let cases = &report["streams"][0];
    let least = explained["streams"][0]["costs"][0]["requests"].as_u64().expect("a count");
    let sent = cases["requests"].as_u64().expect("a count");
    assert_eq!(cases["new"], 1_000);
    // Records that share a moment with the last one of a page come again with it.
    assert!((least..=least + 2).contains(&sent), "explained {least}, sent {sent}");
    desk.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn try_shows_exchanges_rows_and_types() {
    let desk = Desk::start(ServerOptions::default()).await;
    let spec = "ROOT/tests/try/desk.yaml";
    is("try", "types", &desk.tried(&[spec, "customers", "--limit", "4", "--start", "1970-01-01"]).await);
    is("try", "children", &desk.tried(&[spec, "replies", "--limit", "3", "--start", "1970-01-01"]).await);
    is("try", "nothing_yet", &desk.tried(&[spec, "customers", "--start", "2020-01-01"]).await);
    let data = desk.tried(&[spec, "replies", "--limit", "3", "--format", "json", "--start", "1970-01-01"]).await;
    let data = data.strip_suffix("exit 0\n").expect("well");
    let data: serde_json::Value = serde_json::from_str(data).expect("JSON");
    assert_eq!(data["findings"]["records"], 3);
    assert_eq!(data["events"][0]["exchange"]["answer"]["status"], 200);
    desk.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_try_suggests_can_be_pasted() {
    let desk = Desk::start(ServerOptions::default()).await;
    let asked = ["customers", "--limit", "15", "--format", "json", "--start", "1970-01-01"];
    let data = desk.tried(&[&["ROOT/tests/try/desk.yaml"][..], &asked].concat()).await;
    let data: serde_json::Value = serde_json::from_str(data.strip_suffix("exit 0\n").expect("well")).expect("JSON");
    let lines = data["findings"]["unlisted"].as_array().expect("a list").iter();
    let lines: Vec<String> = lines.map(|one| format!("      {}\n", one["yaml"].as_str().expect("a line"))).collect();
    let spec = std::fs::read_to_string(root().join("tests/try/desk.yaml")).expect("the spec");
    let folder = tempfile::tempdir().expect("a folder");
    let pasted = folder.path().join("desk.yaml");
    let repaired = spec.replace("last_name: integer", "last_name: string");
    std::fs::write(&pasted, repaired + &lines.concat()).expect("written");
    let pasted = pasted.to_string_lossy().into_owned();
    let again = desk.tried(&[&[pasted.as_str()][..], &asked[..3], &asked[5..]].concat()).await;
    assert!(lines.len() > 10 && again.contains("Every value fits its declared type."), "{again}");
    assert!(!again.contains("Not in the spec"), "{again}");
    desk.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn try_tells_what_failed() {
    let desk = Desk::start(ServerOptions::default()).await;
    let spec = "ROOT/tests/try/desk.yaml";
    is("try", "refused", &desk.tried(&[spec, "customers", "--set", "token=other"]).await);
    let wrong = desk.tried(&[spec, "customer"]).await;
    assert!(wrong.contains("did you mean `customers`?") && wrong.ends_with("exit 1\n"), "{wrong}");
    desk.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn try_shows_what_is_sent_again() {
    let desk = Desk::start(ServerOptions { errors: 1.0, ..ServerOptions::default() }).await;
    let told = desk.tried(&["ROOT/tests/try/desk.yaml", "replies", "--limit", "1", "--start", "1970-01-01"]).await;
    assert!(told.contains("\n  500, SIZE bytes in TIME ms\n"), "{told}");
    assert!(told.contains("\nagain: GET http://DESK/api/v2/cases/"), "{told}");
    assert!(told.ends_with("exit 0\n"), "{told}");
    desk.server.stop().await;
}
