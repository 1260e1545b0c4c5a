//! Where the sample was asked for, and with which credentials: these become config fields.

use base64::Engine as _;
use percent_encoding::percent_decode_str;
use url::Url;

use super::list::{List, is_usual};
use super::{Draft, Sample, flat, host, scalar, title};

/// Headers that hold no secret; any other is taken for one.
const PLAIN: [&str; 5] = ["accept", "accept-language", "content-type", "user-agent", "prefer"];
/// What the names of query parameters with secrets contain.
const SECRET: [&str; 7] = ["key", "token", "secret", "password", "auth", "signature", "session"];

/// What is asked for, and what a user must give for it.
pub(super) struct Address {
    base_url: String,
    why: &'static str,
    /// Path of the endpoint below the base URL.
    pub(super) endpoint: String,
    /// Query parameters by name and value.
    pub(super) params: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    auth: Vec<String>,
    config: Vec<String>,
    /// What was given as a secret.
    secrets: Vec<String>,
}

impl Address {
    /// # Errors
    /// Credentials in the URL's authority, or a header that is none.
    pub(super) fn of(name: &str, sample: &Sample) -> Result<Address, String> {
        let mut address = Address {
            base_url: format!("https://{}", host(name)),
            why: "The sample does not tell the API's address: write it here, and the endpoint below.",
            endpoint: String::new(),
            params: Vec::new(),
            headers: Vec::new(),
            auth: Vec::new(),
            config: Vec::new(),
            secrets: Vec::new(),
        };
        if let Some(url) = &sample.url {
            address.split(url)?;
        }
        for (name, value) in &sample.headers {
            address.header(name, value);
        }
        Ok(address)
    }

    fn split(&mut self, url: &Url) -> Result<(), String> {
        if !url.username().is_empty() || url.password().is_some() {
            return Err("the URL has credentials before its host; give them with --header instead".to_owned());
        }
        let parts: Vec<&str> = url.path().trim_start_matches('/').split('/').collect();
        let (before, _) = parts.split_at(parts.len() - 1);
        let shared = before.iter().rposition(|part| is_shared(part)).map_or(0, |at| at + 1);
        let prefix: String = parts[..shared].iter().map(|part| format!("/{part}")).collect();
        self.base_url = format!("{}{prefix}", url.origin().ascii_serialization());
        self.endpoint = format!("/{}", parts[shared..].join("/"));
        self.why = match prefix.is_empty() {
            true => "The URL up to its path.",
            false => "The URL as far as it names an API or a version.",
        };
        self.params = url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
        Ok(())
    }

    fn header(&mut self, name: &str, value: &str) {
        let lower = name.to_ascii_lowercase();
        if PLAIN.contains(&lower.as_str()) || lower.ends_with("version") {
            self.headers.push((name.to_owned(), value.to_owned()));
            return;
        }
        self.secrets.extend([value, value.rsplit(' ').next().unwrap_or(value)].map(str::to_owned));
        if lower == "cookie" {
            for cookie in value.split(';').filter_map(|pair| pair.split('=').next()) {
                self.key("cookie", cookie.trim(), "");
            }
            return;
        }
        if lower != "authorization" {
            return self.key("header", name, "");
        }
        // Only a word in front of the secret is written.
        let scheme = value.split_once(' ').map(|(scheme, _)| scheme);
        let scheme = scheme.filter(|word| word.len() < 16 && word.chars().all(|c| c.is_ascii_alphabetic() || c == '-'));
        match scheme.map(str::to_ascii_lowercase).as_deref() {
            Some("bearer") => {
                let field = self.field("token", "Access token");
                self.auth.push(format!("{{bearer: \"{{{{ config.{field} }}}}\"}}"));
            }
            Some("basic") => self.basic(value),
            _ => self.key("header", name, &scheme.map(|word| format!("{word} ")).unwrap_or_default()),
        }
    }

    /// HTTP Basic; a password that is empty is left out.
    fn basic(&mut self, value: &str) {
        let encoded = value.split_once(' ').map_or("", |(_, encoded)| encoded.trim());
        let decoded = base64::engine::general_purpose::STANDARD.decode(encoded).unwrap_or_default();
        let username = self.field("username", "User name");
        let password = match decoded.ends_with(b":") {
            true => String::new(),
            false => format!(", password: \"{{{{ config.{} }}}}\"", self.field("password", "Password")),
        };
        self.auth.push(format!("{{basic: {{username: \"{{{{ config.{username} }}}}\"{password}}}}}"));
    }

