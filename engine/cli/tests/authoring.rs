//! The guide for authors is run: its spec is written, its commands executed against its mock API.

#[path = "guides/mock.rs"]
mod mock;

use std::path::Path;
use std::process::{Command, Stdio};

use mock::Mock;

/// Where the guide says that its mock answers.
const ADDRESS: &str = "http://127.0.0.1:8090";

fn tapwright(arguments: &str, folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tapwright"));
    for (at, part) in arguments.split('\'').enumerate() {
        // What stands in quotes is one word.
        if at % 2 == 1 {
            command.arg(part);
        } else {
            command.args(part.split_whitespace());
        }
    }
    command.current_dir(folder).env("TAPWRIGHT_LOG_DAYS", "0").stdin(Stdio::null());
    command
}

#[test]
fn an_empty_file_becomes_a_green_test_as_the_guide_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/guide/authoring.md");
    let guide = std::fs::read_to_string(path).expect("the guide");
    let folder = tempfile::tempdir().expect("a folder");
    let mut mocks: Vec<Mock> = Vec::new();
    let mut ran = 0;
    for block in guide.split("```").skip(1).step_by(2) {
        let (language, text) = block.split_once('\n').expect("a block");
        if language == "yaml" {
            let name = text.lines().next().and_then(|line| line.strip_prefix("# ")).expect("the name of the file");
            std::fs::write(folder.path().join(name), text).expect("written");
        }
        if language != "console" {
            continue;
        }
        let mut lines = text.lines().peekable();
        while let Some(line) = lines.next() {
            let command = line.strip_prefix("$ tapwright ").unwrap_or_else(|| panic!("no command: {line}"));
            let mut expected = String::new();
            while let Some(output) = lines.next_if(|line| !line.starts_with("$ ")) {
                expected.push_str(&format!("{output}\n"));
            }
            ran += 1;
            if let Some(command) = command.strip_suffix(" &") {
                mocks.push(Mock::start(tapwright(command, folder.path())));
                continue;
            }
            let url = mocks.last().map_or(ADDRESS, |mock| mock.url.as_str());
            let output = tapwright(&command.replace(ADDRESS, url), folder.path()).output().expect("the program");
            let told = String::from_utf8_lossy(&output.stdout);
            assert!(output.status.success(), "{command}\n{told}{}", String::from_utf8_lossy(&output.stderr));
            assert!(expected.is_empty() || told == expected, "{command}\n{told}");
        }
    }
    assert!(ran >= 6, "commands are missing");
    let recorded = std::fs::read_to_string(folder.path().join("notes.recording.yaml")).expect("a recording");
    assert!(!recorded.contains("Ann Miller") && !recorded.contains("mock-token"), "{recorded}");
    let expected = std::fs::read_to_string(folder.path().join("notes.expected.yaml")).expect("what is expected");
    assert!(expected.contains("\"tag\"") || expected.contains("notes__tags"), "{expected}");
}
