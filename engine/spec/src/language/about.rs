//! What becomes the page and the config form.

use crate::grammar::{self, At, Map, OneOrMany, Text, Whole, record, words};
use crate::model;

type Line = Text<grammar::Plain>;
type Markdown = Text<grammar::Markdown>;

record! {
    /// Texts and links for the page. They are Markdown where they are longer than a line.
    About = "about";
    /// One sentence: what data the connector brings.
    summary: required Line,
    /// A paragraph or more about the product.
    description: optional Markdown,
    /// How mature the connector is.
    status: optional At<model::Status>,
    /// What the product is for; the list of all connectors can be filtered by it.
    category: optional At<model::Category>,
    /// Whether the author vouches for it.
    certified: optional At<bool>,
    /// The plan a user needs.
    tier: optional Line,
    /// Words by which a search finds the page.
    keywords: optional Vec<Line>,
    /// Who made the connector.
    author: optional Author,
    /// Links by name, such as `api`, `status` or `website`.
    links: optional Map<Text<grammar::Url>>,
    /// A banner on top of the page.
    notice: optional Notice,
    /// What a user needs before the first step, one item each.
    requirements: optional Vec<Markdown>,
    /// The steps that lead to a working configuration.
    setup: optional Vec<Step>,
    /// How the data behaves, beyond what each stream says.
    notes: optional Markdown,
    /// What the API limits.
    limits: optional Markdown,
    /// Symptoms and what helps.
    troubleshooting: optional Vec<Trouble>,
    /// What changed, newest first. The first entry is the connector's `version`.
    changelog: optional Vec<Change>,
    /// Path of the icon on the site.
    icon: optional Line,
}

words! {
    /// How mature a connector is.
    model::Status = "status" {
        /// May change at any time.
        "alpha" => model::Status::Alpha,
        /// Works; details may change.
        "beta" => model::Status::Beta,
        /// Stable.
        "released" => model::Status::Released,
        /// Works, and will go.
        "deprecated" => model::Status::Deprecated,
        /// The API is gone; the connector is kept for reference.
        "sunset" => model::Status::Sunset,
    }
}

words! {
    /// What a product is for.
    model::Category = "category" {
        /// Product and web analytics, surveys.
        "analytics" => model::Category::Analytics,
        /// Shops, orders and stock.
        "commerce" => model::Category::Commerce,
        /// Chat, mail and telephony.
        "communication" => model::Category::Communication,
        /// Sites, files and media.
        "content" => model::Category::Content,
        /// Tables and databases that people keep.
        "databases" => model::Category::Databases,
        /// Source code, builds and incidents.
        "development" => model::Category::Development,
        /// Payments, billing and accounting.
        "finance" => model::Category::Finance,
        /// Advertisements, campaigns and mailing lists.
        "marketing" => model::Category::Marketing,
        /// Staff, hiring and payroll.
        "people" => model::Category::People,
        /// Projects, tasks and time.
        "projects" => model::Category::Projects,
        /// Customers, leads and deals.
        "sales" => model::Category::Sales,
        /// Help desks.
        "support" => model::Category::Support,
    }
}

record! {
    /// Who made the connector.
    Author = "author";
    /// A person or a company.
    name: required Line,
    /// Their site.
    url: optional Text<grammar::Url>,
}

record! {
    /// A banner on top of the page.
    Notice = "notice";
    /// How loud it is.
    level: required At<model::NoticeLevel>,
    /// What it says.
    text: required Markdown,
}

words! {
    /// How loud a notice is.
    model::NoticeLevel = "level" {
        /// Good to know.
        "info" => model::NoticeLevel::Info,
        /// Take care.
        "warning" => model::NoticeLevel::Warning,
        /// Something does not work.
        "error" => model::NoticeLevel::Error,
    }
}

record! {
    /// One step of the setup.
    Step = "step";
    /// Heading, in the imperative.
    title: required Line,
    /// Anchor of the step on the page; made from the title if it is left out.
    anchor: optional Text<grammar::Anchor>,
    /// What to do.
    text: required Markdown,
    /// The config fields whose values the user has after this step.
    fills: optional OneOrMany<Line>,
}

impl Step {
    /// Its anchor, as it is written or made from the title.
    pub(crate) fn anchored(&self) -> Option<String> {
        let made = || self.title.as_ref().map(|title| crate::anchors::step(&title.value));
        self.anchor.as_ref().map(|anchor| anchor.value.clone()).or_else(made)
    }
}

record! {
    /// A symptom and what helps.
    Trouble = "trouble";
    /// What the user sees.
    symptom: required Line,
    /// What helps.
    remedy: required Markdown,
}

record! {
    /// One entry of the changelog.
    Change = "change";
    /// The version that brought it.
    version: required Text<grammar::Version>,
    /// The day on which it came out.
    date: optional Text<grammar::Day>,
    /// What changed.
    text: required Markdown,
}

record! {
    /// What a user may select.
    Supports = "supports";
    /// Whether single streams may be chosen; default true.
    table_selection: optional At<bool>,
    /// Whether single columns may be chosen; default false.
    column_selection: optional At<bool>,
}

record! {
    /// When to run, and how far to reach back at first.
    Schedule = "schedule";
    /// Default time between two runs.
    frequency: optional Text<grammar::Duration>,
    /// How far before now the first run of an incremental stream starts. Without it the first run reads everything.
    historical: optional Text<grammar::Duration>,
    /// Whether runs may be anchored at a time of day.
    anchor: optional At<bool>,
}

record! {
    /// One field of the configuration.
    Config = "config_field";
    /// Type of its value.
    kind as "type": required At<ConfigTypeWord>,
    /// Label in the form; made from the name if it is left out.
    title: optional Line,
    /// What it is and where to find it.
    description: optional Markdown,
    /// Whether the value must never be shown; default false.
    secret: optional At<bool>,
    /// Whether it may be left out; default false.
    optional: optional At<bool>,
    /// The value if none is given; of the field's type. A secret has none.
    default: optional super::AnyValue,
    /// A value as a user might write it, shown in the form and in messages.
    example: optional Line,
    /// Regular expression that the whole value must match.
    pattern: optional Text<grammar::Pattern>,
    /// The values of an `enum`; only there.
    values: optional Vec<Line>,
}

/// The word for a config field's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ConfigTypeWord {
    String,
    Integer,
    Number,
    Boolean,
    Date,
    Timestamp,
    Url,
    Enum,
    List,
}

words! {
    /// Type of a config field.
    ConfigTypeWord = "type" {
        /// Text.
        "string" => ConfigTypeWord::String,
        /// A whole number.
        "integer" => ConfigTypeWord::Integer,
        /// A number.
        "number" => ConfigTypeWord::Number,
        /// `true` or `false`.
        "boolean" => ConfigTypeWord::Boolean,
        /// A day, `YYYY-MM-DD`.
        "date" => ConfigTypeWord::Date,
        /// A point in time, RFC 3339.
        "timestamp" => ConfigTypeWord::Timestamp,
        /// An `https:` or `http:` URL; a slash at its end is dropped.
        "url" => ConfigTypeWord::Url,
        /// One of `values`.
        "enum" => ConfigTypeWord::Enum,
        /// A list of texts.
        "list" => ConfigTypeWord::List,
    }
}

/// A whole number from 1 on.
pub(crate) type Positive = Whole<1>;
