//! The top of a page: notice, features at a glance, configuration, schedule.

use tapwright_spec::Connector;
use tapwright_spec::model::{
    About, Category, ConfigField, ConfigType, LoadMode, NoticeLevel, Replication, Request, Schedule, Status, Stream,
};
use tapwright_spec::time::Duration;

use crate::anchor::Anchors;
use crate::auth::authentication;
use crate::context::shown;
use crate::markdown::{self, code, is_safe_link, plain};
use crate::replication::{heeds_start, kind_of, link_to, listed, method_of};

shown! {
    /// A label and what is said of it.
    pub(crate) struct Fact {
        /// What it is about.
        pub(crate) label: String,
        /// What is said, Markdown.
        pub(crate) text: String,
    }
}

shown! {
    /// Facts that belong together.
    pub(crate) struct Group {
        /// Heading.
        pub(crate) title: &'static str,
        /// The facts.
        pub(crate) facts: Vec<Fact>,
    }
}

shown! {
    /// The banner.
    pub(crate) struct Banner {
        /// `info`, `warning` or `error`.
        pub(crate) level: &'static str,
        /// The word before the text.
        pub(crate) label: &'static str,
        /// What it says, Markdown.
        pub(crate) text: String,
    }
}

shown! {
    /// One field of the configuration.
    pub(crate) struct Setting {
        /// Anchor.
        pub(crate) id: String,
        /// Key in the config file.
        pub(crate) name: String,
        /// Label in the form.
        pub(crate) title: String,
        /// Type in words.
        pub(crate) kind: String,
        /// Whether a value must be given.
        pub(crate) required: bool,
        /// Whether the value is never shown.
        pub(crate) secret: bool,
        /// Name of the environment variable.
        pub(crate) variable: String,
        /// What it is, Markdown.
        pub(crate) description: String,
        /// What the model adds, Markdown, one sentence each.
        pub(crate) remarks: Vec<String>,
    }
}

/// Replication methods, in the order in which they are counted.
const METHODS: [&str; 4] = ["Key-based Incremental", "Full Table", "Incremental", "Feed"];
/// Streams that a sentence names one by one.
const MOST_NAMED: usize = 12;

fn fact(label: impl Into<String>, text: impl Into<String>) -> Fact {
    Fact { label: label.into(), text: text.into() }
}

/// The banner of the connector.
pub(crate) fn banner(about: &About) -> Option<Banner> {
    let notice = about.notice.as_ref()?;
    let (level, label) = match notice.level {
        NoticeLevel::Info => ("info", "Note"),
        NoticeLevel::Warning => ("warning", "Take care"),
        NoticeLevel::Error => ("error", "Important"),
    };
    Some(Banner { level, label, text: notice.text.clone() })
}

/// The word for a status.
pub(crate) fn status_word(status: Status) -> &'static str {
    match status {
        Status::Alpha => "Alpha",
        Status::Beta => "Beta",
        Status::Released => "Released",
        Status::Deprecated => "Deprecated",
        Status::Sunset => "Sunset",
    }
}

/// The word for a category.
pub(crate) fn category_word(category: Category) -> &'static str {
    match category {
        Category::Analytics => "Analytics",
        Category::Commerce => "Commerce",
        Category::Communication => "Communication",
        Category::Content => "Content",
        Category::Databases => "Databases",
        Category::Development => "Development",
        Category::Finance => "Finance",
        Category::Marketing => "Marketing",
        Category::People => "People",
        Category::Projects => "Projects",
        Category::Sales => "Sales",
        Category::Support => "Support",
    }
}

fn status_sentence(status: Status) -> &'static str {
    match status {
        Status::Alpha => "may change at any time",
        Status::Beta => "works; details may change",
        Status::Released => "stable",
        Status::Deprecated => "works, but will be removed",
        Status::Sunset => "the API is gone; kept for reference",
    }
}

/// The features at a glance.
pub(crate) fn groups(connector: &Connector) -> Vec<Group> {
    vec![
        Group { title: "Connector", facts: identity(connector) },
        Group { title: "Replication", facts: replication(connector) },
        Group {
            title: "Data selection",
            facts: vec![
                fact("Table selection", yes_no(connector.supports.table_selection)),
                fact("Column selection", yes_no(connector.supports.column_selection)),
            ],
        },
        Group { title: "Transparency", facts: vec![fact("Extraction logs", "Yes"), fact("Loading reports", "Yes")] },
    ]
}

