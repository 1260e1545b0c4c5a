//! The guide for authors of hooks is run: its files are written, its commands executed, and each line of output that it
//! shows must come. What needs a toolchain for WebAssembly is run where there is one: `TAPWRIGHT_REQUIRE_ALL=1`.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Where the guide says that its mock answers.
const ADDRESS: &str = "http://127.0.0.1:8091";

/// A mock that ends with the test.
struct Mock(Child);

impl Drop for Mock {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The folder in which a reader follows the guide: always the same, so that cargo finds what it has built before.
fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hooks_guide");
    let _ = std::fs::remove_dir_all(&folder);
    let desk = folder.join("connectors/desk");
    std::fs::create_dir_all(&desk).expect("a folder");
    let component = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../connectors/desk/custom_fields.wasm");
    std::fs::copy(component, desk.join("custom_fields.wasm")).expect("Desk's hook");
    folder
}

fn tapwright(arguments: &str, folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tapwright"));
    command.args(arguments.split_whitespace()).current_dir(folder).stdin(Stdio::null());
    command.env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("hooks_guide_target"));
    command.env("TAPWRIGHT_LOG_DAYS", "0");
    command
}

/// Starts a mock on a free port, and waits until it answers; gives its address.
fn mock(arguments: &str, folder: &Path) -> (Mock, String) {
    let arguments = arguments.replace("--port 8091", "--port 0");
    let mut child = tapwright(&arguments, folder).stdout(Stdio::piped()).spawn().expect("a mock");
    let mut first = String::new();
    BufReader::new(child.stdout.as_mut().expect("its output")).read_line(&mut first).expect("a line");
    let url = first.split_whitespace().find(|word| word.starts_with("http://")).expect("its address").to_owned();
    let rest = child.stdout.take().expect("its output");
    std::thread::spawn(move || std::io::copy(&mut BufReader::new(rest), &mut std::io::sink()));
    (Mock(child), url)
}

#[test]
fn a_hook_comes_about_as_the_guide_says() {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/guide/hooks.md");
    let guide = std::fs::read_to_string(guide).expect("the guide");
    let folder = folder();
    let builds = std::env::var_os("TAPWRIGHT_REQUIRE_ALL").is_some();
    let (mut running, mut ran) = (None, 0);
    for block in guide.split("```").skip(1).step_by(2) {
        let (language, text) = block.split_once('\n').expect("a block");
        if let ("jsonl", Some((first, rest))) = (language, text.split_once('\n')) {
            std::fs::write(folder.join(first.trim_start_matches("// ")), rest).expect("written");
        }
        if language == "yaml" {
            let name = text.lines().next().and_then(|line| line.strip_prefix("# ")).expect("the name of the file");
            std::fs::write(folder.join(name), text).expect("written");
        }
        if language != "console" {
            continue;
        }
        let mut lines = text.lines().peekable();
        while let Some(line) = lines.next() {
            let command = line.strip_prefix("$ tapwright ").unwrap_or_else(|| panic!("no command: {line}"));
            let mut expected = Vec::new();
            while let Some(output) = lines.next_if(|line| !line.starts_with("$ ")) {
                expected.push(output);
            }
            let needs_the_built = command.contains("hook build") || command.contains("people.yaml");
            if needs_the_built && !builds {
                eprintln!("skipped, since it needs a toolchain: tapwright {command}");
                continue;
            }
            ran += 1;
            if let Some(command) = command.strip_suffix(" &") {
                running = Some(mock(command, &folder));
                continue;
            }
            let url = running.as_ref().map_or(ADDRESS, |(_, url)| url.as_str());
            let output = tapwright(&command.replace(ADDRESS, url), &folder).output().expect("the program");
            let told = String::from_utf8_lossy(&output.stdout);
            assert!(output.status.success(), "{command}\n{told}{}", String::from_utf8_lossy(&output.stderr));
            let lacking: Vec<_> = expected.iter().filter(|line| !told.lines().any(|told| told == **line)).collect();
            assert!(lacking.is_empty(), "{command}\n{told}\nlacks {lacking:#?}");
        }
    }
    assert!(ran >= if builds { 9 } else { 4 }, "commands are missing");
    if builds {
        let run = tapwright("hook run domains.wasm --input people.jsonl", &folder).output().expect("the program");
        let told = String::from_utf8_lossy(&run.stdout);
        let shown = guide.split("```text\n").nth(1).and_then(|rest| rest.split("```").next()).expect("what it prints");
        assert!(shown.lines().all(|line| told.lines().any(|told| told == line)), "{told}");
    }
}
