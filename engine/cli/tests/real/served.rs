//! A server of our own on a free port of this machine, ended with whatever it started when it is dropped.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Until a server answers.
const PATIENCE: Duration = Duration::from_secs(120);

/// A running server.
pub(crate) struct Served {
    child: Child,
    port: u16,
}

impl Served {
    /// Starts it, and waits until it answers at `path`; what it says goes to `server.log` in `folder`.
    pub(crate) fn start(server: &mut Command, port: u16, path: &str, folder: &Path) -> Served {
        let log = folder.join("server.log");
        let file = std::fs::File::create(&log).expect("a log");
        let server = server.stdin(Stdio::null()).stdout(file.try_clone().expect("a log")).stderr(file);
        // A group of its own, so that whatever it starts ends with it.
        let child = server.process_group(0).spawn().expect("the server runs");
        let mut served = Served { child, port };
        let began = Instant::now();
        while !served.answers(path) {
            let ended = served.child.try_wait().expect("a state");
            let log = || std::fs::read_to_string(&log).unwrap_or_default();
            assert!(ended.is_none() && began.elapsed() < PATIENCE, "{server:?} does not start: {}", log());
            std::thread::sleep(Duration::from_millis(200));
        }
        served
    }

    fn answers(&self, path: &str) -> bool {
        let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.port)) else { return false };
        let mut answer = Vec::new();
        stream.write_all(format!("GET {path} HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n").as_bytes()).is_ok()
            && stream.read_to_end(&mut answer).is_ok()
            && answer.get("HTTP/1.1".len()..).is_some_and(|status| status.starts_with(b" 200"))
    }

    /// Where it answers.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-KILL", "--", &format!("-{}", self.child.id())]).status();
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The scripts for a server.
pub(crate) fn scripts(of: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests").join(of)
}

pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port").port()
}

/// Runs a command to its good end; gives what it printed.
pub(crate) fn printed(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().expect("the command runs");
    let (out, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}: {out}{error}");
    out.into_owned()
}

/// Whether a test is to be left out, since this is not there; an error where all of them must run.
pub(crate) fn is_left_out(of: &str, lacking: Option<String>) -> bool {
    let Some(lacking) = lacking else { return false };
    assert!(std::env::var_os("TAPWRIGHT_REQUIRE_ALL").is_none(), "{of}: {lacking}");
    eprintln!("skipped: {of}: {lacking}");
    true
}
