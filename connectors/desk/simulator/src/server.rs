//! The site behind a socket: every request is counted, rationed, admitted, perhaps struck by a fault,
//! and answered.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{Duration, Instant};

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, Response, Uri};
use axum::{Router, serve};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::access::{self, Caller};
use crate::answer::Answer;
use crate::budget::Budget;
use crate::control;
use crate::faults::Faults;
use crate::options::ServerOptions;
use crate::query::Query;
use crate::requests::Requests;
use crate::route::{self, Ask};
use crate::site::{Changes, Edit, Site};
use crate::wire;

/// Bodies are read and thrown away, and nobody needs a larger one for that.
const LARGEST_BODY: usize = 1 << 20;

/// A site being served. Dropping it stops it.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    desk: Arc<Desk>,
    stop: Option<oneshot::Sender<()>>,
    served: Option<JoinHandle<io::Result<()>>>,
}

impl Server {
    /// Serves a site on a loopback address. Must be called within a Tokio runtime.
    ///
    /// # Errors
    /// When the address is not a loopback address (the control endpoint asks for no password), or
    /// cannot be listened on.
    pub async fn start(site: Site, options: ServerOptions) -> io::Result<Self> {
        if !options.listen.ip().is_loopback() {
            let message = format!("{} is no loopback address", options.listen);
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        let listener = TcpListener::bind(options.listen).await?;
        let address = listener.local_addr()?;
        let desk = Arc::new(Desk::new(site, options));
        let router = Router::new().fallback(receive).with_state(Arc::clone(&desk));
        let (stop, stopped) = oneshot::channel();
        let serving = serve(listener, router).with_graceful_shutdown(async {
            // A dropped server says nothing; that means the same.
            let _ = stopped.await;
        });
        Ok(Self { address, desk, stop: Some(stop), served: Some(tokio::spawn(serving.into_future())) })
    }

    /// `http://127.0.0.1:PORT`; the API begins at `/api/v2` below it.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The site as it is now. Requests that change it wait while this is held.
    pub fn site(&self) -> RwLockReadGuard<'_, Site> {
        self.desk.site()
    }

    /// Changes the live site.
    #[must_use = "says which records were changed"]
    pub fn edit(&self, edit: &Edit) -> Changes {
        self.desk.site_mut().edit(edit)
    }

    /// The present truth, as [`Site::dump`] gives it.
    #[must_use]
    pub fn dump(&self) -> serde_json::Value {
        self.site().dump()
    }

    /// What was asked since the start, or since the last [`Server::forget_requests`].
    #[must_use]
    pub fn requests(&self) -> Requests {
        self.desk.state().requests.clone()
    }

    /// Counts requests from nought again.
    pub fn forget_requests(&self) {
        self.desk.state().requests = Requests::default();
    }

    /// Stops listening and waits until the requests under way are answered.
    pub async fn stop(mut self) {
        self.stop.take();
        if let Some(served) = self.served.take() {
            // Only a panic while serving can be reported here, and it was printed already.
            let _ = served.await;
        }
    }
}

/// What all requests share.
#[derive(Debug)]
pub(crate) struct Desk {
    site: RwLock<Site>,
    rules: ServerOptions,
    state: Mutex<DeskState>,
}

/// What every request changes.
#[derive(Debug)]
pub(crate) struct DeskState {
    pub(crate) requests: Requests,
    /// Never reset, unlike the count in `requests`: faults and churn go by it.
    number: u64,
    budget: Budget,
    faults: Faults,
}

impl Desk {
    fn new(site: Site, rules: ServerOptions) -> Self {
        let window = Duration::try_from_secs_f64(rules.rate_window).unwrap_or(Duration::from_secs(60));
        let state = DeskState {
            requests: Requests::default(),
            number: 0,
            budget: Budget::new(rules.rate_limit, window, Instant::now()),
            faults: Faults::new(site.options.seed, rules.errors),
        };
        Self { site: RwLock::new(site), rules, state: Mutex::new(state) }
    }

    // A panic elsewhere leaves a site that is still a site: the poison is ignored.
    pub(crate) fn site(&self) -> RwLockReadGuard<'_, Site> {
        self.site.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn site_mut(&self) -> RwLockWriteGuard<'_, Site> {
        self.site.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, DeskState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn respond(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Response<Body> {
        let path = uri.path();
        let era = self.site().options.era;
        let generation = route::generation(path, era);
        let (number, left) = {
            let mut state = self.state();
            state.number += 1;
            state.requests.total += 1;
            (state.number, state.budget.count(generation, Instant::now()))
        };
        if self.rules.churn > 0 && number.is_multiple_of(self.rules.churn) {
            self.site_mut().touch_cases(1);
        }
        if left.is_exceeded {
            self.state().requests.count(route::pattern(path), 429);
            return wire::too_many(left);
        }
        let query = Query::parse(uri.query().unwrap_or_default());
        let caller = Caller { method: method.as_str(), path, query: &query, headers };
        let mut answer = match access::admit(&caller, &self.rules.credentials) {
            Err(why) => Answer::refused(401, why),
            Ok(()) if self.state().faults.strike(number, &uri.to_string()) => {
                Answer::refused(500, "Internal Server Error")
            }
            Ok(()) if method != Method::GET && method != Method::HEAD => Answer::refused(405, "Method Not Allowed"),
            Ok(()) => {
                let rules = &self.rules;
                let ask = Ask { path, query: &query, rules, era, generation };
                route::answer(&self.site(), &ask)
            }
        };
        answer.generation = generation;
        let response = wire::response(answer, headers, left, number);
        self.state().requests.count(route::pattern(path), response.status().as_u16());
        response
    }
}

async fn receive(State(desk): State<Arc<Desk>>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    // Some clients send a body with every GET. Unread, it would be taken for the next request.
    let _ = to_bytes(body, LARGEST_BODY).await;
    if let Some(command) = parts.uri.path().strip_prefix(control::PREFIX) {
        return control::respond(&desk, &parts.method, command, parts.uri.query());
    }
    if desk.rules.latency > 0 {
        tokio::time::sleep(Duration::from_millis(desk.rules.latency)).await;
    }
    desk.respond(&parts.method, &parts.uri, &parts.headers)
}
