//! The README is run: its files are written, its commands executed, and their output compared.

use std::path::Path;
use std::process::Command;

use desk_simulator::{Server, ServerOptions, Site, SiteOptions};

/// A fenced block of the README.
struct Block {
    language: String,
    lines: Vec<String>,
}

fn blocks(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for line in page.lines() {
        match (line.strip_prefix("```"), open.take()) {
            (Some(_), Some(block)) => blocks.push(block),
            (Some(language), None) => open = Some(Block { language: language.to_owned(), lines: Vec::new() }),
            (None, Some(mut block)) => {
                block.lines.push(line.to_owned());
                open = Some(block);
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "the last block is not closed");
    blocks
}

/// Decimals are times, and differ from run to run; the column before them may be wider or narrower.
fn without_times(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let words: Vec<String> = line
            .split_whitespace()
            .map(|word| match word.split_once('.') {
                Some((a, b)) if a.parse::<u64>().is_ok() && b.parse::<u64>().is_ok() => "TIME".to_owned(),
                _ => word.to_owned(),
            })
            .collect();
        out.push_str(&words.join(" "));
        out.push('\n');
    }
    out.trim_end().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_spec_works_as_the_readme_says() {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md")).expect("README");
    let site = Site::generate(&SiteOptions { cases: 500, ..SiteOptions::default() });
    let server = Server::start(site, ServerOptions::default()).await.expect("a server");
    let page = page.replace("http://127.0.0.1:8085", &server.base_url());
    let folder = tempfile::tempdir().expect("a folder");
    let mut variables: Vec<(String, String)> = Vec::new();
    let (mut files, mut commands) = (0, 0);
    for block in blocks(&page) {
        match block.language.as_str() {
            "yaml" => {
                let name = block.lines[0].strip_prefix("# ").expect("the first line names the file");
                std::fs::write(folder.path().join(name), block.lines.join("\n") + "\n").expect("written");
                files += 1;
            }
            "console" => {
                let mut lines = block.lines.iter().peekable();
                while let Some(line) = lines.next() {
                    let command = line.strip_prefix("$ ").unwrap_or_else(|| panic!("output without a command: {line}"));
                    let mut expected = String::new();
                    while let Some(output) = lines.next_if(|line| !line.starts_with("$ ")) {
                        expected.push_str(output);
                        expected.push('\n');
                    }
                    commands += usize::from(run(command, &expected, folder.path(), &mut variables));
                }
            }
            _ => {}
        }
    }
    assert_eq!((files, commands), (2, 5), "files written and commands run");
}

/// Runs a `tapwright` command and compares its output; says whether it was one. Building is what the test
/// itself has done, and the simulator runs already.
fn run(command: &str, expected: &str, folder: &Path, variables: &mut Vec<(String, String)>) -> bool {
    if let Some((name, value)) = command.strip_prefix("export ").and_then(|assignment| assignment.split_once('=')) {
        if name != "PATH" {
            variables.push((name.to_owned(), value.to_owned()));
        }
        return false;
    }
    let Some(arguments) = command.strip_prefix("tapwright ") else {
        let known = ["cargo run --release -- demo", "cargo test --workspace", "cargo build --release --workspace"];
        assert!(
            known.contains(&command) || command.starts_with("desk-simulator --listen"),
            "unknown command: {command}"
        );
        return false;
    };
    let output = Command::new(env!("CARGO_BIN_EXE_tapwright"))
        .env("TAPWRIGHT_LOG_DAYS", "0")
        .args(arguments.split_whitespace())
        .envs(variables.iter().cloned())
        .current_dir(folder)
        .output()
        .expect("the program");
    let told = String::from_utf8(output.stdout).expect("text");
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{command}\n{told}{errors}");
    assert_eq!(without_times(&told), without_times(expected), "{command}");
    true
}

#[test]
fn the_demo_ends_well_and_leaves_a_database_and_a_page() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = Command::new(env!("CARGO_BIN_EXE_tapwright"))
        .env("TAPWRIGHT_LOG_DAYS", "0")
        .args(["demo", "--cases", "300"])
        .current_dir(folder.path())
        .output()
        .expect("the program");
    let told = String::from_utf8(output.stdout).expect("text");
    assert!(output.status.success(), "{told}{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(told.matches("desk 2.0.0 into sqlite:desk.db").count(), 2, "{told}");
    assert!(!told.contains("FAILED"), "{told}");
    let page = std::fs::read_to_string(folder.path().join("desk-pages/desk.html")).expect("a page");
    assert!(page.contains("<h1"));
    let database = rusqlite::Connection::open(folder.path().join("desk.db")).expect("a database");
    let cases: i64 = database.query_row("SELECT count(*) FROM cases", [], |row| row.get(0)).expect("cases");
    assert_eq!(cases, 302, "300 cases, and two that came between the syncs");
    let custom =
        "SELECT count(*) FROM cases WHERE custom_plan IN ('Gold', 'Silver') AND typeof(custom_score) = 'integer'";
    let custom: i64 = database.query_row(custom, [], |row| row.get(0)).expect("custom fields");
    assert!(custom > 50, "the site's own fields are columns of their types: {custom}");
}