fn identity(connector: &Connector) -> Vec<Fact> {
    let about = &connector.about;
    let status = format!("**{}**: {}", status_word(about.status), status_sentence(about.status));
    let mut facts = vec![fact("Release status", status), fact("Supported by", support(about))];
    if let Some(author) = &about.author {
        facts.push(fact("Author", named_link(&author.name, author.url.as_deref())));
    }
    facts.extend(about.tier.as_deref().map(|tier| fact("Plan", plain(tier))));
    facts.push(fact("Connector version", plain(&connector.version)));
    for (name, url) in &about.links {
        facts.push(fact(link_label(name), named_link(without_scheme(url), Some(url))));
    }
    facts.extend(about.category.map(|category| fact("Category", category_word(category))));
    facts
}

/// `api` is `API`, `status` is `Status`; a name with capitals or spaces stays as it is.
fn link_label(name: &str) -> String {
    if name == "api" {
        return "API".to_owned();
    }
    let mut chars = name.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

fn support(about: &About) -> String {
    match (about.certified, &about.author) {
        (true, Some(author)) => format!("{} (certified)", plain(&author.name)),
        (true, None) => "Its maker (certified)".to_owned(),
        (false, _) => "The community (not certified)".to_owned(),
    }
}

fn without_scheme(url: &str) -> &str {
    let host = url.split_once("://").map_or(url, |(_, rest)| rest);
    host.trim_end_matches('/')
}

fn named_link(name: &str, url: Option<&str>) -> String {
    match url {
        Some(url) if is_safe_link(url) => format!("[{}]({})", plain(name), markdown::target(url)),
        _ => plain(name),
    }
}

fn replication(connector: &Connector) -> Vec<Fact> {
    let schedule = &connector.schedule;
    let frequency = match &schedule.frequency {
        Some(frequency) => frequency.words(),
        None => "none suggested",
    };
    let history = match &schedule.historical {
        Some(history) => history.words(),
        None => "everything",
    };
    let mut facts = vec![
        fact("Default frequency", frequency),
        fact("Default history", history),
        fact("Anchor scheduling", yes_no(schedule.anchor)),
        fact("Tables", tables(connector)),
        fact("Authentication", authentication(&connector.auth)),
    ];
    if connector.load_mode == LoadMode::Segment {
        facts.push(fact("Load mode", format!("{}: records are merged onto rows", code(connector.load_mode.word()))));
    }
    if let Some(check) = &connector.check {
        facts.push(fact("Connection test", request_line(&check.request)));
    }
    facts
}

fn tables(connector: &Connector) -> String {
    let count = |method: &str| connector.streams.iter().filter(|stream| method_of(stream) == method).count();
    let methods = METHODS.map(|method| (method, count(method)));
    let told: Vec<String> =
        methods.iter().filter(|(_, count)| *count > 0).map(|(method, count)| format!("{count} {method}")).collect();
    format!("{} ({})", connector.streams.len(), told.join(", "))
}

pub(crate) fn request_line(request: &Request) -> String {
    code(&format!("{} {}", request.method.word(), request.path.source()))
}

fn yes_no(supported: bool) -> &'static str {
    if supported { "Yes" } else { "No" }
}

/// The configuration, in the order of the form; `steps` are the anchors of the steps of the setup.
pub(crate) fn settings(connector: &Connector, steps: &[String], anchors: &mut Anchors) -> Vec<Setting> {
    connector
        .config
        .iter()
        .map(|field| Setting {
            id: anchors.claim(&tapwright_spec::anchors::setting(&field.name)),
            name: field.name.clone(),
            title: field.title.clone(),
            kind: config_kind(&field.kind).to_owned(),
            required: field.required,
            secret: field.secret,
            variable: format!("TAPWRIGHT_{}_{}", connector.name, field.name).to_uppercase(),
            description: field.description.clone().unwrap_or_default(),
            remarks: setting_remarks(connector, field, steps),
        })
        .collect()
}

