//! `~/.pgpass`: lines of `host:port:database:user:password`, where `*` stands for any and `\` before `:` and `\`.

use std::path::PathBuf;

use super::address::Look;

/// For whom a password is looked up.
pub(super) struct Asked<'a> {
    pub(super) host: &'a str,
    pub(super) port: u16,
    pub(super) database: &'a str,
    pub(super) user: &'a str,
}

/// The password that the file holds for this login, if there is one.
///
/// # Errors
/// If others may read the file.
pub(super) fn find(asked: &Asked<'_>, look: Look<'_>) -> Result<Option<String>, String> {
    let path = look("PGPASSFILE").map(PathBuf::from);
    let Some(path) = path.or_else(|| Some(PathBuf::from(look("HOME")?).join(".pgpass"))) else { return Ok(None) };
    let Ok(text) = std::fs::read_to_string(&path) else { return Ok(None) };
    if let Some(password) = password(&text, asked) {
        return match is_private(&path) {
            true => Ok(Some(password)),
            false => Err(format!("others may read {0}; run chmod 600 {0}", path.display())),
        };
    }
    Ok(None)
}

#[cfg(unix)]
fn is_private(path: &std::path::Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o077 == 0)
}

#[cfg(not(unix))]
fn is_private(_: &std::path::Path) -> bool {
    true
}

fn password(text: &str, asked: &Asked<'_>) -> Option<String> {
    let host = if asked.host.starts_with('/') { "localhost" } else { asked.host };
    let port = asked.port.to_string();
    let wanted = [host, &port, asked.database, asked.user];
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(parts).find_map(|parts| {
        let fits = |(part, wanted): (&String, &&str)| part == "*" || part == wanted;
        (parts.len() == 5 && parts.iter().zip(&wanted).all(fits)).then(|| parts[4].clone())
    })
}

/// The parts of a line; the password is what is left behind the fourth colon.
fn parts(line: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut chars = line.chars();
    while let Some(char) = chars.next() {
        let last = parts.len() - 1;
        match char {
            '\\' => parts[last].extend(chars.next()),
            ':' if last < 4 => parts.push(String::new()),
            char => parts[last].push(char),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::{Asked, password};

    #[test]
    fn the_first_line_that_fits_counts() {
        let text = "# hosts\nother:*:*:*:no\ndb:1:*:m\\:e:a\\:b:c\\\\\n*:*:*:*:last\n";
        let asked = |host, user| Asked { host, port: 1, database: "d", user };
        assert_eq!(password(text, &asked("db", "m:e")).as_deref(), Some("a:b:c\\"));
        assert_eq!(password(text, &asked("db", "you")).as_deref(), Some("last"));
        assert_eq!(password("db:1:d:me\n", &asked("db", "me")), None);
    }
}
