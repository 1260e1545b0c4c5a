//! The checked model of a connector: what every other room reads and none but this crate can make.
//!
//! A [`Connector`] comes only out of [`crate::check`], so whatever holds one may trust it: names
//! resolve, keys are fields, expressions compile and read only what their place offers, `http:`
//! defaults are already merged into each stream.

use crate::expression::{Condition, Template};
use crate::path::Path;
use crate::time::{Duration, TimeFormat};

/// A checked connector. Only this crate constructs it.
#[derive(Debug, Clone)]
pub struct Connector {
    /// Identifier: lower case, digits, `_`; names the spec file, the pages and the tables' owner.
    pub name: String,
    /// What a person calls the product.
    pub title: String,
    /// The connector's own version, `MAJOR.MINOR.PATCH`.
    pub version: String,
    /// What becomes the page and changes nothing that a sync does.
    pub about: About,
    /// What a user may select; the engine obeys it and the page shows it.
    pub supports: Supports,
    /// Default frequency and default history.
    pub schedule: Schedule,
    /// What a user must give, in the order of the form.
    pub config: Vec<ConfigField>,
    /// How requests are authenticated.
    pub auth: Auth,
    /// The request that proves that the credentials work, if the spec names one.
    pub check: Option<Request>,
    /// Hosts, beside the one of each request's `base_url`, to which credentials may go.
    pub allow_hosts: Vec<String>,
    /// The rate budget that all streams share.
    pub rate_limit: Option<RateLimit>,
    /// In the order of the file; a parent may stand after its children.
    pub streams: Vec<Stream>,
    #[allow(dead_code, reason = "it is there so that nobody else can construct one")]
    pub(crate) sealed: Sealed,
}

/// Keeps [`Connector`] from being built outside this crate.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sealed;

impl Connector {
    /// The stream of this name.
    pub fn stream(&self, name: &str) -> Option<&Stream> {
        self.streams.iter().find(|stream| stream.name == name)
    }

    /// The streams that are fetched for each record of `parent`, in the order of the file.
    pub fn children_of<'a>(&'a self, parent: &'a str) -> impl Iterator<Item = &'a Stream> {
        self.streams.iter().filter(move |stream| stream.for_each.as_ref().is_some_and(|f| f.stream == parent))
    }
}

/// Texts and links for the page.
#[derive(Debug, Clone, Default)]
pub struct About {
    /// One sentence: what data this connector brings.
    pub summary: String,
    /// A paragraph or more about the product, Markdown.
    pub description: Option<String>,
    /// How mature the connector is.
    pub status: Status,
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

/// How requests are authenticated.
#[derive(Debug, Clone)]
pub enum Auth {
    /// No credentials.
    None,
    /// HTTP Basic.
    Basic {
        /// User name.
        username: Template,
        /// Password; may be empty.
        password: Template,
    },
    /// `Authorization: Bearer …`.
    Bearer {
        /// The token.
        token: Template,
    },
    /// A key in a header or in the query.
    ApiKey {
        /// Where the key goes.
        place: KeyPlace,
        /// The key.
        value: Template,
    },
    /// OAuth 1.0a (RFC 5849), one legged or with a token at hand.
    OAuth1 {
        /// Consumer key.
        consumer_key: Template,
        /// Consumer secret.
        consumer_secret: Template,
        /// Access token.
        token: Template,
        /// Secret of the access token.
        token_secret: Template,
        /// How to sign.
        signature: Signature,
    },
}

/// Where an API key goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyPlace {
    /// In this header.
    Header(String),
    /// In this query parameter.
    Query(String),
}

/// How OAuth 1.0a signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Signature {
    /// RFC 5849 section 3.4.2.
    #[default]
    HmacSha1,
    /// RFC 5849 section 3.4.4.
    Plaintext,
}

/// One request, as far as the spec says it.
#[derive(Debug, Clone)]
pub struct Request {
    /// `GET` or `POST`.
    pub method: Method,
    /// Scheme, host and prefix of the path, without a trailing slash.
    pub base_url: Template,
    /// Path with a leading slash, or an absolute URL.
    pub path: Template,
    /// Query parameters, in order; a list repeats the name.
    pub params: Vec<Param>,
    /// Headers, in order.
    pub headers: Vec<(String, Template)>,
    /// Body of a POST.
    pub body: Option<Body>,
}

