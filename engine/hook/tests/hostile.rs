//! Hooks that mean ill, or are broken: `tests/hooks/hostile/NAME.wat`, and in `NAME.txt` what each of them gets.
//! `UPDATE_HOSTILE=1` writes the latter; then read them.

mod component;

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::json;
use tapwright_hook::{Capability, Grant, Hook, Host, Job, Limits, Records, Stream, paginate, sign, slices};

const RECORDS: [&str; 5] = [
    r#"{"n":0,"kept":"a"}"#,
    r#"{"n":1,"kept":"b"}"#,
    r#"{"n":2,"kept":"c"}"#,
    r#"{"n":3,"kept":"d"}"#,
    r#"{"n":4,"kept":"e"}"#,
];

fn limits() -> Limits {
    Limits { time: Duration::from_millis(100), memory: 16 << 20, output: 1 << 20, crashes: 8 }
}

fn stream() -> Stream {
    let (name, fields, primary_key) = ("cases".to_owned(), Vec::new(), vec!["n".to_owned()]);
    Stream { name, fields, primary_key, routes: vec!["notes".to_owned()] }
}

/// Everything that a component gets, as lines.
fn told(host: &Host, file: &Path, case: &str) -> String {
    let allow = if case.contains("$log") { vec![Capability::Log] } else { Vec::new() };
    let grant = Grant { allow, limits: limits(), ..Grant::of("hostile", file) };
    let hook = match host.load(grant) {
        Ok(hook) => hook,
        Err(fault) => return format!("load: {}\n", fault.what),
    };
    match hook.jobs() {
        [Job::Sign] => signed(&hook),
        [Job::Paginate] => paged(&hook),
        [Job::Slices] => cut(&hook),
        _ => changed(&hook),
    }
}

/// Two requests.
fn signed(hook: &Hook) -> String {
    let mut signer = sign::Signer::open(hook, &json!({})).expect("a signer");
    let request = sign::Request {
        method: "GET".to_owned(),
        url: "http://api.example/a?b=1".to_owned(),
        headers: vec![sign::Pair { name: "accept".to_owned(), value: "application/json".to_owned() }],
        body: Some(b"{}".to_vec()),
        now: 1_600_000_000_000,
        nonce: vec![7; 16],
    };
    let signed = [signer.sign(&request), signer.sign(&request)].map(|signed| match signed {
        Ok(signature) => format!("signed: {:?} {:?}\n", pairs(&signature.headers), pairs(&signature.params)),
        Err(fault) => format!("failed: {fault}\n"),
    });
    signed.concat() + &format!("instances: {}\n", signer.used().instances)
}

fn pairs(pairs: &[sign::Pair]) -> Vec<String> {
    pairs.iter().map(|pair| format!("{}={}", pair.name, pair.value)).collect()
}

/// Two pages.
fn paged(hook: &Hook) -> String {
    let mut pages = paginate::Pages::open(hook, &json!({})).expect("pages");
    let page = paginate::Response {
        url: "http://api.example/a".to_owned(),
        status: 200,
        headers: Vec::new(),
        body: b"{}".to_vec(),
        records: 0,
        page: 1,
    };
    let steps = [pages.after(&page), pages.after(&page)].map(|step| match step {
        Ok(paginate::Step::Next(next)) => {
            format!("next: {:?} {} {}\n", next.url, next.params.len(), next.headers.len())
        }
        Ok(paginate::Step::Stop(reason)) => format!("stop: {reason}\n"),
        Err(fault) => format!("failed: {fault}\n"),
    });
    steps.concat() + &format!("instances: {}\n", pages.used().instances)
}

fn cut(hook: &Hook) -> String {
    let mut cutter = slices::Cutter::open(hook, &json!({})).expect("a cutter");
    let question = slices::Question {
        stream: "cases".to_owned(),
        config: "{}".to_owned(),
        state: "[]".to_owned(),
        now: 1_600_000_000_000,
    };
    match cutter.cut(&question, &["site".to_owned()]) {
        Ok(slices) => slices.into_iter().map(|slice| format!("slice: {}\n", json!(slice))).collect(),
        Err(fault) => format!("failed: {fault}\n"),
    }
}

/// Two batches.
fn changed(hook: &Hook) -> String {
    let mut told = String::new();
    let mut records = match Records::open(hook, &json!({}), stream(), Vec::new()) {
        Ok(records) => records,
        Err(fault) => return format!("open: {fault}\n"),
    };
    for note in &records.effect().notes {
        writeln!(told, "note: {note}").expect("a text");
    }
    for _ in 0..2 {
        match records.change(&RECORDS) {
            Ok(changed) => {
                for line in changed.lines() {
                    let route = line.route.map(|route| format!(" to route {route}")).unwrap_or_default();
                    writeln!(told, "record {}{route}: {}", line.origin + 1, line.record).expect("a text");
                }
                for refused in &changed.refused {
                    writeln!(told, "refused: {}", refused.fault).expect("a text");
                }
                assert!(!changed.lines().any(|line| changed.refused.iter().any(|other| other.record == line.origin)));
            }
            Err(fault) => {
                writeln!(told, "failed: {fault}").expect("a text");
                break;
            }
        }
    }
    let log = records.log();
    for (level, line) in log.lines.iter().take(3) {
        writeln!(told, "log: {level:?}: {}", line.chars().take(80).collect::<String>()).expect("a text");
    }
    if !log.lines.is_empty() {
        writeln!(told, "log: {} lines, {} more left out", log.lines.len(), log.left_out).expect("a text");
    }
    let used = records.used();
    assert!(used.memory <= limits().memory, "{} bytes", used.memory);
    writeln!(told, "instances: {}", used.instances).expect("a text");
    told
}

