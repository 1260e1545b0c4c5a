//! What holds for every stream: base URL, headers, budget, bounds.

use super::about::Positive;
use super::answer::{FormatForm, RecordsForm};
use super::body::Entry;
use super::compression::CompressionForm;
use super::pagination::PaginationForm;
use super::rate::RateLimit;
use super::response::Rule;
use crate::grammar::{self, At, Map, OneOrMany, Text, Whole, record};
use crate::model;

type Template = Text<grammar::Template>;
type Duration = Text<grammar::Duration>;

record! {
    /// What holds for every stream. A stream that says the same key overrides it; of `headers`, `params`,
    /// `pagination` and `limits` it overrides single entries.
    Http = "http";
    /// Scheme, host and the part of the path that all endpoints share.
    base_url: required Template,
    /// Headers of every request.
    headers: optional Map<Text<grammar::Sendable>>,
    /// Query parameters of every request; a list repeats the name, a mapping goes as JSON.
    params: optional Map<Entry>,
    /// How an answer's body is written; default `json`.
    format: optional FormatForm,
    /// In what an answer's body is packed, where it is a file; default `none`. What HTTP packs by itself
    /// (`Content-Encoding`) needs no word. Errors may come unpacked.
    compression: optional CompressionForm,
    /// Path to the records in an answer, such as `$.items[*]`, or a mapping for records under keys of their own.
    records: optional RecordsForm,
    /// How to come to the next page.
    pagination: optional PaginationForm,
    /// How many requests the API allows in which time, for all streams together; of several budgets all hold.
    rate_limit: optional OneOrMany<RateLimit>,
    /// What to do on which answer. The first rule that matches decides; without one, 429 and 5xx are sent
    /// again with backoff, other failures fail the stream.
    on_response: optional Vec<Rule>,
    /// What becomes of members of a record that no field reads, for the streams that have fields; default `drop`.
    unlisted: optional At<model::Unlisted>,
    /// What becomes of what the tables cannot take as they are; default `evolve`.
    schema_changes: optional At<model::SchemaPolicy>,
    /// Hosts to which credentials may go, beside the one of `base_url`. What an answer tells, such as the URL of the
    /// next page or a host in a stream's `base_url`, leads to these alone.
    allow_hosts: optional Vec<Text<grammar::Host>>,
    /// Hosts to which a redirect or the result of a job may lead beside those; `*.example.com` means all below it.
    /// They are sent neither credentials nor the spec's `params` and `headers`: such an address is its own key, so
    /// that of a job is shown without its query. A redirect to any other host is an error, since what a stranger
    /// answers may be less than the whole.
    download_hosts: optional Vec<Text<grammar::HostPattern>>,
    /// Bounds. Reaching one is an error that names it.
    limits: optional Limits,
}

record! {
    /// Bounds of one request and of the walk.
    Limits = "limits";
    /// Total time of one request, body included; default `2 minutes`.
    timeout: optional Duration,
    /// Bytes of a body as it is sent; default `64 MiB`.
    body: optional Text<grammar::Size>,
    /// Bytes of a body after decompression; default `256 MiB`.
    decompressed: optional Text<grammar::Size>,
    /// Redirects that are followed for one request; default 5.
    redirects: optional Whole<0>,
    /// How often one request is sent before the stream fails; default 6.
    tries: optional Positive,
    /// Requests for different parents that are under way at once; default 4. Where the API answers 429, or 503 with
    /// `Retry-After`, half as many requests go to its host at once, and one more after as many good answers.
    concurrency: optional Positive,
    /// How much of the rate budget one request takes; default 1. Where answers tell it (`cost`), what must be left for it.
    weight: optional Positive,
}
