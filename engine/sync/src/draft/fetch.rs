//! A sample from an API, asked for as a run asks.

use std::sync::Arc;

use serde_json::Value;
use tapwright_spec::model::Limits;
use url::Url;

use super::Sample;
use crate::auth::{Credentials, Redactor};
use crate::clock::SystemClock;
use crate::http::{
    Budget, Call, Client, Counters, Fetched, Headers, Hosts, Judged, Origins, Request, Signed, Toward, Transport,
};

/// Asks for `url` once, within the limits of a run. The headers go to its host alone.
///
/// # Errors
/// A sentence without the headers' values and without the query.
pub async fn fetch(url: Url, headers: Vec<(String, String)>, transport: Arc<dyn Transport>) -> Result<Sample, String> {
    let origin = url.as_str().split(['?', '#']).next().unwrap_or_default().to_owned();
    let mut secrets: Vec<String> = headers.iter().map(|(_, value)| value.clone()).collect();
    secrets.extend(headers.iter().filter_map(|(_, value)| Some(value.split_once(' ')?.1.to_owned())));
    secrets.extend(url.query_pairs().map(|(_, value)| value.into_owned()).filter(|value| value.len() > 5));
    let redactor = Redactor::new(&secrets, &Credentials::default());
    let fault = |why: &str| format!("{origin}: {}", redactor.redact(why));
    let fetched = sent(&url, &headers, transport).await.map_err(|why| fault(&why))?;
    let answer = &fetched.response;
    if !(200..300).contains(&answer.status) {
        return Err(fault(&format!("it answered {}: {}", answer.status, redactor.beginning(&answer.body))));
    }
    let body: Value =
        serde_json::from_slice(&answer.body).map_err(|why| fault(&format!("its answer is no JSON: {why}")))?;
    let link = answer.headers.get("Link").map(str::to_owned);
    Ok(Sample { origin, url: Some(url), headers, link, body })
}

async fn sent(url: &Url, headers: &[(String, String)], transport: Arc<dyn Transport>) -> Result<Fetched, String> {
    let mut request = Request::get(url.clone());
    request.url.set_fragment(None);
    request.headers = Headers::ours();
    let sign = |request: &mut Request, toward: Toward| {
        if toward == Toward::Home {
            headers.iter().for_each(|(name, value)| request.headers.set(name, value));
        }
        Signed::Sendable
    };
    let call = Call {
        request: &request,
        origins: &Origins::new(url.clone(), Hosts::default()),
        limits: &Limits { tries: 1, ..Limits::default() },
        sign: &sign,
        hear: &|_, _| {},
        counters: &Counters::default(),
    };
    let client = Client::new(transport, Arc::new(SystemClock), Budget::new(Vec::new()));
    client.fetch(call, Judged::Done).await.map_err(|fault| fault.to_string())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use futures_util::FutureExt;
    use futures_util::future::BoxFuture;

    use super::fetch;
    use crate::http::{Request, Response, Transport, TransportFault};

    /// Refuses, and shows what it was sent.
    struct Echo;

    impl Transport for Echo {
        fn send<'a>(&'a self, request: &'a Request, _: u64) -> BoxFuture<'a, Result<Response, TransportFault>> {
            let sent = request.headers.get("Authorization").unwrap_or_default();
            let body = format!("no: {} {sent}", request.url).into_bytes();
            async move { Ok(Response { status: 403, body, ..Response::default() }) }.boxed()
        }
    }

    #[tokio::test]
    async fn a_refusal_tells_no_secret() {
        let url = "https://shop.example/items?user=letmein".parse().expect("a URL");
        let headers = vec![("Authorization".to_owned(), "Bearer s3cret-token".to_owned())];
        let why = fetch(url, headers, Arc::new(Echo)).await.expect_err("it refuses");
        assert!(why.starts_with("https://shop.example/items: it answered 403: no: "), "{why}");
        assert!(!why.contains("s3cret") && !why.contains("letmein"), "{why}");
    }
}
