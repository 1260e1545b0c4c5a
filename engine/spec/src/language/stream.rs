//! Streams, and how they are replicated.

use super::answer::{FormatForm, RecordsForm};
use super::body::{BODIES, Entry, GraphQlForm, JsonTree};
use super::change::{FlattenForm, SplitForm};
use super::compression::CompressionForm;
use super::deletion::DeletedForm;
use super::endpoint::Endpoint;
use super::field_list::FieldList;
use super::for_each::ForEachForm;
use super::http::Limits;
use super::job::Job;
use super::pagination::PaginationForm;
use super::rate::StreamRate;
use super::replication::ReplicationForm;
use super::response::Rule;
use crate::grammar::{self, At, Map, OneOrMany, Text, record};
use crate::model;

type Line = Text<grammar::Plain>;
type Markdown = Text<grammar::Markdown>;
type Template = Text<grammar::Template>;

record! {
    /// A list of records that becomes a table. What it does not say, `http:` says for it.
    Stream = "stream", ExactlyOne of &["endpoint", "routed_from"], AtMostOne of &BODIES;
    /// Heading on the page; made from the name if it is left out.
    title: optional Line,
    /// What a record is.
    description: required Markdown,
    /// Where the API documents it.
    link: optional Text<grammar::Url>,
    /// What a reader of the table should know.
    notes: optional Markdown,
    /// What the credentials must be allowed to read, in the API's words.
    permission: optional Line,
    /// What the API must prepare before there is something to read, such as a report or a bulk query.
    job: optional Job,
    /// Method and path: `GET /users`, `POST /search`; of a job's download `GET {{ job.result }}`.
    endpoint: optional Endpoint,
    /// In place of requests of its own: the stream whose hooks send records here. It is read when that stream is, and goes
    /// on where that stream does.
    routed_from: optional Line,
    /// Another scheme, host and prefix than `http.base_url`. A host that an answer tells, as in
    /// `https://{{ parent.site }}/api`, must be that of `http.base_url` or one of `allow_hosts`.
    base_url: optional Template,
    /// Query parameters, beside those of `http`; a list repeats the name, a mapping goes as JSON.
    params: optional Map<Entry>,
    /// Headers, beside those of `http`.
    headers: optional Map<Text<grammar::Sendable>>,
    /// JSON body of a `POST`; each text in it is a template. One expression alone keeps its type:
    /// `limit: "{{ config.limit }}"` is a number if the field is one.
    body: optional JsonTree,
    /// Body of a `POST` as HTML forms send it (`application/x-www-form-urlencoded`); a list repeats the name, a
    /// mapping goes as JSON.
    form: optional Map<Entry>,
    /// Body of a `POST` as it is written: `text/plain`, or what the header `Content-Type` says.
    text: optional Text<grammar::Sendable>,
    /// Query in GraphQL, the body of a `POST`: the query alone, or a mapping.
    graphql: optional GraphQlForm,
    /// How an answer's body is written, other than `http` says.
    format: optional FormatForm,
    /// In what an answer's body is packed, other than `http` says.
    compression: optional CompressionForm,
    /// Path to the records in an answer, such as `$.items[*]`; to a single record, such as `$.item`; or a mapping
    /// for records that stand in an object under keys of their own.
    records: optional RecordsForm,
    /// How to come to the next page.
    pagination: optional PaginationForm,
    /// The field, or the fields in order, that identify a record. Without it a full table has a row for each record that
    /// came; other streams need `append_only`.
    primary_key: optional OneOrMany<Line>,
    /// Path to the mark of a record that is deleted at the source, such as `$.deleted_at`, or a mapping: its row stays
    /// and is marked. Without it nothing in a record means that it is deleted.
    deleted: optional DeletedForm,
    /// How a run goes on where the last one ended; default `full_table`.
    replication: optional ReplicationForm,
    /// For what the requests are made again and again: the name of a stream, for each of its records, whose fields
    /// expressions read as `parent.NAME`; a mapping; or a list of such, for every combination.
    for_each: optional ForEachForm,
    /// Hooks that change its records: a name, or several in their order. They get the records as the API tells them,
    /// before anything else here looks at them; pages, bookmarks of a feed and `for_each` of other streams go by what the
    /// API told. What a hook tells of the columns that it gives need not be declared; what a key names and `add` gives
    /// stands under `fields`.
    hooks: optional OneOrMany<Line>,
    /// Path to a list in a record, such as `$.lines[*]`: each of its elements becomes a record, in place of the one
    /// around it.
    split: optional SplitForm,
    /// Only records for which this holds are kept. That one is `deleted` is never left out: see there.
    keep_if: optional Text<grammar::Condition>,
    /// Objects whose members come up in their place, as `address_city`: a name, several, or names with rules.
    flatten: optional FlattenForm,
    /// Members that are left out, after `flatten`.
    remove: optional OneOrMany<Line>,
    /// Members that get another name, after `remove`: `{new_name: old_name}`.
    rename: optional Map<Line>,
    /// Fields that are computed, from the record as `flatten`, `remove` and `rename` leave it; their types stand under
    /// `fields`.
    add: optional Map<Template>,
    /// The columns, by name: a type alone, or a mapping. They are read last: from the record as it is after `hooks`, `split`,
    /// `keep_if`, `flatten`, `remove`, `rename` and `add`. Left out, every member of a record becomes a column, typed
    /// by its values.
    fields: optional FieldList,
    /// What becomes of members of a record that no field reads; default `drop`, and without `fields` `add`.
    unlisted: optional At<model::Unlisted>,
    /// What becomes of what the tables cannot take as they are: a member or field that needs a new column, a value of
    /// another type. Default: what `http` says, else `evolve`. What `unlisted` leaves out needs no column.
    schema_changes: optional At<model::SchemaPolicy>,
    /// A rate budget that the API keeps for this stream's requests, beside those of `http`; several; or the name of the
    /// stream whose own ones it shares.
    rate_limit: optional StreamRate,
    /// Rules that come before those of `http`.
    on_response: optional Vec<Rule>,
    /// Bounds, beside those of `http`.
    limits: optional Limits,
}

impl Stream {
    /// The names of the columns, unless they could not be read: what names one can be checked against them.
    pub(crate) fn known_fields(&self) -> Option<Vec<&str>> {
        match &self.fields {
            Some(fields) => Some(fields.names().collect()),
            None if self.said("fields").is_some() => None,
            None => Some(Vec::new()),
        }
    }
}