fn setting_remarks(connector: &Connector, field: &ConfigField, steps: &[String]) -> Vec<String> {
    let mut remarks = Vec::new();
    if let ConfigType::Enum(values) = &field.kind {
        let values: Vec<String> = values.iter().map(|value| code(value)).collect();
        remarks.push(format!("Values: {}.", values.join(", ")));
    }
    if let Some(example) = &field.example {
        remarks.push(format!("Example: {}.", code(example)));
    }
    if let Some(pattern) = &field.pattern {
        remarks.push(format!("Must match {}.", code(pattern)));
    }
    match &field.default {
        Some(_) if field.secret => remarks.push("Has a default.".to_owned()),
        Some(serde_json::Value::String(text)) => remarks.push(format!("Default: {}.", code(text))),
        Some(value) => remarks.push(format!("Default: {}.", code(&value.to_string()))),
        None => {}
    }
    let steps = connector.about.setup.iter().zip(steps).enumerate();
    for (at, (_, anchor)) in steps.filter(|(_, (step, _))| step.fills.contains(&field.name)) {
        remarks.push(format!("See [step {}](#{anchor}).", at + 1));
    }
    remarks
}

fn config_kind(kind: &ConfigType) -> &'static str {
    match kind {
        ConfigType::String => "string",
        ConfigType::Integer => "integer",
        ConfigType::Number => "number",
        ConfigType::Boolean => "boolean",
        ConfigType::Date => "date",
        ConfigType::Timestamp => "timestamp",
        ConfigType::Url => "URL",
        ConfigType::Enum(_) => "choice",
        ConfigType::List => "list of string",
    }
}

/// When to run and how far back the first run reaches, Markdown, one sentence or two each.
pub(crate) fn schedule(connector: &Connector) -> Vec<String> {
    let Schedule { frequency, historical, anchor } = &connector.schedule;
    let mut sentences = Vec::new();
    if let Some(frequency) = frequency {
        sentences.push(format!("**Frequency.** Every {} by default.", frequency.words()));
    }
    if *anchor {
        sentences.push(
            "**Anchor.** Runs can be anchored to a time of day, so that they start at the same times every day."
                .to_owned(),
        );
    }
    sentences.extend(history(connector, historical.as_ref()));
    sentences
}

/// How far back the first run reaches, for each kind of table that the connector has.
fn history(connector: &Connector, default: Option<&Duration>) -> Vec<String> {
    let incremental =
        connector.streams.iter().filter(|stream| matches!(stream.replication, Replication::Incremental(_)));
    let (heeding, unbounded): (Vec<_>, Vec<_>) = incremental.partition(|stream| heeds_start(connector, stream));
    let of = |method: &str| connector.streams.iter().filter(|stream| method_of(stream) == method).collect::<Vec<_>>();
    let (feeds, full) = (of("Feed"), of("Full Table"));
    let mut sentences = Vec::new();
    if !heeding.is_empty() {
        let since = match default {
            Some(history) => {
                format!("the start date: {} before that run, unless `--start` names another", history.words())
            }
            None => "the date that `--start` names; without one it reads everything".to_owned(),
        };
        sentences.push(format!(
            "**History.** In {} the first run reads what has changed since {since}. Later runs continue from the bookmark; with \
             another `--start` they read again from that date.",
            named(&heeding)
        ));
    }
    let mut add = |label: &str, streams: &[&Stream], what: &str| {
        if !streams.is_empty() {
            sentences.push(format!("**{label}.** In {} {what}.", named(streams)));
        }
    };
    add("No start date", &unbounded, "the bookmark is no time, so the first run reads everything");
    add("Feeds", &feeds, "the first run reads everything, whatever the start date");
    add("Full tables", &full, "every run reads everything, whatever the start date");
    sentences
}

/// Streams as links; of more than a reader would read, how many there are.
fn named(streams: &[&Stream]) -> String {
    if streams.len() > MOST_NAMED {
        return format!("{} [tables](#tables)", streams.len());
    }
    let links: Vec<String> = streams.iter().map(|stream| link_to(&stream.name)).collect();
    listed(&links)
}

/// What the kinds of rows mean, for the kinds that the connector has.
pub(crate) fn kinds(connector: &Connector) -> Vec<&'static str> {
    let has = |kind: &str| connector.streams.iter().any(|stream| kind_of(stream) == kind);
    let mut sentences = Vec::new();
    if has("object") {
        sentences.push("A table of **objects** holds the latest state of each record.");
    }
    if has("event") {
        sentences.push("A table of **events** only grows; its rows are never overwritten.");
    }
    sentences
}

/// Which columns of the tables no record has.
pub(crate) fn added(connector: &Connector) -> &'static str {
    match connector.load_mode {
        LoadMode::Stitch => "Every table also has columns that Tapwright adds, whose names begin with `_sdc_`.",
        LoadMode::Segment => {
            "Every table also has the columns `received_at`, `uuid` and `uuid_ts`, which Tapwright adds, and `id` where that is \
             not the primary key."
        }
    }
}
