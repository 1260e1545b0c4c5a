//! A transport that sends everything to one place on this machine, whatever host it is for.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use url::{Host, Url};

use super::{Request, Response, Transport, TransportFault};

/// Sends all requests to a mock API: scheme, host and port are its, the path and all else stay.
pub struct Rerouted {
    inner: Arc<dyn Transport>,
    to: Url,
}

impl Rerouted {
    /// Sends to `to` over `inner`.
    ///
    /// # Errors
    /// `to` is not an address of this machine: nobody else may get what is meant for an API.
    pub fn new(inner: Arc<dyn Transport>, to: &str) -> Result<Rerouted, String> {
        let wrong = || format!("`{to}` is no mock API on this machine; write http://127.0.0.1:PORT");
        let url: Url = to.parse().map_err(|_| wrong())?;
        let is_here = match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        if is_here && url.scheme() == "http" { Ok(Rerouted { inner, to: url }) } else { Err(wrong()) }
    }

    fn rerouted(&self, request: &Request) -> Request {
        let mut request = request.clone();
        let mut url = self.to.clone();
        url.set_path(request.url.path());
        url.set_query(request.url.query());
        request.url = url;
        request
    }
}

impl Transport for Rerouted {
    fn send<'a>(&'a self, request: &'a Request, most: u64) -> BoxFuture<'a, Result<Response, TransportFault>> {
        Box::pin(async move { self.inner.send(&self.rerouted(request), most).await })
    }
}

#[cfg(test)]
mod tests {
    use super::Rerouted;
    use crate::http::{Live, Request};
    use std::sync::Arc;

    #[test]
    fn all_goes_to_this_machine_and_nowhere_else() {
        let to = |to: &str| Rerouted::new(Arc::new(Live::new().expect("a transport")), to);
        let request = Request::get("https://api.example/v1/a%2Fb?x=1&y".parse().expect("a url"));
        let sent = to("http://127.0.0.1:8085").expect("a transport").rerouted(&request);
        assert_eq!(sent.url.as_str(), "http://127.0.0.1:8085/v1/a%2Fb?x=1&y");
        for wrong in ["http://api.example", "https://127.0.0.1:1", "127.0.0.1:8085", "http://127.0.0.1.example", ""] {
            assert!(to(wrong).is_err(), "{wrong}");
        }
    }
}
