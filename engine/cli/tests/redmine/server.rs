//! A Redmine of our own on a free port of this machine, stopped when it is dropped.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rusqlite::{Connection, OpenFlags};

use crate::real::served::{Served, free_port, printed, scripts};

/// The key that `seed.rb` gives to the administrator.
pub(crate) const API_KEY: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
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
    pub(crate) served: Served,
}

impl Redmine {
    /// Makes it in `folder`, fills and starts it.
    pub(crate) fn start(folder: &Path) -> Redmine {
        let folder = folder.join("redmine");
        printed(Command::new("sh").arg(scripts("redmine").join("prepare.sh")).arg(&folder));
        let port = free_port();
        let mut server = rails(&folder);
        server.args(["server", "-u", "webrick", "-b", "127.0.0.1", "-p", &port.to_string(), "-P"]);
        server.arg(folder.join("server.pid"));
        let path = format!("/users/current.json?key={API_KEY}");
        let served = Served::start(&mut server, port, &path, &folder);
        Redmine { folder, served }
    }

    /// Its database, to be read.
    pub(crate) fn database(&self) -> Connection {
        let path = self.folder.join("redmine.sqlite");
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).expect("Redmine's database")
    }

    /// Runs a script of `tests/redmine` inside of it; gives what it printed.
    pub(crate) fn run(&self, script: &str) -> String {
        printed(rails(&self.folder).arg("runner").arg(scripts("redmine").join(script)))
    }
}

fn rails(folder: &Path) -> Command {
    let mut rails = Command::new("rails");
    rails.current_dir(folder.join("app")).env("RAILS_ENV", "production");
    rails
}
