//! The checked model of a connector: what every other room reads and none but this crate can make.
//!
//! A [`Connector`] comes only out of [`crate::check`], so whatever holds one may trust it: names
//! resolve, keys are fields, expressions compile and read only what their place offers, `http:`
//! defaults are already merged into each stream.

mod about;
mod auth;
mod change;
mod compression;
mod deletion;
mod dynamic;
mod field;
mod for_each;
mod hook;
mod job;
mod load_mode;
mod pagination;
mod replication;
mod request;
mod response;
mod stream;

pub use about::*;
pub use auth::*;
pub use change::*;
pub use compression::*;
pub use deletion::*;
pub use dynamic::*;
pub use field::*;
pub use for_each::*;
pub use hook::*;
pub use job::*;
pub use load_mode::*;
pub use pagination::*;
pub use replication::*;
pub use request::*;
pub use response::*;
pub use stream::*;

use serde::{Deserialize, Serialize};

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
    /// How records become rows; each stream says it too.
    pub load_mode: LoadMode,
    /// Default frequency and default history.
    pub schedule: Schedule,
    /// What a user must give, in the order of the form.
    pub config: Vec<ConfigField>,
    /// How requests are authenticated.
    pub auth: Auth,
    /// The request that proves that the credentials work, if the spec names one.
    pub check: Option<Check>,
    /// Hosts, beside the one of each request's `base_url`, to which credentials may go.
    pub allow_hosts: Vec<String>,
    /// Hosts to which redirects and results of jobs may lead, and that are told nothing.
    pub download_hosts: Vec<HostPattern>,
    /// The rate budgets, of all streams and of some; all hold.
    pub rate_limit: Vec<RateLimit>,
    /// Code for what the language cannot say, in the order of the file.
    pub hooks: Vec<Hook>,
    /// In the order of the file; a parent may stand after its children.
    pub streams: Vec<Stream>,
    /// Families of streams that only the API can tell; none when it has told them.
    pub dynamic: Vec<Dynamic>,
    /// What was told beside the spec: by the API, and by the components of hooks.
    pub(crate) told: Beside,
    /// The spec's file, from which a connector is made anew when more is told.
    pub(crate) source: crate::Source,
    #[allow(dead_code, reason = "it is there so that nobody else can construct one")]
    pub(crate) sealed: Sealed,
}

/// What is told of a connector beside its spec.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Beside {
    /// Streams, by the API.
    pub(crate) found: Vec<Found>,
    /// What hooks do, by their components.
    pub(crate) loaded: Loaded,
    /// How records become rows, by a user who loads them; it is said of one load, and not kept.
    #[serde(skip)]
    pub(crate) load_mode: Option<LoadMode>,
}

/// Keeps [`Connector`] from being built outside this crate.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sealed;

impl Connector {
    /// The stream of this name.
    pub fn stream(&self, name: &str) -> Option<&Stream> {
        self.streams.iter().find(|stream| stream.name == name)
    }

    /// The hook of this name.
    pub fn hook(&self, name: &str) -> Option<&Hook> {
        self.hooks.iter().find(|hook| hook.name == name)
    }

    /// The hooks that sign requests, choose pages and cut slices, once for each place of the spec.
    pub fn named_hooks(&self) -> Vec<(&NamedHook, HookWork)> {
        let signing = self.auth.schemes().into_iter().filter_map(Scheme::hook).map(|hook| (hook, HookWork::Sign));
        let families = self.dynamic.iter().flat_map(Dynamic::streams);
        let of_streams = self.streams.iter().chain(families).flat_map(|stream| {
            let paging = stream.pagination.hook().map(|hook| (hook, HookWork::Paginate));
            let cutting = stream.for_each.as_ref().and_then(ForEach::hook);
            paging.into_iter().chain(cutting.map(|(hook, _)| (hook, HookWork::Slices)))
        });
        let mut named: Vec<(&NamedHook, HookWork)> = Vec::new();
        for one in signing.chain(of_streams) {
            if !named.contains(&one) {
                named.push(one);
            }
        }
        named
    }

    /// The spec's file.
    pub fn source(&self) -> &crate::Source {
        &self.source
    }

    /// The stream whose bookmark says how far `stream` is read: a `changed_only` child hangs on its parent's, a stream to
    /// which hooks send records on theirs.
    pub fn keyed_by<'a>(&'a self, stream: &'a Stream) -> &'a Stream {
        let mut keyed = stream;
        // No stream is its own ancestor.
        while let Some(parent) = keyed.hangs_on() {
            match self.stream(parent) {
                Some(parent) => keyed = parent,
                None => break,
            }
        }
        keyed
    }

    /// The connector with the streams that the API has told.
    ///
    /// # Errors
    /// Every fault of these streams, at the place of their family.
    pub fn discover(&self, found: &[Found]) -> Result<Connector, crate::Diagnostics> {
        let told = Beside { found: found.to_vec(), ..self.told.clone() };
        let checked = crate::check::check_beside(&self.source, told)?;
        let told = checked.streams.into_iter().filter(|stream| self.stream(&stream.name).is_none());
        let streams = self.streams.iter().cloned().chain(told).collect();
        Ok(Connector { streams, dynamic: Vec::new(), told: checked.told, ..self.clone() })
    }

    /// The connector with what the components of its hooks say: their columns among the fields of the streams that use
    /// them.
    ///
    /// # Errors
    /// Every fault of these columns, at the place where the stream names the hook.
    pub fn hooked(&self, loaded: Loaded) -> Result<Connector, crate::Diagnostics> {
        let told = Beside { loaded, ..self.told.clone() };
        let checked = crate::check::check_beside(&self.source, told)?;
        // The rest stays as it is: whoever holds the connector may have changed how it is read.
        let with = |stream: &Stream, known: Option<&Stream>| match known {
            Some(known) => Stream {
                fields: known.fields.clone(),
                unlisted: known.unlisted,
                hooks: known.hooks.clone(),
                ..stream.clone()
            },
            None => stream.clone(),
        };
        let streams = self.streams.iter().map(|stream| with(stream, checked.stream(&stream.name))).collect();
        let family = |family: &Dynamic| {
            let known = checked.dynamic.iter().find(|known| known.name == family.name);
            Dynamic { pattern: with(&family.pattern, known.map(|known| &known.pattern)), ..family.clone() }
        };
        let dynamic = self.dynamic.iter().map(family).collect();
        Ok(Connector { streams, dynamic, hooks: checked.hooks, told: checked.told, ..self.clone() })
    }

    /// The connector with its records loaded in this mode, whatever the spec says.
    ///
    /// # Errors
    /// What of the spec cannot be loaded so.
    pub fn in_load_mode(&self, mode: LoadMode) -> Result<Connector, crate::Diagnostics> {
        let told = Beside { load_mode: Some(mode), ..self.told.clone() };
        crate::check::check_beside(&self.source, told)
    }

    /// The streams to which hooks of `stream` send records, in the order of the file.
    pub fn routed_from<'a>(&'a self, stream: &'a str) -> impl Iterator<Item = &'a Stream> {
        self.streams.iter().filter(move |routed| routed.routed_from.as_deref() == Some(stream))
    }

    /// The streams that are fetched for records of `parent`, in the order of the file.
    pub fn children_of<'a>(&'a self, parent: &'a str) -> impl Iterator<Item = &'a Stream> {
        self.streams.iter().filter(move |stream| stream.parents().iter().any(|name| name == parent))
    }
}
