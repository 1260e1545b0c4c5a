//! Sends a signed request, and once more with new credentials when an API refuses those it was signed with.

use std::sync::Arc;

use tapwright_spec::model::Limits;

use super::{ExtractError, Source};
use crate::http::{Call, Counters, Fetched, Hearer, HttpFault, Judged, Origins, Request, Signer};

/// A request with all that decides how it is sent.
pub(super) struct Sending<'a> {
    pub(super) request: &'a Request,
    pub(super) origins: &'a Origins,
    pub(super) limits: &'a Limits,
    pub(super) counters: &'a Arc<Counters>,
    /// The request, without secrets.
    pub(super) shown: &'a str,
}

impl<'a> Sending<'a> {
    fn call(&self, (sign, hear): (&'a Signer<'a>, &'a Hearer<'a>)) -> Call<'a> {
        Call { request: self.request, origins: self.origins, limits: self.limits, sign, hear, counters: self.counters }
    }
}

/// Sends until `judge` is content with an answer. It does not see the answer after which credentials are renewed.
pub(super) async fn send<T: Send>(
    source: &Source,
    sending: &Sending<'_>,
    mut judge: impl FnMut(Fetched) -> Judged<T> + Send,
) -> Result<T, ExtractError> {
    let errand = source.errand(sending.limits, sending.counters);
    let sign: &Signer<'_> = &|request, toward| source.sign(request, toward);
    let hear: &Hearer<'_> =
        &|url, response| source.credentials.hear(url, response, source.clock.now(), &source.redactor);
    let unready = |fault| ExtractError::unready(&source.redactor, &fault);
    let unsent = |fault: HttpFault| ExtractError::unsent(&source.redactor, sending.shown, &fault);
    if let Some(ticket) = source.credentials.ready(&errand).await.map_err(unready)? {
        let first = source.client.fetch(sending.call((sign, hear)), |fetched| {
            if source.credentials.are_over(&fetched.response) {
                return Judged::Done(None);
            }
            match judge(fetched) {
                Judged::Done(done) => Judged::Done(Some(done)),
                Judged::Renew(_) => Judged::Done(None),
                Judged::Again(again) => Judged::Again(again),
            }
        });
        if let Some(done) = first.await.map_err(unsent)? {
            return Ok(done);
        }
        source.credentials.refused(&ticket);
        source.credentials.ready(&errand).await.map_err(unready)?;
        sending.counters.retried();
    }
    source.client.fetch(sending.call((sign, hear)), judge).await.map_err(unsent)
}
