//! Anchors of a connector's page: where a link in an author's text may lead.

/// Those of the page's own sections; a step of the author's gets none of them.
pub const SECTIONS: [&str; 18] = [
    "top",
    "content",
    "notice",
    "contents",
    "overview",
    "snapshot",
    "setup",
    "requirements",
    "configuration",
    "schedule",
    "replication",
    "tables",
    "joins",
    "notes",
    "limits",
    "troubleshooting",
    "changelog",
    "programs",
];

/// The step that is added where a person logs in.
pub const LOG_IN: &str = "log-in";

/// A field of the configuration.
pub fn setting(name: &str) -> String {
    format!("config-{name}")
}

/// A stream.
pub fn stream(name: &str) -> String {
    format!("stream-{name}")
}

/// A field of a stream.
pub fn field(stream: &str, field: &str) -> String {
    format!("stream-{stream}-field-{field}")
}

/// The table of a list.
pub fn table(name: &str) -> String {
    format!("table-{name}")
}

/// `Register an API application` -> `register-an-api-application`
pub fn step(title: &str) -> String {
    let words: String = title.to_lowercase().chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    words.split_whitespace().collect::<Vec<_>>().join("-")
}
