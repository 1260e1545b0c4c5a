//! The recorded API, with an eye on what is sent to it.

use std::sync::{Mutex, PoisonError};

use futures_util::future::BoxFuture;
use tapwright_spec::Connector;
use tapwright_spec::expression::Scope;
use tapwright_spec::model::{Auth, KeyPlace, Scheme};
use url::Url;

use crate::http::{Miss, Recorded, Recording, Request, Response, Transport, TransportFault};

/// Plays a recording and notes the requests.
pub(super) struct Watched {
    recorded: Recorded,
    /// The origin that is left out of what is shown.
    home: Option<String>,
    /// Headers that carry credentials.
    keys: Vec<String>,
    sent: Mutex<Vec<String>>,
}

impl Watched {
    pub(super) fn new(recording: Recording, connector: &Connector, scope: &Scope) -> Watched {
        let home = home(connector, scope);
        Watched { recorded: Recorded::new(recording), home, keys: keys(&connector.auth), sent: Mutex::default() }
    }

    /// The requests in their order.
    pub(super) fn sent(&self) -> Vec<String> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What of the recording nobody asked for.
    pub(super) fn unused(&self) -> Vec<&str> {
        self.recorded.unused()
    }

    /// What was asked for and is not recorded.
    pub(super) fn misses(&self) -> Vec<Miss> {
        self.recorded.misses()
    }

    fn shown(&self, request: &Request) -> String {
        let whole = request.to_string();
        let url = request.url.as_str();
        let path = self.home.as_deref().and_then(|home| url.strip_prefix(home)).filter(|path| path.starts_with('/'));
        let mut shown = path.map_or_else(|| whole.clone(), |path| whole.replace(url, path));
        for name in &self.keys {
            if request.headers.get(name).is_some() {
                shown.push_str(&format!(" with {name}"));
            }
        }
        if let Some(body) = &request.body {
            shown.push_str(&format!(" and {}", String::from_utf8_lossy(body)));
        }
        shown
    }
}

/// The origin of the first stream's base URL, or of the first list of streams: requests need not say it.
pub(crate) fn home(connector: &Connector, scope: &Scope) -> Option<String> {
    let lists = connector.dynamic.iter().map(|family| &family.list);
    let base = connector.streams.iter().chain(lists).next()?.request.base_url.render(scope).ok()?;
    Some(base.parse::<Url>().ok()?.origin().ascii_serialization())
}

/// The headers that credentials fill.
fn keys(auth: &Auth) -> Vec<String> {
    let mut names = vec!["Authorization".to_owned()];
    let schemes: Vec<&Scheme> = match auth {
        Auth::Always(schemes) => schemes.iter().collect(),
        Auth::ByConfig { cases, .. } => cases.iter().flat_map(|(_, schemes)| schemes).collect(),
    };
    for scheme in schemes {
        if let Scheme::ApiKey { place: KeyPlace::Header(name), .. } = scheme
            && !names.iter().any(|known| known.eq_ignore_ascii_case(name))
        {
            names.push(name.clone());
        }
    }
    names
}

impl Transport for Watched {
    fn send<'a>(&'a self, request: &'a Request, most: u64) -> BoxFuture<'a, Result<Response, TransportFault>> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).push(self.shown(request));
        self.recorded.send(request, most)
    }
}
