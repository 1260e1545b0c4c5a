//! What every request goes through: the budget, the signature, redirects, limits and further tries.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tapwright_spec::counted;
use tapwright_spec::model::{LONGEST_WAIT, Limits, Method};
use thiserror::Error;
use url::Url;

use super::budget::{Full, Share};
use super::inflate::{InflateFault, inflate};
use super::throttle::{Permit, Slowed, Throttle};
use super::tries::{Told, Tries};
use super::{Budget, Counters, Headers, Origins, Request, Response, Transport, TransportFault};
use crate::clock::Clock;

/// Sends requests for all streams of a run.
pub struct Client {
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    budget: Budget,
    throttle: Throttle,
}

/// Signs a request that goes to a host that may know the credentials, and takes out of any other
/// what it has of them.
pub type Signer<'a> = dyn Fn(&mut Request, Toward) -> Signed + Send + Sync + 'a;

/// Hears of every answer, also of those that redirect, with the URL that gave it.
pub type Hearer<'a> = dyn Fn(&Url, &Response) + Send + Sync + 'a;

/// Whether a request may be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signed {
    /// It may.
    Sendable,
    /// It would carry a secret to a stranger.
    Leaking,
    /// It cannot be signed, and why.
    Failed(String),
}

/// To whom a request goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Toward {
    /// A host that may know the credentials.
    Home,
    /// Any other.
    Stranger,
}

/// A request with all that decides how it is sent.
pub struct Call<'a> {
    /// The request, unsigned.
    pub request: &'a Request,
    /// Where credentials may go.
    pub origins: &'a Origins,
    /// Its bounds.
    pub limits: &'a Limits,
    /// Called for each try and each redirect.
    pub sign: &'a Signer<'a>,
    /// Called for each answer.
    pub hear: &'a Hearer<'a>,
    /// What it costs.
    pub counters: &'a Counters,
}

/// An answer that came whole, decompressed.
#[derive(Debug)]
pub struct Fetched {
    /// The answer.
    pub response: Response,
    /// Where it came from, after redirects, without what the signature added.
    pub url: Url,
    /// When it was here.
    pub received_at: Timestamp,
}

/// What the caller makes of an answer.
#[derive(Debug)]
pub enum Judged<T> {
    /// This is what the request was sent for.
    Done(T),
    /// Send it again.
    Again(Again),
    /// Send it again with credentials that are fetched anew; where that cannot be, or was done, it is this.
    Renew(T),
}

impl<T> Judged<T> {
    /// The same of what is made of `T`.
    pub fn map<U>(self, made: impl FnOnce(T) -> U) -> Judged<U> {
        match self {
            Judged::Done(done) => Judged::Done(made(done)),
            Judged::Again(again) => Judged::Again(again),
            Judged::Renew(done) => Judged::Renew(made(done)),
        }
    }
}

/// Why a request is sent again.
#[derive(Debug, Clone)]
pub struct Again {
    /// What was wrong; becomes the error when the tries are used up.
    pub why: String,
    /// How long to wait, if that is known.
    pub wait: Option<Duration>,
}

