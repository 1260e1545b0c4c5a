//! The requests that a source would send, for an API that is made up: it must know what it will be asked.

use super::{ExtractError, Slice, Source};
use crate::http::{Given, Prepared, Request, Toward, prepare};

impl Source {
    /// The first request of a slice, unsigned.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn first_request(&self, slice: Slice<'_>) -> Result<Request, ExtractError> {
        self.walk(slice).begin().map(|(request, _)| request)
    }

    /// The request that proves that the credentials work, unsigned; none if the spec names none.
    pub fn check_request(&self) -> Option<Result<Request, ExtractError>> {
        let described = &self.check.as_ref()?.request;
        let prepared = prepare(described, &self.scope, &Given::to_hosts(&self.hosts));
        let unprepared = |fault| ExtractError::unprepared(&self.redactor, "check", &fault);
        Some(prepared.map(|Prepared { request, .. }| request).map_err(unprepared))
    }

    /// Signs a request as one that goes home; without a token, where one would have to be fetched.
    pub fn sign_at_home(&self, request: &mut Request) {
        self.sign(request, Toward::Home);
    }
}