/// HTTP method of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// `GET`
    Get,
    /// `POST`
    Post,
}

/// A query parameter.
#[derive(Debug, Clone)]
pub struct Param {
    /// Its name, unescaped.
    pub name: String,
    /// One value for each time it is sent.
    pub values: Vec<Template>,
}

/// Body of a request.
#[derive(Debug, Clone)]
pub enum Body {
    /// `application/json`: a tree whose text leaves may be templates.
    Json(JsonTemplate),
}

/// A JSON tree whose texts are templates.
#[derive(Debug, Clone)]
pub enum JsonTemplate {
    /// A null, boolean or number, as written.
    Fixed(serde_json::Value),
    /// A text, perhaps computed; it stays a text.
    Text(Template),
    /// A list.
    List(Vec<JsonTemplate>),
    /// An object, in order.
    Object(Vec<(String, JsonTemplate)>),
}

/// One stream: a list of records with its table.
#[derive(Debug, Clone)]
pub struct Stream {
    /// Name; the table is named after it.
    pub name: String,
    /// Heading on the page; the name if the spec gives none.
    pub title: String,
    /// What a record is.
    pub description: String,
    /// Where the API documents it.
    pub link: Option<String>,
    /// What a reader should know, Markdown.
    pub notes: Option<String>,
    /// What the credentials must be allowed to read, in the API's words.
    pub permission: Option<String>,
    /// The request for the first page.
    pub request: Request,
    /// Where the records stand in an answer.
    pub records: Records,
    /// How to come to the next page.
    pub pagination: Pagination,
    /// Field names that identify a record, in order; empty: rows are appended.
    pub primary_key: Vec<String>,
    /// How a run goes on where the last one ended.
    pub replication: Replication,
    /// The stream for each of whose records this one is fetched.
    pub for_each: Option<ForEach>,
    /// Fields computed for each record, in order.
    pub add: Vec<(String, Template)>,
    /// Only records for which this holds are kept.
    pub keep_if: Option<Condition>,
    /// The columns, in order, with those that `add` gives.
    pub fields: Vec<Field>,
    /// What to do on which answer; the first rule that matches decides.
    pub on_response: Vec<Rule>,
    /// Bounds of a request and a walk.
    pub limits: Limits,
}

impl Stream {
    /// The field of this name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// Whether the bookmark may move after each page: records ascend by the key, and none can slide from a
    /// page that is to come onto one that was read. Where pages are counted, by us or by the links of the
    /// API, a record that changes meanwhile makes the others move up; and one parent's children say nothing of
    /// another's.
    pub fn moves_bookmark_by_page(&self) -> bool {
        let ascends =
            matches!(&self.replication, Replication::Incremental(Incremental { order: Order::Ascending, .. }));
        let anchored = self.pagination.restart_after.is_some_and(|restart| restart.pages == 1)
            || matches!(self.pagination.next, Next::Single | Next::Cursor { .. });
        ascends && anchored && self.for_each.is_none()
    }

    /// Whether a list or an object is among the fields: its rows spread over child tables or prefixed columns.
    pub fn has_nested(&self) -> bool {
        self.fields.iter().any(|field| matches!(field.kind, FieldType::List(_) | FieldType::Object(_)))
    }
}

/// Where the records stand in an answer's body.
#[derive(Debug, Clone)]
pub struct Records {
    /// Path to the records: `$.entries[*]`, or `$.issue` for a single one.
    pub path: Path,
}

/// For each record of which stream.
#[derive(Debug, Clone)]
pub struct ForEach {
    /// Name of the parent stream.
    pub stream: String,
    /// Only for parents that the run's incremental read of the parent returned.
    pub changed_only: bool,
    /// The parent's fields that this stream's expressions read (`parent.NAME`), without repeats.
    pub reads: Vec<String>,
}