/// Why a request brought nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum HttpFault {
    /// The transport failed in a way that another try does not mend.
    #[error(transparent)]
    Transport(#[from] TransportFault),
    /// No whole answer in time.
    #[error("no complete answer within {} s", .0.as_secs_f64())]
    Timeout(Duration),
    /// No signature.
    #[error("it cannot be signed: {0}")]
    Unsigned(String),
    /// More redirects than allowed.
    #[error("more than {}", counted(.0, "redirect"))]
    Redirects(u32),
    /// A redirect to a host that the spec does not name.
    #[error(
        "redirected to {host}, which is neither {home} nor in `allow_hosts` or `download_hosts`; if the API is there, \
         it is the URL to configure"
    )]
    Elsewhere {
        /// Where it leads.
        host: String,
        /// Where the request was at home.
        home: String,
    },
    /// A redirect that leads nowhere.
    #[error("a redirect that cannot be followed: {0}")]
    Redirect(String),
    /// More came out of a compressed body than allowed.
    #[error("the body is larger than {} when decompressed", counted(.0, "byte"))]
    Decompressed(u64),
    /// A compressed body that is damaged.
    #[error("the compressed body is damaged: {0}")]
    Compression(String),
    /// A compression that nobody asked for.
    #[error("the body is encoded as `{0}`, which was not asked for")]
    Encoding(String),
    /// The server wants us to wait longer than we do.
    #[error("the server says to come back in {} s, which is more than {} s", .0.as_secs(), LONGEST_WAIT.as_secs())]
    WaitTooLong(Duration),
    /// A rule of the spec wants us to wait longer than we do.
    #[error("a rule of `on_response` says to wait {} s, which is more than {} s", .0.as_secs(), LONGEST_WAIT.as_secs())]
    RuleTooLong(Duration),
    /// The spec allows no further request for longer than we wait.
    #[error(
        "the spec's `rate_limit` of {budget} is used up, and has room again in {} s, which is more than {} s; run \
         again after that", .wait.as_secs(), LONGEST_WAIT.as_secs()
    )]
    BudgetSpent {
        /// The budget in words.
        budget: String,
        /// When it has room again.
        wait: Duration,
    },
    /// All tries failed.
    #[error("{why} ({})", counted(tries, "try"))]
    GaveUp {
        /// How many.
        tries: u32,
        /// What was wrong with the last one.
        why: String,
    },
}

impl HttpFault {
    fn may_pass(&self) -> bool {
        match self {
            HttpFault::Transport(fault) => fault.may_pass(),
            HttpFault::Timeout(_) | HttpFault::Compression(_) => true,
            _ => false,
        }
    }
}

impl Client {
    /// A client that sends over `transport` within `budget`.
    pub fn new(transport: Arc<dyn Transport>, clock: Arc<dyn Clock>, budget: Budget) -> Client {
        Client { transport, clock, budget, throttle: Throttle::default() }
    }

    /// Sends until `judge` is content with an answer.
    ///
    /// # Errors
    /// A fault that does not pass, or that did not within the tries of the limit.
    pub async fn fetch<T: Send>(
        &self,
        call: Call<'_>,
        mut judge: impl FnMut(Fetched) -> Judged<T> + Send,
    ) -> Result<T, HttpFault> {
        let mut tries = Tries::new(call.limits.tries);
        loop {
            let (told, why) = match self.follow(&call).await {
                Ok(fetched) => {
                    let told = self.budget.told(&fetched.response, Share::of(call.limits), fetched.received_at);
                    match judge(fetched) {
                        Judged::Done(done) | Judged::Renew(done) => return Ok(done),
                        Judged::Again(again) => (again.wait.map(Told::Rule).or(told.map(Told::Server)), again.why),
                    }
                }
                Err(fault) if fault.may_pass() => (None, fault.to_string()),
                Err(fault) => return Err(fault),
            };
            let wait = tries.next(told, why.clone())?;
            call.counters.sends_again(&why, wait);
            self.pause(wait, call.counters).await;
            call.counters.retried();
        }
    }

    /// One try: the request and its redirects.
    async fn follow(&self, call: &Call<'_>) -> Result<Fetched, HttpFault> {
        let mut request = call.request.clone();
        for _ in 0..=call.limits.redirects {
            let response = self.send(call, &request).await?;
            let next = redirect(&request, &response)?;
            let response = self.unpack(response, call.limits)?;
            self.budget.learn(&response, Share::of(call.limits), self.clock.now());
            match next {
                None => return Ok(Fetched { response, url: request.url, received_at: self.clock.now() }),
                Some(next) => request = next.within(call.origins)?,
            }
        }
        Err(HttpFault::Redirects(call.limits.redirects))
    }

    async fn send(&self, call: &Call<'_>, request: &Request) -> Result<Response, HttpFault> {
        let permit = self.permit(call, request).await?;
        let under_way = UnderWay { budget: &self.budget, share: Share::of(call.limits) };
        let toward = if call.origins.trusts(&request.url) { Toward::Home } else { Toward::Stranger };
        let mut signed = request.clone();
        match (call.sign)(&mut signed, toward) {
            Signed::Sendable => {}
            Signed::Leaking => {
                let host = super::authority(&request.url);
                return Err(HttpFault::Redirect(format!("it would carry a secret to {host}")));
            }
            Signed::Failed(why) => return Err(HttpFault::Unsigned(why)),
        }
        call.counters.sent();
        let response = tokio::select! {
            biased;
            response = self.transport.send(&signed, call.limits.body_bytes) => response?,
            () = self.clock.sleep(call.limits.timeout) => {
                return Err(HttpFault::Timeout(call.limits.timeout));
            }
        };
        drop(under_way);
        call.counters.received(response.body.len());
        (call.hear)(&request.url, &response);
        permit.learn(&response, self.clock.now());
        Ok(response)
    }

