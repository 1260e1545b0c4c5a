//! A WordPress of our own, with its database, on free ports of this machine; stopped when it is dropped.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Until the server answers.
const PATIENCE: Duration = Duration::from_secs(60);
/// What the test needs of Debian.
const PACKAGES: [&str; 6] = ["wordpress", "mariadb-server", "php-cli", "php-mysql", "php-xml", "php-mbstring"];

/// The scripts.
fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/wordpress")
}

/// What is not there to run the test, and what helps.
pub(crate) fn lacking() -> Option<String> {
    let installed = |package: &&str| {
        let said = Command::new("dpkg-query").args(["-W", "-f=${Status}", package]).stderr(Stdio::null()).output();
        said.is_ok_and(|said| said.stdout.ends_with(b"install ok installed"))
    };
    let lacking: Vec<&str> = PACKAGES.into_iter().filter(|package| !installed(package)).collect();
    (!lacking.is_empty()).then(|| {
        let names = lacking.join(" ");
        format!("{names} of Debian not installed (apt-get install --no-install-recommends {names})")
    })
}

/// A running WordPress with its data.
pub(crate) struct WordPress {
    folder: PathBuf,
    port: u16,
    database_port: u16,
    /// An application password of the administrator.
    pub(crate) password: String,
    server: Option<Child>,
}

impl WordPress {
    /// Makes it in `folder`, fills and starts it.
    pub(crate) fn start(folder: &Path) -> WordPress {
        let (port, database_port) = (free_port(), free_port());
        let folder = folder.join("wordpress");
        let mut site = WordPress { folder, port, database_port, password: String::new(), server: None };
        let mut prepare = Command::new("sh");
        prepare.arg(scripts().join("prepare.sh")).arg(&site.folder);
        site.password = said(prepare.args([port.to_string(), database_port.to_string()]));
        let log = std::fs::File::create(site.folder.join("server.log")).expect("a log");
        let server = php(&site.folder)
            .args(["-S", &format!("127.0.0.1:{port}"), "-t"])
            .arg(site.folder.join("site"))
            .arg(site.folder.join("router.php"))
            .env("PHP_CLI_SERVER_WORKERS", "3")
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a log"))
            .stderr(log)
            // A group of its own, so that its workers end with it.
            .process_group(0)
            .spawn()
            .expect("php runs");
        site.server = Some(server);
        let began = Instant::now();
        while !site.answers() {
            let log = || std::fs::read_to_string(site.folder.join("server.log")).unwrap_or_default();
            assert!(began.elapsed() < PATIENCE, "WordPress does not start: {}", log());
            std::thread::sleep(Duration::from_millis(200));
        }
        site
    }

    fn answers(&self) -> bool {
        let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.port)) else { return false };
        let mut answer = Vec::new();
        stream.write_all(b"GET /wp-json/ HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n").is_ok()
            && stream.read_to_end(&mut answer).is_ok()
            && answer.windows(7).take(32).any(|part| part == b" 200 OK")
    }

    /// Where it answers.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What a query of its database gives: a line for each row.
    pub(crate) fn query(&self, sql: &str) -> String {
        let port = self.database_port.to_string();
        let options = ["--no-defaults", "-h", "127.0.0.1", "-P", &port, "-u", "root"];
        let shape = ["--default-character-set=utf8mb4", "-N", "-B", "--raw", "wp", "-e", sql];
        said(Command::new("mariadb").args(options).args(shape))
    }

    /// Runs a script of `tests/wordpress` inside of it; gives what it printed.
    pub(crate) fn run(&self, script: &str) -> String {
        said(php(&self.folder).arg(scripts().join(script)))
    }
}

impl Drop for WordPress {
    fn drop(&mut self) {
        if let Some(server) = &mut self.server {
            let _ = Command::new("kill").args(["-KILL", "--", &format!("-{}", server.id())]).status();
            let _ = server.kill();
            let _ = server.wait();
        }
        if let Ok(database) = std::fs::read_to_string(self.folder.join("database.pid")) {
            let _ = Command::new("kill").args(["-KILL", database.trim()]).status();
        }
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port").port()
}

fn php(folder: &Path) -> Command {
    let mut php = Command::new("php");
    php.args(["-d", "sendmail_path=true"]).env("SITE", folder.join("site"));
    php
}

/// Runs a command to its good end.
fn said(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().expect("the command runs");
    let (out, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}: {out}{error}");
    out.into_owned()
}
