//! The language: every construct with its keys, as an author writes it. The doc comments are the
//! reference page and the descriptions in the JSON Schema.

mod about;
mod answer;
mod auth;
mod body;
mod carrier;
mod change;
mod compression;
mod deletion;
mod dynamic;
mod endpoint;
mod field;
mod field_list;
mod for_each;
mod hook;
mod http;
mod job;
mod load_mode;
mod pagination;
mod rate;
mod replication;
mod response;
mod stream;

pub(crate) use about::{About, Change, Config, ConfigTypeWord, Positive, Schedule, Supports};
pub(crate) use answer::RecordsForm;
pub(crate) use auth::{
    ApiKey, Auth, AuthByConfig, AuthChoice, AuthForms, GrantWord, Hmac, Jwt, KeepForm, Login, OAuth2, SendTokens,
    Session,
};
pub(crate) use body::{BODIES, Entry, GraphQl, JsonTree};
pub(crate) use carrier::Carried;
pub(crate) use change::FlattenRule;
pub(crate) use dynamic::{Dynamic, ToldFields};
pub(crate) use endpoint::{Check, CheckForm, Endpoint};
pub(crate) use field::{FIELD_TYPES, FieldForm, FieldSpec, FieldTypeText};
pub(crate) use field_list::FieldList;
pub(crate) use for_each::{Each, ForEachForm};
pub(crate) use hook::{Hook, HookForm};
pub(crate) use http::{Http, Limits};
pub(crate) use job::{Job, JobRequest, JobRequestForm};
pub(crate) use pagination::{Pagination, PaginationForm, StopForm, TotalForm};
pub(crate) use rate::{RateLimit, StreamRate, Teller};
pub(crate) use replication::{FeedToken, Method, Replication, ReplicationForm, SinceForm, ToldType};
pub(crate) use response::{Do, Rule, When};
pub(crate) use stream::Stream;

use crate::diagnostic::Diagnostic;
use crate::grammar::{self, At, Map, Read, Reader, Shape, Text, record};
use crate::model;
use crate::tree::Node;

record! {
    /// One file is one connector: an API, how to read it, and what a reader of its page should know.
    Spec = "spec";
    /// The version of this language. There is only `1`.
    tapwright: required LanguageVersion,
    /// Identifier of the connector; the file is called after it.
    name: required Text<grammar::Name>,
    /// What people call the product.
    title: required Text<grammar::Plain>,
    /// Version of the connector, `MAJOR.MINOR.PATCH`.
    version: required Text<grammar::Version>,
    /// Texts and links for the page. Nothing in it changes what a sync does.
    about: required About,
    /// What a user may select. The engine obeys it and the page shows it.
    supports: optional Supports,
    /// How records become rows; default `stitch`. `--load-mode` goes over it.
    load_mode: optional At<model::LoadMode>,
    /// How often to run by default, and how far the first run reaches back.
    schedule: optional Schedule,
    /// What a user must give before a sync can run, in the order of the form.
    config: optional Map<Config>,
    /// How requests are authenticated: `none`, one of the forms, several together, or as a config field says.
    auth: required AuthChoice,
    /// The request that proves that the credentials work: `GET /path`, or a mapping.
    check: optional CheckForm,
    /// What holds for every stream. A stream overrides it key by key.
    http: required Http,
    /// WebAssembly components for what the language cannot say, by name: the file, or a mapping. Streams name the hooks
    /// that change their records under `hooks`; `auth` names one that signs requests, `pagination` one that chooses the
    /// next page, and `for_each` one that cuts a stream into slices.
    hooks: optional Map<HookForm>,
    /// The streams, by name; each becomes a table of that name.
    streams: required Map<Stream>,
    /// Families of streams that only the API can tell, such as the custom objects of an account, by the name of the
    /// family. At the beginning of a run they are asked for; each becomes a stream like those under `streams`.
    dynamic_streams: optional Map<Dynamic>,
}

/// `tapwright: 1`
#[derive(Debug, Clone)]
pub(crate) struct LanguageVersion {
    /// The fault of a file that is written in a later version: the only one that can be told of it.
    pub(crate) newer: Option<Diagnostic>,
}

impl Read for LanguageVersion {
    fn shape() -> Shape {
        Shape::Words(vec![("1", "the language that this page describes".to_owned())])
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let text = reader.text(node, "the version of the language, `1`,")?;
        if text == "1" {
            return Some(LanguageVersion { newer: None });
        }
        let fault = Diagnostic::new(
            format!("this program reads version 1 of the language, the file says `{text}`"),
            node.place.clone(),
        );
        match text.parse::<u32>() {
            Ok(newer) if newer > 1 => {
                Some(LanguageVersion { newer: Some(fault.help("a newer tapwright is needed to read this file")) })
            }
            _ => {
                reader.fault(fault.help("write `tapwright: 1`"));
                None
            }
        }
    }
}

/// A value that is typed by what another key says.
#[derive(Debug, Clone)]
pub(crate) struct AnyValue(pub(crate) Node);

impl Read for AnyValue {
    fn shape() -> Shape {
        Shape::Any
    }

    fn read(node: &Node, _: &mut Reader<'_>) -> Option<Self> {
        Some(AnyValue(node.clone()))
    }
}
