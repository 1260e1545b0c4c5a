//! A WordPress of our own, with its database, on free ports of this machine; stopped when it is dropped.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::real::served::{Served, free_port, printed, scripts};

/// What the test needs of Debian.
const PACKAGES: [&str; 6] = ["wordpress", "mariadb-server", "php-cli", "php-mysql", "php-xml", "php-mbstring"];

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
    database_port: u16,
    /// An application password of the administrator.
    pub(crate) password: String,
    served: Served,
    /// Dropped, and so ended, behind the server.
    _database: Database,
}

/// A MariaDB whose process a file names.
struct Database(PathBuf);

impl WordPress {
    /// Makes it in `folder`, fills and starts it.
    pub(crate) fn start(folder: &Path) -> WordPress {
        let (port, database_port) = (free_port(), free_port());
        let folder = folder.join("wordpress");
        let database = Database(folder.join("database.pid"));
        let mut prepare = Command::new("sh");
        prepare.arg(scripts("wordpress").join("prepare.sh")).arg(&folder);
        let password = printed(prepare.args([port.to_string(), database_port.to_string()]));
        let mut server = php(&folder);
        server.args(["-S", &format!("127.0.0.1:{port}"), "-t"]);
        server.arg(folder.join("site")).arg(folder.join("router.php")).env("PHP_CLI_SERVER_WORKERS", "3");
        let served = Served::start(&mut server, port, "/wp-json/", &folder);
        WordPress { folder, database_port, password, served, _database: database }
    }

    /// Where it answers.
    pub(crate) fn url(&self) -> String {
        self.served.url()
    }

    /// What a query of its database gives: a line for each row.
    pub(crate) fn query(&self, sql: &str) -> String {
        let port = self.database_port.to_string();
        let options = ["--no-defaults", "-h", "127.0.0.1", "-P", &port, "-u", "root"];
        let shape = ["--default-character-set=utf8mb4", "-N", "-B", "--raw", "wp", "-e", sql];
        printed(Command::new("mariadb").args(options).args(shape))
    }

    /// Runs a script of `tests/wordpress` inside of it; gives what it printed.
    pub(crate) fn run(&self, script: &str) -> String {
        printed(php(&self.folder).arg(scripts("wordpress").join(script)))
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Ok(process) = std::fs::read_to_string(&self.0) {
            let _ = Command::new("kill").args(["-KILL", process.trim()]).status();
        }
    }
}

fn php(folder: &Path) -> Command {
    let mut php = Command::new("php");
    php.args(["-d", "sendmail_path=true"]).env("SITE", folder.join("site"));
    php
}
