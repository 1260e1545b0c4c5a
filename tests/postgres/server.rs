//! A PostgreSQL of its own on this machine, from Debian's package `postgresql`: made in a folder, started on a free
//! port of 127.0.0.1, and gone with the test, however that ends.

use std::io::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Password of the user `tester`, which no output may show.
pub(crate) const PASSWORD: &str = "p-w 4:@/Zq";

/// Starts the server and waits for the end of the test, which closes its standard input; then nothing stays.
const WATCH: &str = r#"
"$BIN/postgres" -D "$DATA" -p "$PORT" -c listen_addresses=127.0.0.1 -c unix_socket_directories= $OPTIONS >> "$DATA/../log" 2>&1 &
server=$!
while read -r order; do
  case "$order" in
    kill) kill -9 $server $(cat /proc/$server/task/$server/children); wait $server; echo killed;;
    start)
      while :; do
        "$BIN/postgres" -D "$DATA" -p "$PORT" -c listen_addresses=127.0.0.1 -c unix_socket_directories= $OPTIONS >> "$DATA/../log" 2>&1 &
        server=$!
        for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
          kill -0 $server 2>/dev/null || break
          "$BIN/pg_isready" -q -h 127.0.0.1 -p "$PORT" && break
          sleep 0.1
        done
        "$BIN/pg_isready" -q -h 127.0.0.1 -p "$PORT" && break
        kill -9 $server 2>/dev/null
        wait $server
      done
      echo started;;
  esac
done
kill -3 $server
wait $server
rm -rf "$DATA"
"#;

/// Makes an authority, and a certificate of it for `localhost`.
const CERTIFICATES: &str = "
key='-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'
openssl req -x509 $key -keyout ca.key -out ca.pem -days 2 -subj /CN=tester
openssl req $key -keyout server.key -out server.csr -subj /CN=localhost
printf subjectAltName=DNS:localhost > names
openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out server.pem
";

/// Where the server finds them.
const TLS: &str = "-c ssl=on -c ssl_cert_file=../server.pem -c ssl_key_file=../server.key";

/// A server under way.
pub(crate) struct Server {
    watch: Child,
    port: u16,
    bin: PathBuf,
    folder: tempfile::TempDir,
}

/// Where Debian's package puts the programs of the newest version.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let folders = versions.filter_map(|entry| Some(entry.ok()?.path().join("bin")));
    folders.filter(|folder| folder.join("initdb").is_file()).max()
}

/// What the tests lack, if they lack something.
pub(crate) fn lacking() -> Option<String> {
    if programs().is_none() {
        return Some("no PostgreSQL in /usr/lib/postgresql; install the package postgresql".to_owned());
    }
    let openssl = Command::new("openssl").arg("version").output();
    (!openssl.is_ok_and(|told| told.status.success())).then(|| "no openssl; install the package openssl".to_owned())
}

/// Says by name that a test is skipped; where everything is required that is a failure.
pub(crate) fn skipped(test: &str) -> bool {
    let Some(lacking) = lacking() else { return false };
    assert!(std::env::var_os("TAPWRIGHT_REQUIRE_ALL").is_none(), "{test}: {lacking}");
    eprintln!("skipped: {test}: {lacking}");
    true
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|told| told.stdout == b"0\n")
}

/// A program as a user who may run PostgreSQL: it refuses to be root.
fn as_user(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("runuser");
    command.args(["-u", "postgres", "--"]).arg(program);
    command
}

impl Server {
    /// Makes a server and waits until it answers; `options` go to the program.
    pub(crate) fn start(options: &str) -> Server {
        let bin = programs().expect("PostgreSQL");
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().join("data");
        let secret = folder.path().join("password");
        writeln!(std::fs::File::create(&secret).expect("a file"), "{PASSWORD}").expect("a password");
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o777);
        std::fs::set_permissions(folder.path(), open).expect("a folder for all");
        let mut made = as_user(&bin.join("initdb"));
        made.args(["--auth=scram-sha-256", "-U", "tester", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "-D"]);
        let made = made.arg(&data).arg("--pwfile").arg(&secret).current_dir("/").output().expect("initdb runs");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let mut certificates = as_user(Path::new("/bin/sh"));
        certificates.args(["-ec", CERTIFICATES]).current_dir(folder.path()).stderr(Stdio::null());
        assert!(certificates.status().is_ok_and(|made| made.success()), "openssl makes no certificates");
        let port = TcpListener::bind("127.0.0.1:0").and_then(|one| one.local_addr()).expect("a port").port();
        let mut watch = as_user(Path::new("/bin/sh"));
        watch.args(["-c", WATCH]).env("BIN", &bin).env("DATA", &data).env("PORT", port.to_string());
        watch.env("OPTIONS", format!("{TLS} {options}")).current_dir("/").stdin(Stdio::piped()).stdout(Stdio::piped());
        // The shell tells of each process that was killed.
        watch.stderr(Stdio::null());
        let server = Server { watch: watch.spawn().expect("a shell"), port, bin, folder };
        let until = Instant::now() + Duration::from_secs(60);
        while !server.answers() {
            assert!(Instant::now() < until, "PostgreSQL does not start");
            std::thread::sleep(Duration::from_millis(50));
        }
        server
    }

    fn answers(&self) -> bool {
        let port = self.port.to_string();
        let ready = Command::new(self.bin.join("pg_isready")).args(["-q", "-h", "127.0.0.1", "-p", &port]).status();
        ready.is_ok_and(|status| status.success())
    }

    /// The certificate of the authority that signed the server's, which is for `localhost`.
    #[allow(dead_code)]
    pub(crate) fn authority(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// The port on 127.0.0.1.
    #[allow(dead_code)]
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The address of the database `postgres`, without the password: `PGPASSWORD` tells it.
    pub(crate) fn address(&self) -> String {
        format!("postgres://tester@127.0.0.1:{}/postgres", self.port)
    }

    /// What a statement prints, with tabs between columns.
    pub(crate) fn psql(&self, sql: &str) -> Result<String, String> {
        let mut psql = Command::new(self.bin.join("psql"));
        psql.args(["-X", "-q", "-A", "-t", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-U", "tester"]);
        psql.args(["-p", &self.port.to_string(), "-d", "postgres", "-f", "-"]).env("PGPASSWORD", PASSWORD);
        psql.env("PGOPTIONS", "-c timezone=UTC -c client_min_messages=warning");
        let mut child = psql.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("psql");
        child.stdin.take().expect("a pipe").write_all(sql.as_bytes()).expect("written");
        let told = child.wait_with_output().expect("an end");
        match told.status.success() {
            true => Ok(String::from_utf8_lossy(&told.stdout).trim_end().to_owned()),
            false => Err(String::from_utf8_lossy(&told.stderr).into_owned()),
        }
    }

    /// Kills the server and all that it has started, as a crash would.
    #[allow(dead_code)]
    pub(crate) fn kill(&mut self) {
        self.order("kill", "killed");
    }

    /// Starts the server that was killed.
    #[allow(dead_code)]
    pub(crate) fn restart(&mut self) {
        self.order("start", "started");
    }

    fn order(&mut self, order: &str, answer: &str) {
        use std::io::Read as _;
        writeln!(self.watch.stdin.as_mut().expect("a pipe"), "{order}").expect("ordered");
        let mut told = vec![0; answer.len() + 1];
        self.watch.stdout.as_mut().expect("a pipe").read_exact(&mut told).expect("an answer");
        assert_eq!(String::from_utf8_lossy(&told).trim(), answer);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.watch.stdin.take());
        let _ = self.watch.wait();
    }
}
