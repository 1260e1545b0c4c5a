//! Requests that a hook signs.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use tapwright_hook::sign;
use tapwright_spec::expression::ExpressionFault;
use tapwright_spec::model::KeyPlace;

use super::{Redactor, carry};
use crate::component::{Components, lines};
use crate::http::Request;

/// Signs the requests of a run.
pub(super) struct Signer {
    hook: String,
    work: Mutex<Work>,
}

struct Work {
    signer: sign::Signer,
    /// The headers and parameters that it has given so far, in lower case the headers.
    headers: BTreeSet<String>,
    params: BTreeSet<String>,
}

impl Signer {
    /// The hook at work; none where its component is not loaded.
    pub(super) fn of(hook: &str, components: &Components) -> Result<Option<Signer>, ExpressionFault> {
        let Some(ready) = components.get(hook) else { return Ok(None) };
        let signer = ready.signer().map_err(|fault| unsigned(fault.to_string()))?;
        let work = Work { signer, headers: BTreeSet::new(), params: BTreeSet::new() };
        Ok(Some(Signer { hook: hook.to_owned(), work: Mutex::new(work) }))
    }

    /// Where requests carry what it gives, as far as it has given anything.
    pub(super) fn places(&self) -> Vec<KeyPlace> {
        let work = self.work();
        let params = work.params.iter().cloned().map(KeyPlace::Query);
        params.chain(work.headers.iter().cloned().map(KeyPlace::Header)).collect()
    }

    /// What it has told since this was asked last.
    pub(super) fn log(&self) -> Vec<String> {
        lines(&self.hook, &self.work().signer.log())
    }

    /// Signs one try.
    pub(super) fn sign(
        &self,
        request: &mut Request,
        now: Timestamp,
        redactor: &Redactor,
    ) -> Result<(), ExpressionFault> {
        let mut work = self.work();
        // A redirect may have brought an older signature along.
        work.params.iter().for_each(|name| request.remove_query(name));
        let signature = work.signer.sign(&described(request, now)?).map_err(|fault| unsigned(fault.to_string()))?;
        let values = signature.headers.iter().chain(&signature.params).map(|pair| pair.value.clone());
        redactor.hide_for_now(values);
        if let Some(taken) = signature.params.iter().find(|param| has(request, &param.name)) {
            let hook = &self.hook;
            return Err(unsigned(format!(
                "hook `{hook}`: it gives the parameter `{}`, which the request has already",
                taken.name
            )));
        }
        for pair in &signature.params {
            request.add_query(&pair.name, &pair.value);
            request.signed.push(KeyPlace::Query(pair.name.clone()));
            work.params.insert(pair.name.clone());
        }
        for pair in &signature.headers {
            carry::put(request, &KeyPlace::Header(pair.name.clone()), &pair.value);
            request.signed.push(KeyPlace::Header(pair.name.clone()));
            work.headers.insert(pair.name.to_ascii_lowercase());
        }
        Ok(())
    }

    fn work(&self) -> MutexGuard<'_, Work> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn has(request: &Request, param: &str) -> bool {
    request.url.query_pairs().any(|(known, _)| known == *param)
}

/// The request as the hook is told of it.
fn described(request: &Request, now: Timestamp) -> Result<sign::Request, ExpressionFault> {
    let header = |(name, value): (&str, &str)| sign::Pair { name: name.to_ascii_lowercase(), value: value.to_owned() };
    let mut nonce = [0; 16];
    let random = ring::rand::SystemRandom::new();
    ring::rand::SecureRandom::fill(&random, &mut nonce)
        .map_err(|_| unsigned("this machine has no random numbers".to_owned()))?;
    Ok(sign::Request {
        method: request.method.word().to_owned(),
        url: request.url.to_string(),
        headers: request.headers.iter().map(header).collect(),
        body: request.body.clone(),
        now: u64::try_from(now.as_millisecond()).unwrap_or(0),
        nonce: nonce.to_vec(),
    })
}

fn unsigned(message: String) -> ExpressionFault {
    ExpressionFault { message, range: 0..0, help: None }
}
