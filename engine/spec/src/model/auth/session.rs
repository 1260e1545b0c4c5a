//! Sessions that the engine begins and ends.

use super::Sent;
use crate::model::{Match, Request};
use crate::path::Path;

/// A session: what a login gives goes with all requests.
#[derive(Debug, Clone)]
pub struct Session {
    /// The requests that log in, one after the other.
    pub login: Vec<LoginStep>,
    /// Where it goes what they kept, as `session`.
    pub send: Vec<Sent>,
    /// Whether requests send the cookies that the API sets.
    pub cookies: bool,
    /// How long a session lasts, if that is known.
    pub expires_after: Option<std::time::Duration>,
    /// What the API answers when it is over, beside 401.
    pub expired: Option<Match>,
    /// The request that ends it after the run.
    pub logout: Option<Request>,
}

/// A request of a login.
#[derive(Debug, Clone)]
pub struct LoginStep {
    /// The request; `session` stands in it for what earlier steps kept.
    pub request: Request,
    /// What is kept of the answer, by name; it must be there.
    pub keep: Vec<(String, Kept)>,
}

/// A part of an answer.
#[derive(Debug, Clone)]
pub enum Kept {
    /// What a path in the body leads to.
    Body(Path),
    /// A header.
    Header(String),
    /// A cookie.
    Cookie(String),
}