    /// Waits until the budget and the host allow one more request.
    async fn permit<'c>(&'c self, call: &Call<'_>, request: &Request) -> Result<Permit<'c>, HttpFault> {
        loop {
            let permit = self.throttle.enter(&super::authority(&request.url)).await;
            let Err(full) = self.budget.take(Share::of(call.limits), self.clock.now()) else { return Ok(permit) };
            // While it waits, it is not under way.
            drop(permit);
            match full {
                Full { wait, .. } if wait <= LONGEST_WAIT => self.pause(wait, call.counters).await,
                Full { wait, budget: Some(budget) } => return Err(HttpFault::BudgetSpent { budget, wait }),
                Full { wait, budget: None } => return Err(HttpFault::WaitTooLong(wait)),
            }
        }
    }

    /// The hosts that were slowed down for.
    pub fn slowed(&self) -> Vec<Slowed> {
        self.throttle.slowed(self.clock.now())
    }

    fn unpack(&self, mut response: Response, limits: &Limits) -> Result<Response, HttpFault> {
        let most = limits.decompressed_bytes;
        let encodings = response.headers.get("Content-Encoding");
        response.body = inflate(response.body, encodings, most).map_err(|fault| match fault {
            InflateFault::TooLarge => HttpFault::Decompressed(most),
            InflateFault::Broken(why) => HttpFault::Compression(why),
            InflateFault::Unknown(name) => HttpFault::Encoding(name),
        })?;
        Ok(response)
    }

    async fn pause(&self, wait: Duration, counters: &Counters) {
        let until = self.clock.now().saturating_add(wait);
        counters.wait_begins(until.unwrap_or(Timestamp::MAX));
        self.clock.sleep(wait).await;
        counters.wait_ended(wait);
    }
}

/// Gives its place in the budget's count back, also when the request is given up.
struct UnderWay<'a> {
    budget: &'a Budget,
    share: Share<'a>,
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.budget.answered(self.share);
    }
}

/// Where a redirect leads.
struct Redirect {
    request: Request,
}

impl Redirect {
    /// The request as it may be sent on: to a stranger go neither the spec's headers nor a body.
    fn within(self, origins: &Origins) -> Result<Request, HttpFault> {
        let mut request = self.request;
        if origins.trusts(&request.url) {
            return Ok(request);
        }
        if request.body.is_some() || request.method != Method::Get {
            return Err(HttpFault::Redirect(format!(
                "a {} to {} would leave {}",
                request.method.word(),
                request.url,
                origins.home()
            )));
        }
        if !origins.lead_to(&request.url) {
            return Err(HttpFault::Elsewhere {
                host: request.url.origin().ascii_serialization(),
                home: origins.home(),
            });
        }
        let mut plain = Headers::default();
        for name in ["Accept", "Accept-Encoding", "User-Agent"] {
            if let Some(value) = request.headers.get(name) {
                plain.add(name, value);
            }
        }
        request.headers = plain;
        Ok(request)
    }
}

fn redirect(request: &Request, response: &Response) -> Result<Option<Redirect>, HttpFault> {
    if !matches!(response.status, 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let Some(location) = response.headers.get("Location") else {
        return Err(HttpFault::Redirect(format!("{} without a Location", response.status)));
    };
    let url = request
        .url
        .join(location)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https"))
        .ok_or_else(|| HttpFault::Redirect(format!("`{location}` is no web address")))?;
    let mut next = Request { url, ..request.clone() };
    if !matches!(response.status, 307 | 308) {
        next.method = Method::Get;
        next.body = None;
    }
    Ok(Some(Redirect { request: next }))
}
