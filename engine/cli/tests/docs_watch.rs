//! `tapwright docs --watch --serve`: pages follow their specs, and nobody else's are made anew.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// The program at its work; it ends with the test.
struct Program {
    child: Child,
    lines: Receiver<String>,
    address: String,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Program {
    fn begin(folder: &Path) -> Program {
        let mut child = Command::new(env!("CARGO_BIN_EXE_tapwright"))
            .args(["docs", "specs", "--out", "pages", "--watch", "--serve=0"])
            .current_dir(folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program");
        let out = child.stdout.take().expect("its output");
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            BufReader::new(out).lines().map_while(Result::ok).for_each(|line| drop(sender.send(line)));
        });
        let mut program = Program { child, lines, address: String::new() };
        let first = program.line();
        let (_, rest) = first.split_once("http://").unwrap_or_else(|| panic!("{first}"));
        program.address = rest.split(' ').next().expect("an address").to_owned();
        program
    }

    fn line(&self) -> String {
        self.lines.recv_timeout(Duration::from_secs(60)).expect("a line")
    }

    /// The whole answer; `host` is for whom it is asked.
    fn ask(&self, path: &str, host: &str) -> String {
        let mut socket = TcpStream::connect(&self.address).expect("a connection");
        write!(socket, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").expect("a request");
        let mut answer = String::new();
        socket.read_to_string(&mut answer).expect("an answer");
        answer
    }

    fn get(&self, path: &str) -> String {
        self.ask(path, &self.address)
    }

    /// What pages are told next, after the news of this number.
    fn news(&self, since: u64) -> serde_json::Value {
        let answer = self.get(&format!("/-/changes?since={since}"));
        let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
        serde_json::from_str(body).expect("JSON")
    }
}

fn spec(folder: &Path, name: &str, summary: &str) -> PathBuf {
    let path = folder.join("specs").join(format!("{name}.yaml"));
    let text = format!(
        "tapwright: 1\nname: {name}\ntitle: {name}\nversion: 1.0.0\nabout: {{{summary}}}\nconfig: {{}}\nauth: none\n\
         http: {{base_url: \"http://127.0.0.1:1\", records: \"$[*]\", pagination: none}}\nstreams:\n  rows:\n    \
         description: Rows.\n    endpoint: GET /rows\n    primary_key: id\n    replication: full_table\n    \
         fields: {{id: integer}}\n"
    );
    std::fs::write(&path, text).expect("a spec");
    path
}

#[test]
fn a_page_follows_its_spec_and_no_other_is_made_anew() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("specs")).expect("a folder");
    spec(folder.path(), "one", "summary: Of one.");
    spec(folder.path(), "two", "summary: Of two.");
    std::fs::create_dir(folder.path().join("pages")).expect("a folder");
    let moved = "one.html#stream-lines: one.html#stream-rows\n";
    std::fs::write(folder.path().join("pages/redirects.yaml"), moved).expect("redirects");
    let program = Program::begin(folder.path());
    let first = [program.line(), program.line()];
    assert!(first[0].starts_with("one: 3 files changed") && first[1].starts_with("two: 3 files changed"), "{first:?}");
    let mut number = program.news(0)["number"].as_u64().expect("a number");

    assert!(program.get("/").contains("Of one."));
    let page = program.get("/one.html");
    assert!(page.starts_with("HTTP/1.1 200") && page.contains("Of one.") && page.contains("/-/reload.js"), "{page}");
    assert!(page.contains("<p id=\"stream-lines\">Moved to <a href=\"#stream-rows\">"), "{page}");
    assert!(!folder.path().join("pages/addresses.txt").exists(), "what is being written is no address yet");
    assert!(program.get("/../specs/one.yaml").starts_with("HTTP/1.1 404"));
    assert!(program.ask("/one.html", "evil.example").starts_with("HTTP/1.1 403"));

    // Two files: of the stream's page only the summary of the connector would be news, and it has none.
    spec(folder.path(), "one", "summary: Of the first one.");
    let line = program.line();
    assert!(line.starts_with("one: 2 files changed"), "{line}");
    let news = program.news(number);
    assert!(news["fault"].is_null(), "{news}");
    assert!(program.get("/one.html").contains("Of the first one.") && program.get("/").contains("Of the first one."));

    number = news["number"].as_u64().expect("a number");
    spec(folder.path(), "one", "sumary: Of nobody.");
    let news = program.news(number);
    let fault = news["fault"].as_str().expect("a fault");
    assert!(fault.contains("did you mean `summary`?") && fault.contains("one.yaml:5"), "{fault}");
    assert!(program.get("/").contains("Of the first one."), "the last page that was right stays");

    number = news["number"].as_u64().expect("a number");
    spec(folder.path(), "one", "summary: Of one again.");
    let news = program.news(number);
    assert!(news["fault"].is_null(), "{news}");
    let line = program.line();
    assert!(line.starts_with("one: 2 files changed"), "{line}");
    assert!(program.lines.try_recv().is_err(), "nothing was made of the other one");
}
