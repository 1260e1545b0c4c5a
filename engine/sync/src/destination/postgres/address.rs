//! The address of a PostgreSQL: a URL, and around it what users of libpq expect: `PGHOST`, `PGPORT`, `PGUSER`,
//! `PGDATABASE`, `PGPASSWORD`, `PGPASSFILE` or `~/.pgpass`, `PGSSLMODE` and `PGSSLROOTCERT`.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use tokio_postgres::Config;
use tokio_postgres::config::SslMode;
use url::Url;

use super::passfile;
use crate::destination::{Fault, shown};

/// Looks up a variable of the environment.
pub(super) type Look<'l> = &'l dyn Fn(&str) -> Option<String>;

/// What a connection must prove.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trust {
    /// It is not encrypted.
    Disable,
    /// It is encrypted where the server can do so, whoever that is.
    Prefer,
    /// It is encrypted, with whomever.
    Require,
    /// Somebody that is trusted has signed the server's certificate.
    VerifyCa,
    /// The certificate is for this host, too.
    VerifyFull,
}

/// Where to connect, and how.
#[derive(Debug)]
pub(super) struct Address {
    pub(super) config: Config,
    pub(super) trust: Trust,
    /// File with the certificates of authorities, in place of the system's.
    pub(super) authorities: Option<PathBuf>,
    /// Schema in which the tables are.
    pub(super) schema: String,
    /// The server as messages call it.
    pub(super) place: String,
}

/// What a session begins with; `options=` goes over it.
const SETTINGS: &str = "-c TimeZone=UTC -c client_min_messages=warning -c standard_conforming_strings=on \
    -c lock_timeout=30s -c statement_timeout=1h -c random_page_cost=1.1";

const OPTIONS: [&str; 9] =
    ["host", "port", "user", "password", "dbname", "schema", "sslmode", "sslrootcert", "options"];

const MODES: [(&str, Trust); 5] = [
    ("disable", Trust::Disable),
    ("prefer", Trust::Prefer),
    ("require", Trust::Require),
    ("verify-ca", Trust::VerifyCa),
    ("verify-full", Trust::VerifyFull),
];

/// Reads what stands behind `postgres:`.
pub(super) fn read(rest: &str, connector: &str, look: Look<'_>) -> Result<Address, Fault> {
    let place = shown(&format!("postgres:{rest}"));
    let wrong = |reason: String| Fault::Address { place: place.clone(), reason };
    if has_open_password(rest) {
        return Err(wrong("write `/`, `?`, `#` and `@` of a password as %2F, %3F, %23 and %40".to_owned()));
    }
    let url = Url::parse(&format!("postgres:{rest}")).map_err(|error| wrong(format!("{error}; {FORM}")))?;
    if !rest.starts_with("//") {
        return Err(wrong(FORM.to_owned()));
    }
    let parts = Parts::of(&url).map_err(&wrong)?;
    let either = |name: &str, variable: &str| parts.get(name).or_else(|| look(variable));
    let host = either("host", "PGHOST").unwrap_or_else(|| "localhost".to_owned());
    let port = either("port", "PGPORT").unwrap_or_else(|| "5432".to_owned());
    let port: u16 = port.parse().map_err(|_| wrong(format!("`{port}` is no port")))?;
    let user = either("user", "PGUSER").or_else(|| look("USER")).unwrap_or_else(|| "postgres".to_owned());
    let database = either("dbname", "PGDATABASE").unwrap_or_else(|| user.clone());
    let asked = passfile::Asked { host: &host, port, database: &database, user: &user };
    let password = match either("password", "PGPASSWORD") {
        Some(password) => Some(password),
        None => passfile::find(&asked, look).map_err(&wrong)?,
    };
    let authorities = either("sslrootcert", "PGSSLROOTCERT").map(PathBuf::from);
    let trust = trust(either("sslmode", "PGSSLMODE"), &host, authorities.is_some()).map_err(&wrong)?;
    let mut config = Config::new();
    config.host(&host).port(port).user(&user).dbname(&database).application_name("tapwright");
    config.options(format!("{SETTINGS} {}", parts.get("options").unwrap_or_default()));
    config.connect_timeout(Duration::from_secs(10)).keepalives_idle(Duration::from_secs(30));
    config.keepalives_interval(Duration::from_secs(10)).tcp_user_timeout(Duration::from_secs(60));
    config.ssl_mode(match trust {
        Trust::Disable => SslMode::Disable,
        Trust::Prefer => SslMode::Prefer,
        _ => SslMode::Require,
    });
    password.map(|password| config.password(password));
    let schema = parts.get("schema").unwrap_or_else(|| connector.to_owned());
    let place = format!("postgres://{user}@{host}:{port}/{database}");
    Ok(Address { config, trust, authorities, schema, place })
}