    fn key(&mut self, place: &str, name: &str, before: &str) {
        let usual = if name.eq_ignore_ascii_case("authorization") { "token" } else { name };
        let field =
            as_name(usual.trim_start_matches("X-").trim_start_matches("x-")).unwrap_or_else(|| "key".to_owned());
        let field = self.field(&field, &title(&field));
        let name = scalar(name);
        self.auth.push(format!("{{api_key: {{{place}: {name}, value: \"{before}{{{{ config.{field} }}}}\"}}}}"));
    }

    /// Adds a secret config field; gives its name.
    fn field(&mut self, name: &str, title: &str) -> String {
        let mut free = name.to_owned();
        while self.config.iter().any(|line| line.starts_with(&format!("{free}:"))) {
            free.push_str("_2");
        }
        self.config.push(format!("{free}: {{type: string, title: {}, secret: true}}", scalar(title)));
        free
    }

    /// Query parameters that are secrets, or are called so, become config fields.
    pub(super) fn hide_secrets(&mut self) {
        let is_called = |name: &str| SECRET.iter().any(|part| flat(name).contains(part)) || flat(name) == "appid";
        let (secret, params): (Vec<_>, Vec<_>) =
            self.params.drain(..).partition(|(name, value)| is_called(name) || self.secrets.contains(value));
        self.params = params;
        secret.iter().for_each(|(name, _)| self.key("query", name, ""));
    }

    /// A name for the stream: what the path ends with, or what the records are called. Without a URL the endpoint
    /// is called so too.
    pub(super) fn name_stream(&mut self, name: &str, list: &List<'_>) -> String {
        let last = self.endpoint.rsplit('/').find(|part| part.chars().any(|c| c.is_ascii_alphabetic()));
        let last = last.map(|part| percent_decode_str(part.split('.').next().unwrap_or(part)).decode_utf8_lossy());
        let called = last.and_then(|part| as_name(&part));
        let called = called.or_else(|| list.member.filter(|member| !is_usual(member)).and_then(as_name));
        let called = called.unwrap_or_else(|| name.to_owned());
        if self.endpoint.is_empty() {
            self.endpoint = format!("/{called}");
        }
        called
    }

    /// Writes `config:`, `auth:` and `http:`.
    pub(super) fn write(&self, draft: &mut Draft) {
        if !self.config.is_empty() {
            draft.line(
                0,
                "\n# Its values were in the request; they are not in this file: give them with --set, .env or a file.",
            );
            draft.line(0, "config:");
            self.config.iter().for_each(|field| draft.line(2, field));
        }
        match self.auth.as_slice() {
            [] => draft.line(0, "\n# The request had no credentials.\nauth: none"),
            [one] => draft.line(0, &format!("\nauth: {one}")),
            several => draft.line(0, &format!("\nauth: [{}]", several.join(", "))),
        }
        draft.line(0, "\nhttp:");
        draft.line(2, &format!("# {}", self.why));
        draft.line(2, &format!("base_url: {}", scalar(&self.base_url)));
        if !self.headers.is_empty() {
            draft.line(2, "headers:");
            self.headers
                .iter()
                .for_each(|(name, value)| draft.line(4, &format!("{}: {}", scalar(name), scalar(value))));
        }
    }

    /// Writes `params:`.
    pub(super) fn write_params(&self, draft: &mut Draft) {
        let mut names: Vec<&String> = Vec::new();
        for (name, _) in &self.params {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        if !names.is_empty() {
            draft.line(4, "params:");
        }
        for name in names {
            let values: Vec<String> =
                self.params.iter().filter(|(known, _)| known == name).map(|(_, value)| scalar(value)).collect();
            match values.as_slice() {
                [one] => draft.line(6, &format!("{}: {one}", scalar(name))),
                several => draft.line(6, &format!("{}: [{}]", scalar(name), several.join(", "))),
            }
        }
    }
}

/// Whether a part of a path is one that endpoints share: `api`, `rest`, `v2`.
fn is_shared(part: &str) -> bool {
    let version = part.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    version || ["api", "rest"].contains(&part.to_ascii_lowercase().as_str())
}

/// A name of the language that is near to `text`.
fn as_name(text: &str) -> Option<String> {
    let mut name = String::new();
    for c in text.chars() {
        match c {
            'A'..='Z' if name.ends_with(|last: char| last.is_ascii_lowercase()) => {
                name.push('_');
                name.push(c.to_ascii_lowercase());
            }
            _ if c.is_ascii_alphanumeric() => name.push(c.to_ascii_lowercase()),
            _ if name.ends_with('_') => {}
            _ => name.push('_'),
        }
    }
    let name = name.trim_matches(|c: char| c == '_').to_owned();
    tapwright_spec::is_name(&name).then_some(name)
}
