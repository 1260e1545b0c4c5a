//! A folder with a spec, a hub, and the places that are loaded into.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::server::{PASSWORD, Server};
use crate::world::{SPEC, World};
use crate::{server_truth, truth};

/// A folder with a spec of a world's API.
pub(crate) struct Site {
    folder: tempfile::TempDir,
    pub(crate) world: World,
    server: Option<Server>,
}

impl Site {
    pub(crate) fn new() -> Site {
        let folder = tempfile::tempdir().expect("a folder");
        let world = World::start();
        std::fs::write(folder.path().join("shop.yaml"), SPEC.replace("ADDRESS", &world.address)).expect("a spec");
        Site { folder, world, server: None }
    }

    /// The same beside a PostgreSQL.
    pub(crate) fn with_server() -> Site {
        Site { server: Some(Server::start("-c fsync=off")), ..Site::new() }
    }

    /// Whether there is a PostgreSQL.
    pub(crate) fn has_server(&self) -> bool {
        self.server.is_some()
    }

    /// The PostgreSQL.
    pub(crate) fn server_mut(&mut self) -> Option<&mut Server> {
        self.server.as_mut()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The destination of this kind.
    pub(crate) fn to(&self, scheme: &str) -> String {
        match (&self.server, scheme) {
            (Some(server), "postgres") => server.address(),
            _ => format!("{scheme}:{}", self.path(&format!("data.{scheme}")).display()),
        }
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tapwright"));
        command.args(arguments).current_dir(self.folder.path());
        command.env("TAPWRIGHT_STATE_DIR", self.path("state")).env("PGPASSWORD", PASSWORD);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub(crate) fn extract(&self) -> Command {
        // Small segments, so that there are several.
        self.command(&["extract", "shop.yaml", "--hub", "hub", "--segment-limit", "20 KiB"])
    }

    pub(crate) fn load(&self, to: &str) -> Command {
        self.command(&["load", "--hub", "hub", "--to", to])
    }

    pub(crate) fn extracts_well(&self, after: &str) {
        let output = self.extract().output().expect("a run");
        assert!(output.status.success(), "{after}: {}", told(&output));
    }

    pub(crate) fn load_only(&self, to: &str) {
        let output = self.load(to).output().expect("a run");
        assert!(output.status.success(), "{}", told(&output));
    }

    pub(crate) fn loads_well(&self, to: &str, after: &str) {
        let output = self.load(to).output().expect("a run");
        assert!(output.status.success(), "{after}: {}", told(&output));
        self.compare(to, after);
    }

    pub(crate) fn compare(&self, to: &str, after: &str) {
        match self.server.as_ref().filter(|_| to.starts_with("postgres:")) {
            None => truth::compare(&self.world, to, after),
            Some(server) => server_truth::compare(self.world.truth(), server, after),
        }
    }

    /// Runs a command that must be refused in these words.
    pub(crate) fn refuses(&self, arguments: &[&str], words: &str) {
        let output = self.command(arguments).output().expect("an end");
        let said = told(&output);
        assert!(
            !output.status.success() && said.contains(words),
            "{arguments:?} is not refused with `{words}`: {said}"
        );
    }

    /// What a command prints.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let output = self.command(arguments).output().expect("an end");
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", told(&output)))
    }

    /// What the hub holds.
    pub(crate) fn hub(&self, more: &[&str]) -> Value {
        self.json(&[&["hub", "hub", "--format", "json"], more].concat())
    }

    /// Numbers of the hub's segments.
    pub(crate) fn segments(&self) -> Vec<u64> {
        let all = self.hub(&[])["segments"].as_array().cloned().unwrap_or_default();
        all.iter().filter_map(|segment| segment["number"].as_u64()).collect()
    }

    /// The file of a segment.
    pub(crate) fn segment(&self, number: u64) -> PathBuf {
        self.path(&format!("hub/segments/{number:08}.seg"))
    }
}

/// What a program has said.
pub(crate) fn told(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}