/// How to come to the next page.
#[derive(Debug, Clone)]
pub struct Pagination {
    /// What leads on.
    pub next: Next,
    /// How many records to ask for.
    pub size: Option<PageSize>,
    /// What ends the walk, beside what `next` itself says.
    pub stop: Vec<Stop>,
    /// Where the answer says how many records there are in all.
    pub total: Option<Path>,
    /// Stop after so many pages, with the verdict `bounded`.
    pub max_pages: Option<u64>,
    /// Begin a new walk from the last replication key after some pages.
    pub restart_after: Option<RestartAfter>,
}

/// What leads to the next page.
#[derive(Debug, Clone)]
pub enum Next {
    /// One page is all.
    Single,
    /// A URL in the body: absolute, relative to the host (`/…`) or to the request. Null or absent ends the walk.
    NextUrl {
        /// Where it stands.
        path: Path,
    },
    /// The `Link` header (RFC 8288) with `rel="next"`; its absence ends the walk.
    LinkHeader,
    /// A page number in the query.
    PageNumber {
        /// Parameter.
        param: String,
        /// Number of the first page.
        first: i64,
    },
    /// An offset in the query, moved on by the number of records that came.
    Offset {
        /// Parameter of the offset.
        param: String,
        /// First offset, 0 if not said.
        first: i64,
    },
    /// A token in the body that goes into the query of the next request. Null, absent or "" ends the walk.
    Cursor {
        /// Where it stands.
        path: Path,
        /// Parameter that carries it.
        param: String,
    },
}

/// How many records a page should hold.
#[derive(Debug, Clone)]
pub struct PageSize {
    /// Query parameter.
    pub param: String,
    /// Records per page.
    pub value: u64,
}

/// A positive sign that a walk is at its end.
#[derive(Debug, Clone)]
pub enum Stop {
    /// A page with no record.
    EmptyPage,
    /// A page with fewer records than `size`.
    ShortPage,
    /// As many records as `total` says were read.
    Total,
    /// This condition holds (names: `config`, `response`, `page`).
    When(Condition),
}

/// Begin a new walk from the last replication key after some pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RestartAfter {
    /// As soon as this many pages were read and the key has moved on.
    pub pages: u64,
}

/// How a run goes on where the last one ended.
#[derive(Debug, Clone)]
pub enum Replication {
    /// Everything, every time; the table is replaced when the read is complete.
    FullTable,
    /// What changed since the bookmark.
    Incremental(Incremental),
}

/// Key-based incremental replication.
#[derive(Debug, Clone)]
pub struct Incremental {
    /// Name of the field whose greatest value is the bookmark. Its type is timestamp, date, integer or string.
    pub key: String,
    /// How the bookmark reaches the API; `None` when an expression (`since`) sends it, or when the
    /// stream is `changed_only` and the parent's walk decides.
    pub since: Option<Since>,
    /// How `since` is written, also for expressions.
    pub format: TimeFormat,
    /// Order in which the API gives records by the key.
    pub order: Order,
    /// How far before the bookmark a run begins again.
    pub lookback: Option<Duration>,
}

/// A query parameter that carries the bookmark.
#[derive(Debug, Clone)]
pub struct Since {
    /// Its name.
    pub param: String,
    /// Put before the value, as in Redmine's `>=2026-01-01T00:00:00Z`.
    pub prefix: String,
}

/// Order of records by the replication key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// Oldest first: the bookmark may advance page by page.
    Ascending,
    /// None that we may rely on: the bookmark advances at the end.
    #[default]
    None,
}

/// A column.
#[derive(Debug, Clone)]
pub struct Field {
    /// Name of the column.
    pub name: String,
    /// Label on the page; the name if the spec gives none.
    pub title: String,
    /// What it says.
    pub description: Option<String>,
    /// Type.
    pub kind: FieldType,
    /// Where the value stands in the record; `None`: under the field's own name.
    pub from: Option<Path>,
    /// What part of the value is taken.
    pub take: Option<Take>,
    /// Whether the value comes from `add`.
    pub added: bool,
    /// The stream whose primary key this field holds.
    pub references: Option<String>,
    /// The values that occur, if they are few.
    pub values: Vec<String>,
    /// A value as it might be.
    pub example: Option<String>,
    /// How a timestamp or date is written in the record.
    pub format: TimeFormat,
}

