//! The transport over the network: reqwest with rustls, and nothing that reqwest would do on its own.

use std::error::Error;
use std::sync::Once;
use std::time::Duration;

use futures_util::future::BoxFuture;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use super::{Headers, Request, Response, Transport, TransportFault};
use tapwright_spec::model::Method;

/// Time for a connection to be made.
const CONNECT: Duration = Duration::from_secs(30);

static PROVIDER: Once = Once::new();

/// Sends over the network. Certificates are verified against the roots of the system; proxies are
/// those of the environment, but never for this machine's own addresses.
#[derive(Debug, Clone)]
pub struct Live {
    outside: reqwest::Client,
    loopback: reqwest::Client,
}

impl Live {
    /// A transport with its own pool of connections.
    ///
    /// # Errors
    /// A sentence, if the system has no usable certificates.
    pub fn new() -> Result<Live, String> {
        PROVIDER.call_once(|| {
            // An error means that somebody else has installed one, which is as good.
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        let build = |builder: reqwest::ClientBuilder| {
            builder
                .http1_only()
                .redirect(reqwest::redirect::Policy::none())
                .referer(false)
                .connect_timeout(CONNECT)
                .tcp_nodelay(true)
                .build()
                .map_err(|error| format!("no HTTP client can be made: {}", causes(&error)))
        };
        Ok(Live {
            outside: build(reqwest::Client::builder())?,
            loopback: build(reqwest::Client::builder().no_proxy())?,
        })
    }

    fn client(&self, url: &url::Url) -> &reqwest::Client {
        let is_loopback = match url.host() {
            Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        if is_loopback { &self.loopback } else { &self.outside }
    }

    async fn exchange(&self, request: &Request, most: u64) -> Result<Response, TransportFault> {
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
            Method::Patch => reqwest::Method::PATCH,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut builder =
            self.client(&request.url).request(method, request.url.clone()).headers(header_map(&request.headers)?);
        if let Some(body) = &request.body {
            builder = builder.body(body.clone());
        }
        let answer = builder.send().await.map_err(|error| no_answer(&error))?;
        receive(answer, most).await
    }
}

impl Transport for Live {
    fn send<'a>(&'a self, request: &'a Request, most: u64) -> BoxFuture<'a, Result<Response, TransportFault>> {
        Box::pin(self.exchange(request, most))
    }
}

async fn receive(mut answer: reqwest::Response, most: u64) -> Result<Response, TransportFault> {
    let announced = answer.content_length();
    if announced.is_some_and(|length| length > most) {
        return Err(TransportFault::TooLarge(most));
    }
    let mut headers = Headers::default();
    for (name, value) in answer.headers() {
        headers.add(name.as_str(), &String::from_utf8_lossy(value.as_bytes()));
    }
    let mut body = Vec::with_capacity(announced.map_or(0, |length| length as usize));
    while let Some(chunk) = answer.chunk().await.map_err(|error| TransportFault::Cut(causes(&error)))? {
        if body.len() as u64 + chunk.len() as u64 > most {
            return Err(TransportFault::TooLarge(most));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Response { status: answer.status().as_u16(), headers, body })
}

fn header_map(headers: &Headers) -> Result<HeaderMap, TransportFault> {
    let mut map = HeaderMap::new();
    for (name, value) in headers.iter() {
        let unsendable = || TransportFault::Unsendable(format!("the header `{name}` cannot be sent as it is"));
        let key: HeaderName = name.parse().map_err(|_| unsendable())?;
        let value = HeaderValue::from_str(value).map_err(|_| unsendable())?;
        map.append(key, value);
    }
    Ok(map)
}

fn no_answer(error: &reqwest::Error) -> TransportFault {
    let text = causes(error);
    if error.is_builder() {
        TransportFault::Unsendable(text)
    } else if is_certificate(error) {
        TransportFault::Certificate(text)
    } else if error.is_connect() {
        TransportFault::Connect(text)
    } else {
        TransportFault::Cut(text)
    }
}

/// Whether a certificate is among the causes. An `io::Error` hides the error that it wraps from `source`.
fn is_certificate(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(one) = cause {
        if let Some(tls) = one.downcast_ref::<rustls::Error>() {
            return matches!(tls, rustls::Error::InvalidCertificate(_));
        }
        if let Some(inner) = one.downcast_ref::<std::io::Error>().and_then(|io| io.get_ref()) {
            return is_certificate(inner);
        }
        cause = one.source();
    }
    false
}

/// The last cause, which says most; the first ones only repeat the URL.
fn causes(error: &(dyn Error + 'static)) -> String {
    let mut last = error;
    while let Some(cause) = last.source() {
        last = cause;
    }
    last.to_string()
}
