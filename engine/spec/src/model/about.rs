//! What becomes the page and the form.

use crate::time::Duration;

/// Texts and links for the page.
#[derive(Debug, Clone, Default)]
pub struct About {
    /// One sentence: what data this connector brings.
    pub summary: String,
    /// A paragraph or more about the product, Markdown.
    pub description: Option<String>,
    /// How mature the connector is.
    pub status: Status,
    /// What the product is for.
    pub category: Option<Category>,
    /// Whether the author vouches for it.
    pub certified: bool,
    /// The plan a user needs, in the publisher's words.
    pub tier: Option<String>,
    /// Words by which the page is found.
    pub keywords: Vec<String>,
    /// Who made the connector.
    pub author: Option<Author>,
    /// Named links: `api`, `status`, `website`, `source`, …
    pub links: Vec<(String, String)>,
    /// A banner on top of the page.
    pub notice: Option<Notice>,
    /// What a user needs before the first step, Markdown, one item each.
    pub requirements: Vec<String>,
    /// The steps that lead to a working configuration.
    pub setup: Vec<Step>,
    /// How the data behaves that no single stream's notes say, Markdown.
    pub notes: Option<String>,
    /// What the API limits, Markdown.
    pub limits: Option<String>,
    /// Symptom and remedy.
    pub troubleshooting: Vec<Trouble>,
    /// What changed, newest first.
    pub changelog: Vec<Change>,
    /// Path of the icon, relative to the site.
    pub icon: Option<String>,
}

/// How mature a connector is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Status {
    /// May change at any time.
    #[default]
    Alpha,
    /// Works; details may change.
    Beta,
    /// Stable.
    Released,
    /// Works, and will go.
    Deprecated,
    /// The API is gone; kept for reference.
    Sunset,
}

/// What a product is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Category {
    /// Product and web analytics, surveys.
    Analytics,
    /// Shops, orders and stock.
    Commerce,
    /// Chat, mail and telephony.
    Communication,
    /// Sites, files and media.
    Content,
    /// Tables and databases that people keep.
    Databases,
    /// Source code, builds and incidents.
    Development,
    /// Payments, billing and accounting.
    Finance,
    /// Advertisements, campaigns and mailing lists.
    Marketing,
    /// Staff, hiring and payroll.
    People,
    /// Projects, tasks and time.
    Projects,
    /// Customers, leads and deals.
    Sales,
    /// Help desks.
    Support,
}

/// Who made the connector.
#[derive(Debug, Clone)]
pub struct Author {
    /// Name of a person or company.
    pub name: String,
    /// Their site.
    pub url: Option<String>,
}

/// A banner.
#[derive(Debug, Clone)]
pub struct Notice {
    /// How loud.
    pub level: NoticeLevel,
    /// What it says, Markdown.
    pub text: String,
}

/// How loud a [`Notice`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeLevel {
    /// Good to know.
    Info,
    /// Take care.
    Warning,
    /// Something does not work.
    Error,
}

/// One step of the setup.
#[derive(Debug, Clone)]
pub struct Step {
    /// Heading, in the imperative.
    pub title: String,
    /// Anchor on the page: lower case, digits, `-`.
    pub anchor: String,
    /// What to do, Markdown.
    pub text: String,
    /// The config fields that this step fills, by name.
    pub fills: Vec<String>,
}

/// Symptom and remedy.
#[derive(Debug, Clone)]
pub struct Trouble {
    /// What the user sees.
    pub symptom: String,
    /// What helps, Markdown.
    pub remedy: String,
}

/// One entry of the changelog.
#[derive(Debug, Clone)]
pub struct Change {
    /// Version that brought it.
    pub version: String,
    /// Day, `YYYY-MM-DD`.
    pub date: Option<String>,
    /// What changed, Markdown.
    pub text: String,
}

/// What a user may select.
#[derive(Debug, Clone, Copy)]
pub struct Supports {
    /// Single streams may be left out (`--stream`).
    pub table_selection: bool,
    /// Single columns may be left out.
    pub column_selection: bool,
}

/// When to run and how far to reach back at first.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// Default time between two runs.
    pub frequency: Option<Duration>,
    /// How far before now the first incremental run starts; `None` reads everything.
    pub historical: Option<Duration>,
    /// Whether runs may be anchored at a time of day.
    pub anchor: bool,
}

/// One field of the configuration.
#[derive(Debug, Clone)]
pub struct ConfigField {
    /// Key in the config file; `TAPWRIGHT_<CONNECTOR>_<NAME>` in the environment.
    pub name: String,
    /// Label in the form.
    pub title: String,
    /// What it is and where to find it, Markdown.
    pub description: Option<String>,
    /// Type of the value.
    pub kind: ConfigType,
    /// Whether the value must never be shown.
    pub secret: bool,
    /// Whether a value must be given: no default and not optional.
    pub required: bool,
    /// Value if none is given.
    pub default: Option<serde_json::Value>,
    /// A value as a user might write it.
    pub example: Option<String>,
    /// Regular expression that a text value must match as a whole.
    pub pattern: Option<String>,
}

/// Type of a config field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfigType {
    /// Text.
    String,
    /// 64-bit integer.
    Integer,
    /// Number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// `YYYY-MM-DD`.
    Date,
    /// RFC 3339.
    Timestamp,
    /// `http:` or `https:` URL; a trailing slash is dropped.
    Url,
    /// One of these texts.
    Enum(Vec<String>),
    /// A list of texts.
    List,
}