/// Type of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldType {
    /// Text.
    String,
    /// 64-bit integer; anything that does not fit is set aside, never rounded.
    Integer,
    /// Double.
    Number,
    /// Exact decimal, kept as text where the destination has no decimals.
    Decimal,
    /// Boolean.
    Boolean,
    /// Instant; stored in UTC.
    Timestamp,
    /// Day.
    Date,
    /// Time of day.
    Time,
    /// Whatever stands there, as JSON text.
    Json,
    /// A list: a child table.
    List(Box<FieldType>),
    /// An object, flattened into prefixed columns. `None`: its keys are the site's own and become
    /// columns as they are seen.
    Object(Option<Vec<Member>>),
}

/// A member of an object type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Key in the object.
    pub name: String,
    /// Type.
    pub kind: FieldType,
    /// What it says.
    pub description: Option<String>,
}

/// What part of a value is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Take {
    /// What stands after the last `/`, as in `/api/v2/customers/17`; null stays null.
    LastSegment,
}

/// What to do on which answer.
#[derive(Debug, Clone)]
pub struct Rule {
    /// All of these must hold.
    pub when: Match,
    /// What to do.
    pub action: Action,
    /// Said to the user, with the stream's name.
    pub message: Option<Template>,
}

/// What an answer must look like. Every part that is given must hold; one part is given at least.
#[derive(Debug, Clone, Default)]
pub struct Match {
    /// One of these statuses.
    pub status: Vec<StatusRange>,
    /// This header is present and, if a text is given, contains it.
    pub header: Option<(String, Option<String>)>,
    /// This path is present in the JSON body and not null.
    pub body: Option<Path>,
    /// The body contains this text.
    pub text: Option<String>,
    /// This condition holds (names: `config`, `response`, `page`).
    pub condition: Option<Condition>,
}

/// A status or a class of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatusRange {
    /// First status.
    pub from: u16,
    /// Last status.
    pub to: u16,
}

/// What to do on an answer.
#[derive(Debug, Clone)]
pub enum Action {
    /// Send again, with backoff.
    Retry,
    /// Wait, then send again.
    Wait {
        /// Renders to a duration in words (`30 seconds`).
        how_long: Template,
    },
    /// Take it for a page without records and go on (for a child: with the next parent).
    Skip,
    /// The walk is at its end.
    Stop,
    /// The stream fails.
    Fail,
}

/// A rate budget.
#[derive(Debug, Clone)]
pub struct RateLimit {
    /// So many requests …
    pub requests: u32,
    /// … in this time.
    pub per: Duration,
    /// Header that says how many requests are left in the window.
    pub remaining: Option<String>,
    /// Header that says when the window ends: seconds from now, or a unix time.
    pub reset: Option<String>,
}

/// Bounds of a request and a walk. Reaching one is a named error.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Total time of one request, body included.
    pub timeout: std::time::Duration,
    /// Bytes of a body as sent.
    pub body_bytes: u64,
    /// Bytes of a body after decompression.
    pub decompressed_bytes: u64,
    /// Redirects followed for one request.
    pub redirects: u32,
    /// Tries of one request, the first included.
    pub tries: u32,
    /// Requests of this stream under way at once, for different parents.
    pub concurrency: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            timeout: std::time::Duration::from_secs(120),
            body_bytes: 64 << 20,
            decompressed_bytes: 256 << 20,
            redirects: 5,
            tries: 6,
            concurrency: 4,
        }
    }
}

impl std::fmt::Display for FieldType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            FieldType::String => "string",
            FieldType::Integer => "integer",
            FieldType::Number => "number",
            FieldType::Decimal => "decimal",
            FieldType::Boolean => "boolean",
            FieldType::Timestamp => "timestamp",
            FieldType::Date => "date",
            FieldType::Time => "time",
            FieldType::Json => "json",
            FieldType::Object(_) => "object",
            FieldType::List(inner) => return write!(f, "list of {inner}"),
        })
    }
}
