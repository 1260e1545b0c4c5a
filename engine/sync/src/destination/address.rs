//! How destinations are named, in messages and among others.

use super::KINDS;

/// How a user names a destination, of each kind: `a, b or c`.
pub fn forms() -> String {
    any_of(&KINDS.map(|kind| kind.capabilities.form))
}

/// The same, of each kind that merges records onto rows.
pub(super) fn merging() -> String {
    let merging = KINDS.iter().filter(|kind| kind.capabilities.merges);
    any_of(&merging.map(|kind| kind.capabilities.form).collect::<Vec<_>>())
}

fn any_of(forms: &[&str]) -> String {
    match forms {
        [others @ .., last] if !others.is_empty() => format!("{} or {last}", others.join(", ")),
        one => one.concat(),
    }
}

/// What a destination is known by among others: its address without a password, with a path that is the same from
/// every folder.
pub fn identity(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once(':') else { return url.to_owned() };
    if !KINDS.iter().any(|kind| !kind.has_login && kind.schemes.contains(&scheme)) {
        return shown(url);
    }
    let path = rest.split_once('?').map_or(rest, |(path, _)| path);
    let path = std::path::absolute(path).map_or_else(|_| path.to_owned(), |path| path.display().to_string());
    format!("{scheme}:{path}")
}

/// The address of a destination as messages and reports may show it: without a password.
pub fn shown(url: &str) -> String {
    let (scheme, rest) = match url.split_once(':') {
        Some((scheme, _)) if KINDS.iter().any(|kind| !kind.has_login && kind.schemes.contains(&scheme)) => {
            return url.to_owned();
        }
        Some((scheme, rest)) => (scheme, rest),
        None => return url.to_owned(),
    };
    let (slashes, rest) = rest.split_at(rest.len() - rest.trim_start_matches('/').len());
    // A password may hold any character, for somebody forgot to encode it.
    let hidden = rest.rsplit_once('@').and_then(|(login, host)| Some((login.split_once(':')?.0, host)));
    let hidden = hidden.map_or(rest.to_owned(), |(user, host)| format!("{user}:***@{host}"));
    let (address, query) = hidden.split_once('?').unwrap_or((&hidden, ""));
    let options = query.split('&').filter(|option| !option.is_empty() && !option.starts_with("password="));
    let options: Vec<&str> = options.collect();
    let mark = if options.is_empty() { "" } else { "?" };
    format!("{scheme}:{slashes}{address}{mark}{}", options.join("&"))
}
