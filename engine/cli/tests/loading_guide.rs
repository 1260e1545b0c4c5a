//! The commands of the guide on loading are run, on a Desk site and a mock of WordPress, one after the other as they stand
//! there. What needs a server or another program is run elsewhere.

#[path = "guides/mock.rs"]
mod mock;

use std::path::Path;
use std::process::{Command, Stdio};

use desk_simulator::{Credentials, Server, ServerOptions, Site, SiteOptions};

/// What begins a command that is run elsewhere: PostgreSQL, DuckDB, and shells.
const ELSEWHERE: [&str; 6] = [
    "export ",
    "npm ",
    "tar ",
    "duckdb ",
    "tapwright sync specs/desk.yaml --to postgres:",
    "tapwright sync specs/desk.yaml --to duckdb:",
];

#[test]
fn the_commands_of_the_guide_do_what_it_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let guide = std::fs::read_to_string(root.join("docs/guide/loading.md")).expect("the guide");
    let folder = tempfile::tempdir().expect("a folder");
    let files = [
        ("specs/desk.yaml", "specs"),
        ("specs/wordpress.yaml", "specs"),
        ("connectors/desk/custom_fields.wasm", "connectors/desk"),
    ];
    for (from, to) in files {
        let to = folder.path().join(to);
        std::fs::create_dir_all(&to).expect("a folder");
        let name = Path::new(from).file_name().expect("a name");
        std::fs::copy(root.join(from), to.join(name)).expect("a copy");
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let runtime = runtime.expect("a runtime");
    let site = Site::generate(&SiteOptions { cases: 12, ..SiteOptions::default() });
    let server = runtime.block_on(Server::start(site, ServerOptions::default())).expect("a server");
    let mut mocked = Command::new(env!("CARGO_BIN_EXE_tapwright"));
    mocked.args(["mock", "specs/wordpress.yaml"]).current_dir(folder.path());
    let mock = mock::Mock::start(mocked);
    let mut ran = 0;
    let lines = guide.split("```console\n").skip(1).filter_map(|block| block.split("```").next());
    for line in lines.flat_map(str::lines).filter_map(|line| line.strip_prefix("$ ")) {
        if ELSEWHERE.iter().any(|begin| line.starts_with(begin)) {
            continue;
        }
        let line = line.split(" #").next().unwrap_or(line);
        let arguments = line.strip_prefix("tapwright ").unwrap_or_else(|| panic!("no command of ours: {line}"));
        let reads_mock = arguments.contains("specs/wordpress.yaml");
        let keys = Credentials::default();
        let mut command = Command::new(env!("CARGO_BIN_EXE_tapwright"));
        command.args(arguments.split_whitespace()).current_dir(folder.path()).stdin(Stdio::null());
        command.env("TAPWRIGHT_LOG_DAYS", "0").env("TAPWRIGHT_DESK_SITE_URL", server.base_url());
        command.env("TAPWRIGHT_DESK_KEY", keys.key).env("TAPWRIGHT_DESK_SECRET", keys.secret);
        command.env("TAPWRIGHT_DESK_TOKEN", keys.token).env("TAPWRIGHT_DESK_TOKEN_SECRET", keys.token_secret);
        command.args(reads_mock.then_some(["--mock", mock.url.as_str()]).into_iter().flatten());
        let output = command.output().expect("the program");
        let said = [output.stdout, output.stderr].map(|said| String::from_utf8_lossy(&said).into_owned());
        assert!(output.status.success(), "{line}\n{}", said.concat());
        ran += 1;
    }
    assert!(ran >= 10, "commands are missing: {ran} ran");
}
