//! A Redmine of our own on a free port of this machine, stopped when it is dropped.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};

/// The key that `seed.rb` gives to the administrator.
pub(crate) const API_KEY: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
/// Until the server answers.
const PATIENCE: Duration = Duration::from_secs(120);

/// The scripts.
fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/redmine")
}

/// What is not there to run the test, and what helps.
pub(crate) fn lacking() -> Option<String> {
    let packaged = std::env::var_os("TAPWRIGHT_REDMINE").map_or_else(|| "/usr/share/redmine".into(), PathBuf::from);
    let well = |program: &str, arguments: &[&str]| {
        let status = Command::new(program).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status();
        status.is_ok_and(|status| status.success())
    };
    let whole = packaged.join("config.ru").exists() && well("dpkg", &["-s", "redmine-sqlite"]);
    (!whole).then(|| {
        "Debian's Redmine is not installed (apt-get install --no-install-recommends redmine redmine-sqlite)".to_owned()
    })
}

/// A running Redmine with its data.
pub(crate) struct Redmine {
    folder: PathBuf,
    port: u16,
    server: Child,
}

impl Redmine {
    /// Makes it in `folder`, fills and starts it.
    pub(crate) fn start(folder: &Path) -> Redmine {
        let folder = folder.join("redmine");
        said(Command::new("sh").arg(scripts().join("prepare.sh")).arg(&folder));
        let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port").port();
        let log = std::fs::File::create(folder.join("server.log")).expect("a log");
        let server = rails(&folder)
            .args(["server", "-u", "webrick", "-b", "127.0.0.1", "-p", &port.to_string(), "-P"])
            .arg(folder.join("server.pid"))
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a log"))
            .stderr(log)
            // A group of its own, so that whatever it starts ends with it.
            .process_group(0)
            .spawn()
            .expect("rails runs");
        let mut redmine = Redmine { folder, port, server };
        redmine.wait();
        redmine
    }

    fn wait(&mut self) {
        let began = Instant::now();
        while !self.answers() {
            let ended = self.server.try_wait().expect("a state");
            let log = || std::fs::read_to_string(self.folder.join("server.log")).unwrap_or_default();
            assert!(ended.is_none() && began.elapsed() < PATIENCE, "Redmine does not start: {}", log());
            std::thread::sleep(Duration::from_millis(300));
        }
    }

    fn answers(&self) -> bool {
        let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.port)) else { return false };
        let request = format!("GET /users/current.json?key={API_KEY} HTTP/1.0\r\nHost: localhost\r\n\r\n");
        let mut answer = Vec::new();
        stream.write_all(request.as_bytes()).is_ok()
            && stream.read_to_end(&mut answer).is_ok()
            && answer.starts_with(b"HTTP/1.1 200")
    }

    /// Where it answers.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Its database, to be read.
    pub(crate) fn database(&self) -> Connection {
        let path = self.folder.join("redmine.sqlite");
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).expect("Redmine's database")
    }

    /// Runs a script of `tests/redmine` inside of it; gives what it printed.
    pub(crate) fn run(&self, script: &str) -> String {
        said(rails(&self.folder).arg("runner").arg(scripts().join(script)))
    }
}

impl Drop for Redmine {
    fn drop(&mut self) {
        // The group: `rails` may have started others.
        let group = format!("-{}", self.server.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn rails(folder: &Path) -> Command {
    let mut rails = Command::new("rails");
    rails.current_dir(folder.join("app")).env("RAILS_ENV", "production");
    rails
}

/// Runs a command to its good end.
fn said(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().expect("the command runs");
    let (out, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}: {out}{error}");
    out.into_owned()
}