/// Whether there is an `@` behind the host: then what was taken for it is a part of a password.
fn has_open_password(rest: &str) -> bool {
    let behind = rest.trim_start_matches('/');
    behind.find(['/', '?', '#']).is_some_and(|end| behind[end..].contains('@'))
}

const FORM: &str = "write postgres://USER@HOST:PORT/DATABASE";

/// Off this machine nobody is trusted unasked; libpq's `prefer` would give the password to whoever answers.
fn trust(mode: Option<String>, host: &str, has_authorities: bool) -> Result<Trust, String> {
    let is_here = host == "localhost"
        || host.starts_with('/')
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    let Some(mode) = mode else {
        return Ok(if is_here { Trust::Prefer } else { Trust::VerifyFull });
    };
    let names = MODES.map(|(name, _)| name).join(", ");
    let known = MODES.iter().find(|(name, _)| *name == mode).map(|(_, trust)| *trust);
    match known.ok_or_else(|| format!("sslmode `{mode}` is not known; write one of {names}"))? {
        // As with libpq: who names authorities wants them asked.
        Trust::Require if has_authorities => Ok(Trust::VerifyCa),
        trust => Ok(trust),
    }
}

/// The parts of the URL, decoded, by the names that libpq gives them.
struct Parts(Vec<(String, String)>);

impl Parts {
    fn of(url: &Url) -> Result<Parts, String> {
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let mut parts = Vec::new();
        let mut add = |name: &str, value: String| {
            if !value.is_empty() {
                parts.push((name.to_owned(), value));
            }
        };
        for (name, value) in url.query_pairs() {
            if !OPTIONS.contains(&name.as_ref()) {
                return Err(format!("`{name}` is no option; there are {}", OPTIONS.join(", ")));
            }
            add(&name, value.into_owned());
        }
        let host = url.host_str().unwrap_or_default();
        add("host", decoded(host.trim_start_matches('[').trim_end_matches(']')));
        add("port", url.port().map(|port| port.to_string()).unwrap_or_default());
        add("user", decoded(url.username()));
        add("password", decoded(url.password().unwrap_or_default()));
        add("dbname", decoded(url.path().trim_start_matches('/')));
        Ok(Parts(parts))
    }

    fn get(&self, name: &str) -> Option<String> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::{Address, Trust, read};

    fn address(rest: &str) -> Result<Address, String> {
        read(rest, "shop", &|name| (name == "PGPASSFILE").then(|| "/nowhere".to_owned()))
            .map_err(|fault| fault.to_string())
    }

    #[test]
    fn off_this_machine_the_server_must_prove_who_it_is() {
        for (rest, trust) in [
            ("//db.example/x", Trust::VerifyFull),
            ("//10.0.0.1/x", Trust::VerifyFull),
            ("//localhost/x", Trust::Prefer),
            ("//[::1]/x", Trust::Prefer),
            ("///x?host=/run/postgresql", Trust::Prefer),
            ("//db.example/x?sslmode=require", Trust::Require),
            ("//db.example/x?sslmode=require&sslrootcert=ca.pem", Trust::VerifyCa),
        ] {
            assert_eq!(address(rest).expect(rest).trust, trust, "{rest}");
        }
    }

    #[test]
    fn parts_are_decoded_and_no_password_is_told() {
        let found = address("//m%40e:s%2Fcret@h:1/d%20b?schema=My%20Shop").expect("an address");
        assert_eq!(found.place, "postgres://m@e@h:1/d b");
        assert_eq!(found.schema, "My Shop");
        assert_eq!(found.config.get_password(), Some(&b"s/cret"[..]));
        assert!(!format!("{found:?}").contains("s/cret"));
        for (rest, told) in [
            ("//me:secret@h:x/d", "invalid port number"),
            ("//me:secret@h/d?sslmod=require", "`sslmod` is no option; there are host"),
            ("//me:secret@h/d?sslmode=allow", "sslmode `allow` is not known; write one of disable"),
            ("//me:1/secret@h/d", "of a password as %2F"),
            ("//me:1?secret@h/d", "of a password as %2F"),
            ("//me:1#secret@h/d", "of a password as %2F"),
            ("me:secret@h", "write postgres://USER@HOST"),
        ] {
            let fault = address(rest).expect_err(rest);
            assert!(fault.contains(told) && !fault.contains("secret"), "{fault}");
        }
    }
}
