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
mod job;
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
pub use job::*;
pub use pagination::*;
pub use replication::*;
pub use request::*;
pub use response::*;
pub use stream::*;

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
    pub check: Option<Check>,
    /// Hosts, beside the one of each request's `base_url`, to which credentials may go.
    pub allow_hosts: Vec<String>,
    /// Hosts to which redirects and results of jobs may lead, and that are told nothing.
    pub download_hosts: Vec<HostPattern>,
    /// The rate budgets that all streams share; all hold.
    pub rate_limit: Vec<RateLimit>,
    /// In the order of the file; a parent may stand after its children.
    pub streams: Vec<Stream>,
    /// Families of streams that only the API can tell; none when it has told them.
    pub dynamic: Vec<Dynamic>,
    /// The spec's file, from which streams are made when the API has told them.
    pub(crate) source: crate::Source,
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

    /// The stream whose bookmark says how far `stream` is read: a `changed_only` child hangs on its parent's.
    pub fn keyed_by<'a>(&'a self, stream: &'a Stream) -> &'a Stream {
        let mut keyed = stream;
        // No stream is its own ancestor.
        while let Some(parent) = keyed.parents().first().filter(|_| keyed.is_changed_only()) {
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
        let told = crate::check::discover(&self.source, found)?;
        let streams = self.streams.iter().cloned().chain(told).collect();
        Ok(Connector { streams, dynamic: Vec::new(), ..self.clone() })
    }

    /// The streams that are fetched for records of `parent`, in the order of the file.
    pub fn children_of<'a>(&'a self, parent: &'a str) -> impl Iterator<Item = &'a Stream> {
        self.streams.iter().filter(move |stream| stream.parents().iter().any(|name| name == parent))
    }
}
