//! The API behind a socket, on this machine alone.
//!
//! `GET /__mock/faults` tells which faults are switched on; `POST` switches on those of its body, `["html@2"]`, in
//! place of the others; `DELETE` switches all off.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, Limited, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tapwright_sync::http::{Method, Request};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use url::Url;

use crate::fault::Strike;
use crate::{Answer, Api, Delivery};

/// The path under which faults are switched.
const FAULTS: &str = "/__mock/faults";
/// The largest body of a request that is read.
const LARGEST: usize = 1 << 20;
/// Bytes that a slow answer brings at once, and the time between.
const DRIP: usize = 16;
const BETWEEN_DRIPS: Duration = Duration::from_millis(500);

type Body = UnsyncBoxBody<Bytes, io::Error>;

/// A mock API that listens.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
}

impl Server {
    /// Listens on 127.0.0.1; port 0 takes a free one.
    ///
    /// # Errors
    /// The port is taken.
    pub async fn bind(port: u16) -> io::Result<Server> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        Ok(Server { listener, address })
    }

    /// `http://127.0.0.1:PORT`
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Serves until the future is dropped; `seen` is told of each request and its status, 0 for none.
    ///
    /// # Errors
    /// The socket is gone.
    pub async fn serve(self, api: Arc<Api>, seen: impl Fn(&str, u16) + Send + Sync + 'static) -> io::Result<()> {
        let seen = Arc::new(seen);
        let mut connections = JoinSet::new();
        loop {
            let (socket, _) = self.listener.accept().await?;
            let (api, seen, url) = (Arc::clone(&api), Arc::clone(&seen), self.url());
            connections.spawn(async move {
                let service = service_fn(|request| respond(&api, &url, request, &*seen));
                // A client that goes away, or that a fault sends away, is no fault of ours.
                let _ =
                    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(socket), service).await;
            });
            while connections.try_join_next().is_some() {}
        }
    }
}

async fn respond(
    api: &Api,
    url: &str,
    request: hyper::Request<Incoming>,
    seen: &(dyn Fn(&str, u16) + Send + Sync),
) -> Result<hyper::Response<Body>, io::Error> {
    let (parts, body) = request.into_parts();
    let body = Limited::new(body, LARGEST).collect().await.map_err(|_| io::Error::other("the body is too large"))?;
    let body = body.to_bytes().to_vec();
    if parts.uri.path() == FAULTS {
        return Ok(response(&switch(api, &parts.method, &body)));
    }
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
    let shown = format!("{} {target}", parts.method);
    let (Ok(url), Some(method)) = (format!("{url}{target}").parse::<Url>(), method(&parts.method)) else {
        return Ok(response(&Answer::refusal(405, "the mock API knows GET, POST, PUT, PATCH and DELETE")));
    };
    let mut asked = Request::get(url);
    asked.method = method;
    asked.body = (!body.is_empty()).then_some(body);
    for (name, value) in &parts.headers {
        asked.headers.add(name.as_str(), &String::from_utf8_lossy(value.as_bytes()));
    }
    let answer = api.answer(&asked).await;
    seen(&shown, answer.as_ref().map_or(0, |answer| answer.status));
    answer.map(|answer| response(&answer)).ok_or_else(|| io::Error::other("dropped by a fault"))
}

fn method(method: &hyper::Method) -> Option<Method> {
    match *method {
        hyper::Method::GET => Some(Method::Get),
        hyper::Method::POST => Some(Method::Post),
        hyper::Method::PUT => Some(Method::Put),
        hyper::Method::PATCH => Some(Method::Patch),
        hyper::Method::DELETE => Some(Method::Delete),
        _ => None,
    }
}

/// Tells or changes which faults are switched on.
fn switch(api: &Api, method: &hyper::Method, body: &[u8]) -> Answer {
    match *method {
        hyper::Method::DELETE => api.set_faults(Vec::new()),
        hyper::Method::POST => {
            let names: Result<Vec<String>, _> = serde_json::from_slice(body);
            let Ok(names) = names else {
                return Answer::refusal(400, "the body is a list of faults, such as [\"html@2\"]");
            };
            match names.iter().map(|name| name.parse::<Strike>()).collect() {
                Ok(faults) => api.set_faults(faults),
                Err(why) => return Answer::refusal(400, &why),
            }
        }
        _ => {}
    }
    let on: Vec<Value> = api.faults().iter().map(|fault| json!(fault.to_string())).collect();
    Answer::json(200, &json!({"faults": on}))
}

fn response(answer: &Answer) -> hyper::Response<Body> {
    let bytes = answer.bytes();
    let mut builder = hyper::Response::builder().status(answer.status);
    let set_by_hyper = ["content-length", "transfer-encoding", "connection"];
    for (name, value) in answer.headers.iter() {
        if !set_by_hyper.contains(&name.to_ascii_lowercase().as_str()) {
            builder = builder.header(name, value);
        }
    }
    let body = match answer.delivery {
        Delivery::Whole => Full::new(Bytes::from(bytes)).map_err(|never: Infallible| match never {}).boxed_unsync(),
        Delivery::Slow => {
            let drips: Vec<Bytes> = bytes.chunks(DRIP).map(Bytes::copy_from_slice).collect();
            let dripping = futures_util::stream::iter(drips).then(|drip| async move {
                tokio::time::sleep(BETWEEN_DRIPS).await;
                Ok::<_, io::Error>(Frame::data(drip))
            });
            StreamBody::new(dripping).boxed_unsync()
        }
        Delivery::Cut => {
            builder = builder.header("Content-Length", bytes.len());
            let half = Frame::data(Bytes::copy_from_slice(&bytes[..bytes.len() / 2]));
            let cut = futures_util::stream::iter([Ok(half), Err(io::Error::other("cut by a fault"))]);
            StreamBody::new(cut).boxed_unsync()
        }
    };
    builder
        .body(body)
        .unwrap_or_else(|_| hyper::Response::new(Full::default().map_err(|never| match never {}).boxed_unsync()))
}
