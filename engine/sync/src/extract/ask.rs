//! The requests that a source would send, for an API that is made up: it must know what it will be asked.

use serde_json::Value;

use super::{ExtractError, MadeUp, Slice, Source};
use crate::http::{Given, Prepared, Request, Toward, prepare};

impl Source {
    /// The requests with which a slice begins, unsigned: those of its job, made up of what `leaf` gives for names such
    /// as `job.id`, and the first for a page.
    ///
    /// # Errors
    /// They cannot be made.
    pub fn first_requests(
        &self,
        slice: Slice<'_>,
        leaf: &dyn Fn(&str) -> Value,
    ) -> Result<(Option<MadeUp>, Request), ExtractError> {
        let mut walk = self.walk(slice);
        let job = walk.make_up_job(leaf)?;
        walk.begin().map(|(request, _)| (job, request))
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
