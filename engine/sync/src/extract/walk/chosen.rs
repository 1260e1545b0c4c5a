//! The next page as a hook chooses it.

use tapwright_hook::paginate::{Next, Pages, Pair, Response, Step};
use tapwright_spec::model::{Method, NamedHook};

use super::Walk;
use crate::extract::verdict::Accepted;
use crate::http::Request;
use crate::paginate::{Chosen, PagingFault};

/// A hook that chooses the pages of a walk.
#[derive(Default)]
pub(super) struct Chooser(Option<Pages>);

impl Walk<'_> {
    /// Asks the hook what follows the page that came of `before`.
    pub(super) fn chosen(
        &mut self,
        hook: &NamedHook,
        accepted: &Accepted,
        before: &Request,
    ) -> Result<Chosen, PagingFault> {
        let pages = match &mut self.chooser.0 {
            Some(pages) => pages,
            none => none.insert(self.source.pages(&hook.name).map_err(PagingFault::Hook)?),
        };
        let step = pages.after(&described(accepted, before, self.number));
        let log = pages.log();
        self.source.hear(&self.slice.stream.name, &hook.name, &log);
        match step.map_err(|fault| PagingFault::Hook(fault.to_string()))? {
            Step::Stop(why) => Ok(Chosen::Stop(why)),
            Step::Next(next) => {
                let wrong = |what: String| PagingFault::Hook(format!("hook `{}`: {what}", hook.name));
                let next = request(before, accepted, next).map_err(wrong)?;
                Ok(Chosen::Next { before: Box::new(before.clone()), next: Box::new(next) })
            }
        }
    }
}

/// A page as the hook is told of it.
fn described(accepted: &Accepted, request: &Request, page: u64) -> Response {
    let fetched = &accepted.fetched;
    let header = |(name, value): (&str, &str)| Pair { name: name.to_ascii_lowercase(), value: value.to_owned() };
    let count = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    Response {
        url: request.url.to_string(),
        status: fetched.response.status,
        headers: fetched.response.headers.iter().map(header).collect(),
        body: accepted.written.as_ref().unwrap_or(&accepted.text).clone().into_bytes(),
        records: count(accepted.split.records.len() as u64),
        page: count(page),
    }
}

/// The request before, with what the hook gives in its place.
fn request(before: &Request, accepted: &Accepted, next: Next) -> Result<Request, String> {
    let mut request = before.clone();
    if let Some(target) = &next.url {
        let url = accepted.fetched.url.join(target);
        request.url = url.map_err(|error| format!("the address that it gives, `{target}`, is none: {error}"))?;
        // It is not sent, and would make two of one request.
        request.url.set_fragment(None);
    }
    next.params.iter().for_each(|param| request.remove_query(&param.name));
    next.params.iter().for_each(|param| request.add_query(&param.name, &param.value));
    next.headers.iter().for_each(|header| request.headers.remove(&header.name));
    next.headers.iter().for_each(|header| request.headers.add(&header.name, &header.value));
    if let Some(body) = next.body {
        if request.method != Method::Post {
            return Err("it gives a body to a `GET`, which has none".to_owned());
        }
        request.body = Some(body);
    }
    Ok(request)
}