#[test]
fn each_gets_its_named_error_within_its_limits() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/hooks/hostile");
    let host = Host::new().expect("a host");
    let scratch = tempfile::tempdir().expect("a folder");
    let mut cases: Vec<PathBuf> =
        fs::read_dir(&folder).expect("the cases").map(|entry| entry.expect("an entry").path()).collect();
    cases.retain(|path| path.extension().is_some_and(|extension| extension == "wat"));
    cases.sort();
    let mut wrong = Vec::new();
    for path in &cases {
        let case = fs::read_to_string(path).expect("a case");
        let name = path.file_stem().and_then(|name| name.to_str()).expect("a name");
        let file = scratch.path().join("hostile.wasm");
        fs::write(&file, component::bytes(name, &case)).expect("a file");
        let began = Instant::now();
        let told = told(&host, &file, &case);
        assert!(began.elapsed() < Duration::from_secs(60), "{}: {:?}", path.display(), began.elapsed());
        let expected = path.with_extension("txt");
        if std::env::var_os("UPDATE_HOSTILE").is_some() {
            fs::write(&expected, &told).expect("a file");
        } else if fs::read_to_string(&expected).unwrap_or_default() != told {
            wrong.push(format!("{}:\n{told}", path.display()));
        }
    }
    assert!(cases.len() > 20, "the cases were not read");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// `docs/reference/hostile-hooks.md`: each case with its first line of words, and the first fault that it gets.
#[test]
fn the_page_tells_what_each_of_them_got() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut cases: Vec<PathBuf> = fs::read_dir(root.join("tests/hooks/hostile"))
        .expect("the cases")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "wat"))
        .collect();
    cases.sort();
    let mut page = "<!-- Written by UPDATE_HOSTILE=1 cargo test -p tapwright-hook --test hostile -->\n\n# What hostile hooks get\n\n\
        Hooks that mean ill or are broken, each in `tests/hooks/hostile/`, and the first fault that it runs into, here with a \
        tenth of a second and 16 MiB for each call. The program goes on, and no record is lost.\n\n\
        | case | what it does | what it gets |\n| --- | --- | --- |\n"
        .to_owned();
    for path in &cases {
        let (case, told) = (fs::read_to_string(path).expect("a case"), fs::read_to_string(path.with_extension("txt")));
        let told = told.expect("what it gets");
        let faults = ["load: ", "open: ", "failed: ", "refused: "];
        let Some(fault) = told.lines().find_map(|line| faults.iter().find_map(|word| line.strip_prefix(word))) else {
            continue;
        };
        let fault = fault.strip_prefix("hook `hostile`").map_or(fault, |rest| rest.trim_start_matches([',', ':', ' ']));
        let does = case.lines().next().unwrap_or_default().trim_start_matches([';', ' ']);
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        writeln!(page, "| `{name}` | {} | {} |", does.replace('|', "\\|"), fault.replace('|', "\\|")).expect("a text");
    }
    let place = root.join("docs/reference/hostile-hooks.md");
    if std::env::var_os("UPDATE_HOSTILE").is_some() {
        fs::write(&place, &page).expect("a file");
    }
    assert_eq!(fs::read_to_string(&place).unwrap_or_default(), page, "UPDATE_HOSTILE=1 writes it anew");
}

#[test]
fn a_large_batch_goes_over_in_pieces_that_the_hook_can_take() {
    let case = "
        (func $change (param i32 i32) (result i32)
          (if (i32.gt_u (local.get 1) (i32.const 1000)) (then (unreachable)))
          (call $answer (local.get 0) (local.get 1)))";
    let scratch = tempfile::tempdir().expect("a folder");
    let file = scratch.path().join("pieces.wasm");
    fs::write(&file, component::bytes("pieces", case)).expect("a file");
    let hook = Host::new().expect("a host").load(Grant::of("pieces", &file)).expect("a hook");
    let mut records = Records::open(&hook, &json!({}), stream(), Vec::new()).expect("records");
    let texts: Vec<String> =
        (0..450).map(|number| format!(r#"{{"number":{number:04}}}"#).replace(":0", ":10")).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    for _ in 0..2 {
        let changed = records.change(&texts).expect("a batch");
        assert!(changed.refused.is_empty(), "{:?}", changed.refused);
        assert!(changed.lines().map(|line| line.record).eq(texts.iter().copied()));
        assert!(changed.lines().map(|line| line.origin).eq(0..texts.len()));
    }
    // 200 at once are too many, and so are 100; 50 are not.
    assert_eq!(records.used().instances, 3);
}
