//! Each fault of a server, in each way of paging: what a run says is complete is complete, and what is not is told and
//! comes with the next run. `tests/silent/README.md` tells more.

mod faults;
mod server;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use serde_json::Value;

use server::{KEY, Server, Ticket};

/// What the first run of each fault said, by way of paging.
type Told = BTreeMap<String, BTreeMap<String, String>>;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/silent")
}

#[test]
fn whatever_goes_wrong_nothing_is_lost_in_silence() {
    let read = |name: &str| std::fs::read_to_string(folder().join(name)).expect("a file");
    let styles: BTreeMap<String, String> = serde_yaml::from_str(&read("pagination.yaml")).expect("YAML");
    let only = std::env::var("SILENT").ok();
    let told: Mutex<Told> = Mutex::default();
    let wrong: Mutex<Vec<String>> = Mutex::default();
    // Most of the time is waiting.
    thread::scope(|scope| {
        for (style, pagination) in &styles {
            let spec = read("spec.yaml").replace("STYLE", server_style(style)).replace("PAGINATION", pagination);
            let of_some = faults::OF_SOME.into_iter().filter(|(_, styles)| styles.contains(&style.as_str()));
            let all: Vec<&str> = faults::ALL.into_iter().chain(of_some.map(|(fault, _)| fault)).collect();
            let chosen: Vec<&str> =
                all.into_iter().filter(|fault| only.as_ref().is_none_or(|only| fault == only)).collect();
            for some in chosen.chunks(12).map(<[&str]>::to_vec) {
                let (spec, told, wrong) = (spec.clone(), &told, &wrong);
                scope.spawn(move || {
                    for fault in some {
                        match Case::new(&spec).run(fault) {
                            Ok(said) => {
                                let mut told = told.lock().expect("a list");
                                told.entry(fault.to_owned()).or_default().insert(style.clone(), said);
                            }
                            Err(why) => wrong.lock().expect("a list").push(format!("{fault}, {style}: {why}")),
                        }
                    }
                });
            }
        }
    });
    let wrong = wrong.into_inner().expect("a list");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    pinned(&told.into_inner().expect("a list"), only.is_none());
}

/// Offsets overlap in the spec; the server knows nothing of it.
fn server_style(style: &str) -> &str {
    if style == "overlap" { "offset" } else { style }
}

/// Compares what was said with `expected.yaml`.
fn pinned(told: &Told, whole: bool) {
    let path = folder().join("expected.yaml");
    let mut text = String::from("# What the first run said of each fault. UPDATE_SILENT=1 writes it anew.\n");
    for (fault, styles) in told {
        text.push_str(&format!("{fault}:\n"));
        for (style, said) in styles {
            text.push_str(&format!("  {style}: {}\n", serde_json::to_string(said).expect("JSON")));
        }
    }
    if !whole {
        // A fault alone is looked at, not compared.
        panic!("{text}");
    } else if std::env::var_os("UPDATE_SILENT").is_some() {
        std::fs::write(path, text).expect("a file");
    } else {
        assert_eq!(std::fs::read_to_string(path).expect("a file"), text);
    }
}

/// A server with its tickets, and the database that they are read into.
struct Case {
    server: Server,
    folder: tempfile::TempDir,
}

