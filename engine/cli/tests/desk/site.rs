//! A simulated site, a folder with a database, and the real program between them.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use desk_simulator::{Credentials, Server, ServerOptions, Site, SiteOptions};
use serde_json::Value;
use tapwright_spec::{Connector, Source};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::compare::{self, Tables};

/// The spec as it is published.
pub(crate) const SPEC: &str = include_str!("../../../../specs/desk.yaml");

/// The component that it names.
const COMPONENT: &[u8] = include_bytes!("../../../../connectors/desk/custom_fields.wasm");

/// A site that is served, and a folder for one database.
pub(crate) struct Desk {
    /// Serves as long as it is here.
    runtime: Runtime,
    pub(crate) server: Server,
    folder: TempDir,
    spec: String,
}

/// How a run of the program ended.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Desk {
    /// A site of so many cases behind a server.
    pub(crate) fn start(cases: usize, options: ServerOptions) -> Desk {
        Desk::with_spec(cases, options, SPEC)
    }

    /// As [`Desk::start`], with another spec.
    pub(crate) fn with_spec(cases: usize, options: ServerOptions, spec: &str) -> Desk {
        let site = Site::generate(&SiteOptions { cases, ..SiteOptions::default() });
        Desk::with_site(site, options, spec)
    }

    /// As [`Desk::with_spec`], with a site of one's own.
    pub(crate) fn with_site(site: Site, options: ServerOptions, spec: &str) -> Desk {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let server = runtime.block_on(Server::start(site, options)).expect("a server");
        let folder = tempfile::tempdir().expect("a folder");
        for (place, of) in [("specs", None), ("connectors/desk", Some("custom_fields.wasm"))] {
            let place = folder.path().join(place);
            std::fs::create_dir_all(&place).expect("a folder");
            of.into_iter().for_each(|name| std::fs::write(place.join(name), COMPONENT).expect("a component"));
        }
        let desk = Desk { runtime, server, folder, spec: spec.to_owned() };
        desk.write("desk.yaml", spec);
        desk.configure(&Credentials::default());
        desk
    }

    /// The same site and folder behind a server that leaves the site as it is.
    pub(crate) fn still(self) -> Desk {
        let site = self.server.site().clone();
        let server = self.runtime.block_on(Server::start(site, ServerOptions::default())).expect("a server");
        let still = Desk { server, ..self };
        still.configure(&Credentials::default());
        still
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("a file is written");
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("specs").join(name)
    }

    /// Writes `config.yaml`.
    pub(crate) fn configure(&self, keys: &Credentials) {
        let text = format!(
            "site_url: {}\nkey: {}\nsecret: {}\ntoken: {}\ntoken_secret: {}\n",
            self.server.base_url(),
            keys.key,
            keys.secret,
            keys.token,
            keys.token_secret
        );
        self.write("config.yaml", &text);
    }

    /// The program in the folder of this site.
    pub(crate) fn program(&self, arguments: &[&str]) -> Command {
        program(&self.path(""), arguments)
    }

    /// `tapwright sync` into `database` from the beginning of time.
    pub(crate) fn syncing(&self, database: &str, more: &[&str]) -> Command {
        let to = format!("sqlite:{database}");
        let mut arguments = vec!["sync", "desk.yaml", "--config", "config.yaml", "--to", &to, "--start", "1970-01-01"];
        arguments.extend(more);
        self.program(&arguments)
    }

    /// Runs `tapwright sync` into `desk.db`.
    pub(crate) fn sync(&self, more: &[&str]) -> Ended {
        Ended::of(self.syncing("desk.db", more).output().expect("the program starts"))
    }

    /// Runs a sync that must be complete, and gives its report.
    pub(crate) fn sync_well(&self) -> Value {
        let ended = self.sync(&["--report", "json"]);
        assert_eq!(ended.code, Some(0), "{}\n{}", ended.out, ended.err);
        serde_json::from_str(&ended.out).expect("the report is JSON")
    }

    pub(crate) fn connector(&self) -> Connector {
        let source = Source::new("desk.yaml", self.spec.as_str());
        tapwright_spec::check(&source).unwrap_or_else(|_| panic!("the spec is wrong"))
    }

    /// What the tables must hold now.
    pub(crate) fn expected(&self) -> Tables {
        compare::expected(&self.connector(), &self.server.dump())
    }

    /// Asserts that the tables hold what the site holds.
    #[track_caller]
    pub(crate) fn assert_same(&self) {
        compare::assert_same(&self.expected(), &compare::actual(&self.path("desk.db")));
    }
}

/// The program in a folder, without a configuration from outside.
pub(crate) fn program(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tapwright"));
    command.args(arguments).current_dir(folder).stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("TAPWRIGHT_") {
            command.env_remove(name);
        }
    }
    command.env("TAPWRIGHT_LOG_DAYS", "0");
    command
}

impl Ended {
    pub(crate) fn of(output: Output) -> Ended {
        Ended {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).expect("UTF-8"),
            err: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }

    /// Everything that was said.
    pub(crate) fn said(&self) -> String {
        format!("{}{}", self.out, self.err)
    }
}

/// The report of one stream.
#[track_caller]
pub(crate) fn stream<'r>(report: &'r Value, name: &str) -> &'r Value {
    let streams = report["streams"].as_array().expect("streams");
    streams.iter().find(|stream| stream["stream"] == name).expect("the stream")
}
