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
    fn begin(folder: &Path, more: &[&str]) -> Program {
        let mut child = Command::new(env!("CARGO_BIN_EXE_tapwright"))
            .args(["docs", "specs", "--out", "pages", "--watch", "--serve=0"])
            .args(more)
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
        socket.set_read_timeout(Some(Duration::from_secs(60))).expect("a bound");
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
    let program = Program::begin(folder.path(), &[]);
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

/// Two specs of a site that is looked after, which has come about.
fn two(more: &[&str], before: impl Fn(&Path)) -> (tempfile::TempDir, Program, u64) {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("specs")).expect("a folder");
    spec(folder.path(), "one", "summary: Of one.");
    spec(folder.path(), "two", "summary: Of two.");
    before(folder.path());
    let program = Program::begin(folder.path(), more);
    let first = [program.line(), program.line()];
    assert!(first[0].starts_with("one: ") && first[1].starts_with("two: "), "{first:?}");
    let number = program.news(0)["number"].as_u64().expect("a number");
    (folder, program, number)
}

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(path, text).expect("a file");
}

fn number(news: &serde_json::Value) -> u64 {
    news["number"].as_u64().expect("a number")
}

#[test]
fn a_change_of_the_template_makes_every_page_anew_and_a_wrong_one_none() {
    let foot = "look/parts/foot.html";
    let (folder, program, at) = two(&["--template", "look"], |folder| {
        write(folder, foot, "<footer>First</footer>\n");
        write(folder, "look/static/own.css", "p {}\n");
    });
    assert!(program.get("/two.html").contains("<footer>First</footer>"));

    write(folder.path(), foot, "<footer>Second one</footer>\n");
    let lines = [program.line(), program.line()];
    assert!(lines[0].starts_with("one: 2 files changed") && lines[1].starts_with("two: 2 files changed"), "{lines:?}");
    let at = number(&program.news(at));
    assert!(program.get("/one/rows.html").contains("<footer>Second one</footer>"));

    // What pages only share is no reason to make one of them anew.
    write(folder.path(), "look/static/own.css", "p { margin: 0 }\n");
    let at = number(&program.news(at));
    assert!(program.get("/static/own.css").contains("margin"));
    assert!(program.lines.try_recv().is_err(), "no page was made");

    write(folder.path(), foot, "<footer>{{ tilte }}</footer>\n");
    let news = program.news(at);
    let fault = news["fault"].as_str().expect("a fault");
    assert!(fault.contains("tilte") && fault.contains("foot.html"), "{fault}");
    assert!(program.get("/one.html").contains("Second one"), "the last page that was right stays");
    write(folder.path(), foot, "<footer>Third, of {{ title }}</footer>\n");
    assert!(program.news(number(&news))["fault"].is_null());
    assert!(program.get("/one.html").contains("Third, of one"));
}

#[test]
fn a_link_that_leads_nowhere_is_told_and_ends_nothing() {
    let foot = "look/parts/foot.html";
    let right = "<footer>Of {{ name }}</footer>\n";
    let (folder, program, at) = two(&["--template", "look"], |folder| write(folder, foot, right));
    write(folder.path(), foot, "<footer><a href=\"{{ here.root }}two.html#nowhere\">x</a></footer>\n");
    let news = program.news(at);
    assert!(news["fault"].is_null(), "{news}");
    let broken = news["broken"].as_str().expect("a link");
    assert!(broken.contains("one/rows.html:") && broken.contains("the page has no anchor `nowhere`"), "{broken}");

    // One connector alone is made anew, and the links of the other are still known.
    write(folder.path(), foot, right);
    let at = number(&program.news(number(&news)));
    let linked = "summary: Of one, description: \"See [the other](two.html).\"";
    spec(folder.path(), "one", linked);
    let news = program.news(at);
    assert!(news["fault"].is_null() && news["broken"].is_null(), "{news}");
    spec(folder.path(), "one", &linked.replace("two.html", "three.html"));
    let news = program.news(number(&news));
    let broken = news["broken"].as_str().unwrap_or_else(|| panic!("{news}"));
    assert!(broken.contains("`three.html` leads nowhere: the site has no such file"), "{broken}");
}