impl Case {
    fn new(spec: &str) -> Case {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("silent.yaml"), spec).expect("a file");
        // Four tickets a minute, so that moments meet.
        let ticket = |id: i64| Ticket::new(id, &format!("2026-01-01T{:02}:{:02}:00Z", id / 240, id / 4 % 60));
        Case { server: Server::start((1..=210).map(ticket).collect()), folder }
    }

    /// What the first run said; an error if something was lost in silence.
    fn run(&self, fault: &str) -> Result<String, String> {
        self.set(Some(fault));
        let first = self.sync();
        let (whole, said) = (self.compared(), first.said(&self.server.url));
        if first.code == Some(0) {
            whole.map_err(|why| format!("exit 0, and {why}\n{said}"))?;
        }
        self.move_on(fault);
        let second = self.sync();
        if second.code != Some(0) {
            return Err(format!("the second run fails: {}", second.said(&self.server.url)));
        }
        self.compared().map_err(|why| format!("after the second run {why}\n{said}"))?;
        let site = self.server.site();
        match site.strangers.iter().find(|request| request.contains(KEY)) {
            Some(request) => Err(format!("the key went to another host: {request}")),
            None => Ok(said),
        }
    }

    fn set(&self, fault: Option<&str>) {
        let mut site = self.server.site();
        site.fault = fault.map(str::to_owned);
        site.asked = 0;
    }

    /// The fault goes, and the list changes as lists do: the ticket that was broken is repaired, another one is
    /// changed, and one comes that has the moment of the last one.
    fn move_on(&self, fault: &str) {
        self.set(None);
        let mut site = self.server.site();
        let last = site.tickets.last().expect("a ticket").updated_at.clone();
        site.tickets.push(Ticket::new(500, &last));
        let broken = ["a key twice", "ticket without its key", "ticket with its key null", "value of another type"];
        for id in [41].into_iter().filter(|_| broken.contains(&fault)).chain([9]) {
            let at = site.tickets.iter().position(|ticket| ticket.id == id).expect("a ticket");
            let ticket = site.tickets.remove(at);
            let updated_at = "2026-03-01T00:00:00Z".to_owned();
            site.tickets.push(Ticket { subject: "better".to_owned(), updated_at, ..ticket });
        }
    }

    fn sync(&self) -> Said {
        let child = Command::new(env!("CARGO_BIN_EXE_tapwright"))
            .env("TAPWRIGHT_LOG_DAYS", "0")
            .current_dir(self.folder.path())
            .args(["sync", "silent.yaml", "--to", "sqlite:silent.db", "--report", "json"])
            .args(["--set", &format!("url={}", self.server.url)])
            .env("TAPWRIGHT_SILENT_KEY", KEY)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program runs");
        if self.server.site().fault.as_deref() == Some(faults::SIGTERM) {
            self.end(&child);
        }
        let output = child.wait_with_output().expect("an end");
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!told.contains(KEY), "the key is told: {told}");
        Said { code: output.status.code(), report: serde_json::from_slice(&output.stdout).unwrap_or_default(), told }
    }

    /// Sends SIGTERM as soon as the page is asked for that does not come.
    fn end(&self, child: &Child) {
        let begun = Instant::now();
        while self.server.site().asked < faults::BAD {
            assert!(begun.elapsed() < Duration::from_secs(60), "no requests come");
            thread::sleep(Duration::from_millis(5));
        }
        let sent = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
        assert!(sent.expect("kill").success());
    }

    /// Whether the table holds each ticket exactly once with its values. What was deleted may still be there.
    fn compared(&self) -> Result<(), String> {
        let database = Connection::open(self.folder.path().join("silent.db")).map_err(|fault| fault.to_string())?;
        let mut statement = database
            .prepare("SELECT id, subject, big, updated_at FROM tickets")
            .map_err(|fault| format!("there is no table: {fault}"))?;
        let rows = statement.query_map([], |row| {
            Ok(Ticket { id: row.get(0)?, subject: row.get(1)?, big: row.get(2)?, updated_at: row.get(3)? })
        });
        let rows: Result<Vec<Ticket>, _> = rows.map_err(|fault| fault.to_string())?.collect();
        let rows = rows.map_err(|fault| format!("a value is not what it should be: {fault}"))?;
        for ticket in &self.server.site().tickets {
            let same: Vec<&Ticket> = rows.iter().filter(|row| row.id == ticket.id).collect();
            if same != [ticket] {
                return Err(format!("{ticket:?} is {same:?}"));
            }
        }
        Ok(())
    }
}

/// What a run said.
struct Said {
    code: Option<i32>,
    report: Value,
    told: String,
}

impl Said {
    /// Its code and reason, without addresses.
    fn said(&self, url: &str) -> String {
        let Some(stream) = self.report["streams"].get(0) else { return self.told.clone() };
        let reason = stream["reason"].as_str().unwrap_or_default();
        let rejected = stream["rejected"].as_u64().filter(|count| *count > 0);
        let aside = rejected.map_or_else(String::new, |count| format!(", {count} set aside"));
        let code = self.code.map_or_else(|| "no code".to_owned(), |code| format!("exit {code}"));
        let text = format!("{code}, {}{aside}: {reason}", stream["verdict"].as_str().unwrap_or_default());
        let port = regex::Regex::new("127\\.0\\.0\\.1:[0-9]+").expect("a pattern");
        port.replace_all(&text.replace(url, "http://api.example"), "other.example").into_owned()
    }
}
