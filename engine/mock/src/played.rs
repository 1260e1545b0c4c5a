//! A recording as an API: the same request again has the same answers again.

use std::sync::{Arc, Mutex, PoisonError};

use tapwright_spec::Connector;
use tapwright_spec::path::Segment;
use tapwright_sync::http::{Known, Recorded, Recording, Request, Transport, TransportFault};

use crate::{Answer, Content, Delivery, Page, Written};

/// A recording that never ends.
pub struct Played {
    recording: Recording,
    now: Mutex<Arc<Recorded>>,
    lists: Vec<Vec<Segment>>,
    links: Vec<Vec<Segment>>,
}

impl Played {
    /// The API of `recording`, with the lists and links that `connector` reads in its answers.
    pub fn new(recording: Recording, connector: &Connector) -> Played {
        let mut lists = Vec::new();
        let mut links = Vec::new();
        for stream in connector.streams.iter().chain(connector.dynamic.iter().map(|family| &family.pattern)) {
            lists.extend(
                stream.records.path.plain().and_then(|path| Some(path.strip_suffix(&[Segment::Each])?.to_vec())),
            );
            if let tapwright_spec::model::Next::NextUrl { path } = &stream.pagination.next {
                links.extend(path.plain().map(<[Segment]>::to_vec));
            }
        }
        Played { now: Mutex::new(Arc::new(Recorded::new(recording.clone()))), recording, lists, links }
    }

    fn recorded(&self) -> Arc<Recorded> {
        Arc::clone(&self.now.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) async fn answer(&self, request: &Request) -> Answer {
        let mut came = self.recorded().send(request, u64::MAX).await;
        let is_used_up = |recorded: &Recorded| recorded.misses().last().is_some_and(|miss| miss.known == Known::Less);
        if came.is_err() && is_used_up(&self.recorded()) {
            *self.now.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(Recorded::new(self.recording.clone()));
            came = self.recorded().send(request, u64::MAX).await;
        }
        match came {
            Ok(response) => Answer {
                status: response.status,
                headers: response.headers,
                content: self.content(response.body),
                delivery: Delivery::Whole,
            },
            Err(TransportFault::Cut(_)) => {
                Answer { delivery: Delivery::Cut, ..Answer::refusal(200, "cut as recorded") }
            }
            Err(fault) => Answer::refusal(404, &fault.to_string()),
        }
    }

    /// A document in which faults find the list of records; else bytes as they were recorded.
    fn content(&self, body: Vec<u8>) -> Content {
        let Ok(mut document) = serde_json::from_slice(&body) else { return Content::Bytes(body) };
        let mut found = |paths: &[Vec<Segment>]| {
            paths.iter().find(|path| crate::document::at(&mut document, path).is_some()).cloned()
        };
        match (found(&self.lists), found(&self.links)) {
            (Some(list), link) => Content::Page(Box::new(Page { document, list, link, written: Written::Json })),
            _ => Content::Bytes(body),
        }
    }
}