#[test]
fn files_that_a_spec_names_are_watched_wherever_they_are() {
    let schema = r#"{"type": "object", "properties": {"id": {"type": "integer"}, "NAME": {"type": "string"}}}"#;
    let (folder, program, at) = two(&[], |folder| {
        let path = spec(folder, "one", "summary: Of one.");
        let text = std::fs::read_to_string(&path).expect("a spec");
        write(folder, "schemas/rows.json", &schema.replace("NAME", "label"));
        std::fs::write(path, text.replace("{id: integer}", "{schema: ../schemas/rows.json}")).expect("a spec");
    });
    assert!(program.get("/one/rows.html").contains("<code>label</code>"));
    write(folder.path(), "schemas/rows.json", &schema.replace("NAME", "caption"));
    let at = number(&program.news(at));
    assert!(program.get("/one/rows.html").contains("<code>caption</code>"));
    let line = program.line();
    assert!(line.starts_with("one: "), "{line}");

    // Also of a spec that is wrong as long as the file is.
    write(folder.path(), "schemas/rows.json", "{");
    let news = program.news(at);
    assert!(news["fault"].as_str().expect("a fault").contains("rows.json"), "{news}");
    write(folder.path(), "schemas/rows.json", &schema.replace("NAME", "legend"));
    let news = program.news(number(&news));
    assert!(news["fault"].is_null() && program.get("/one/rows.html").contains("<code>legend</code>"), "{news}");

    let path = spec(folder.path(), "two", "summary: Of two.}\nhooks: {own: {component: ../parts/own.wasm}");
    let text = std::fs::read_to_string(&path).expect("a spec");
    std::fs::write(path, text.replace("    primary_key", "    hooks: own\n    primary_key")).expect("a spec");
    let mut news = program.news(number(&news));
    // The spec may have been seen before it named a stream for its hook.
    while news["fault"].as_str().is_none_or(|fault| fault.contains("nothing uses")) {
        news = program.news(number(&news));
    }
    let missing = news["fault"].as_str().expect("a fault").to_owned();
    write(folder.path(), "parts/own.wasm", "no component");
    let news = program.news(number(&news));
    let other = news["fault"].as_str().expect("another fault");
    assert!(missing.contains("own.wasm") && other.contains("own.wasm") && other != missing, "{missing}\n{other}");
}

#[test]
fn a_redirect_makes_the_pages_anew_that_it_leads_from() {
    let (folder, program, at) = two(&[], |_| {});
    let moved = "one.html#stream-lines: two.html#stream-rows\ntwo/lines.html: two/rows.html\n";
    write(folder.path(), "pages/redirects.yaml", moved);
    let at = number(&program.news(at));
    assert!(program.get("/one.html").contains("<p id=\"stream-lines\">Moved to <a href=\"two.html#stream-rows\">"));
    assert!(program.get("/two/lines.html").contains("This page has moved"));
    let lines = [program.line(), program.line()];
    assert!(lines[0].starts_with("one: 1 file changed") && lines[1].starts_with("two: 0 files changed"), "{lines:?}");

    write(folder.path(), "pages/redirects.yaml", "one.html#stream-lines: three.html\ntwo/lines.html: two/rows.html\n");
    let news = program.news(at);
    let broken = news["broken"].as_str().unwrap_or_else(|| panic!("{news}"));
    assert!(broken.contains("`three.html` leads nowhere"), "{broken}");
    let line = program.line();
    assert!(line.starts_with("one: 1 file changed") && program.lines.try_recv().is_err(), "{line}");

    write(folder.path(), "pages/redirects.yaml", "one.html#stream-lines\n");
    let news = program.news(number(&news));
    assert!(news["fault"].as_str().expect("a fault").contains("redirects.yaml"), "{news}");
}
