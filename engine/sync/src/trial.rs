//! One stream, tried against its API: the requests and their answers as they come, a few records, and how
//! their types compare with the spec's. Nothing is loaded.

mod compare;
mod exchange;
mod findings;
mod hooked;
pub(crate) mod infer;
mod parents;
mod text;

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use serde::Serialize;
use tapwright_spec::Connector;
use tapwright_spec::model::Stream;
use tapwright_spec::settings::Settings;

use crate::auth::Keep;
use crate::clock::Clock;
use crate::discover::{DiscoverFault, discover};
use crate::extract::{ExtractError, Page, Slice, Source, Walk};
use crate::hook::{HookFault, begin};
use crate::http::Transport;
use crate::normalise::NameFault;
use crate::plan::{Names, Occasion, Occasions, PlanFault, Selection, Span, Step, Values, plan};
use crate::state::State;

pub use compare::{Misfit, Unlisted, Unseen};
pub use exchange::{Answer, Exchange};
pub use findings::{Findings, Refused};

use parents::Parents;

/// Parents for whose children is asked, until there are records enough.
const PARENTS: u64 = 20;

/// What to try.
pub struct Trial {
    /// The connector.
    pub connector: Connector,
    /// The user's configuration.
    pub settings: Settings,
    /// Name of the stream.
    pub stream: String,
    /// So many records are enough.
    pub limit: usize,
    /// From where an incremental stream is read, in place of the default history.
    pub start: Option<Timestamp>,
    /// What sends requests.
    pub transport: Arc<dyn Transport>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where tokens are kept that the API replaces; `None`: where this machine keeps them.
    pub keep: Option<Keep>,
}

/// What is told while a trial goes on.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A request and what became of it.
    Exchange(Exchange),
    /// What a page is and why another follows, or none.
    Page {
        /// The stream.
        stream: String,
        /// Records on it.
        records: usize,
        /// Why the next request follows, or why there is none.
        next: String,
    },
}

/// Who is told.
pub type Listener = Arc<dyn Fn(&Event) + Send + Sync>;

/// Why a trial cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum TrialFault {
    /// No such stream.
    #[error(transparent)]
    Plan(#[from] PlanFault),
    /// The stream's names do not fit.
    #[error(transparent)]
    Names(#[from] NameFault),
    /// Credentials cannot be computed.
    #[error(transparent)]
    Extract(#[from] ExtractError),
    /// The API does not tell which streams there are.
    #[error(transparent)]
    Discover(#[from] DiscoverFault),
    /// A hook does not fit the configuration, or what the API tells.
    #[error(transparent)]
    Hook(#[from] HookFault),
}

/// A record as it came, with what it was fetched for.
struct Taken {
    record: String,
    names: Option<Names>,
}

/// Tries a stream.
///
/// # Errors
/// A [`TrialFault`] before anything is sent; what fails later is among the findings.
pub async fn go(mut trial: Trial, listener: Listener) -> Result<Findings, TrialFault> {
    // Nothing is loaded, so nothing is selected.
    trial.connector.supports.table_selection = true;
    let watched = exchange::Watched::new(&trial, listener);
    let transport: Arc<dyn Transport> = watched.clone();
    let source = Source::new(&trial.connector, &trial.settings, transport, Arc::clone(&trial.clock))?;
    let source = match trial.keep.take() {
        Some(keep) => source.keeping(keep),
        None => source,
    };
    watched.hide(source.redactor());
    if trial.connector.stream(&trial.stream).is_none() && !trial.connector.dynamic.is_empty() {
        trial.connector = discover(&trial.connector, &source, std::slice::from_ref(&trial.stream)).await?;
    }
    let names = [trial.stream.clone()];
    let (connector, hooks) = begin(&trial.connector, &names, (&trial.settings, &source)).await?;
    trial.connector = connector;
    let selection = Selection { streams: vec![trial.stream.clone()], start: trial.start, full_refresh: false };
    let plan = plan(&trial.connector, &selection, &State::default(), trial.clock.now())?;
    let wanted = trial.connector.streams.iter().position(|stream| stream.name == trial.stream).unwrap_or_default();
    let steps = plan.families.first().map(|family| family.line_to(wanted)).unwrap_or_default();
    let mut reading = Reading {
        trial: &trial,
        source: &source,
        watched: &watched,
        taken: Vec::new(),
        parents: 0,
        end: String::new(),
    };
    // What hooks send is read with the stream that they change.
    let routed = trial.connector.streams[wanted].routed_from.is_some();
    let steps = if routed { &steps[..steps.len() - 1] } else { &steps[..] };
    let fault = reading.begin(steps).await.err();
    let Reading { taken, parents, end, .. } = reading;
    let unended = source.close().await;
    let mut findings = findings::findings(&trial, (&source, &hooks), &taken)?;
    findings.parents = (steps.len() > 1).then_some(parents);
    findings.began = steps.first().and_then(|step| step.note.clone());
    findings.end = end;
    let fault = fault.or(findings.fault).map(|fault| source.redactor().redact(&fault));
    findings.fault = fault.or(unended.into_iter().next());
    Ok(findings)
}

struct Reading<'t> {
    trial: &'t Trial,
    source: &'t Source,
    watched: &'t exchange::Watched,
    taken: Vec<Taken>,
    parents: u64,
    end: String,
}

/// What comes after a page.
#[derive(Clone, Copy)]
struct Ahead<'p, 'w> {
    walk: &'p Walk<'w>,
    child: Option<&'p str>,
}

impl<'p, 'w> Ahead<'p, 'w> {
    fn of(walk: &'p Walk<'w>) -> Ahead<'p, 'w> {
        Ahead { walk, child: None }
    }
}

impl<'t> Reading<'t> {
    fn enough(&self) -> bool {
        self.taken.len() >= self.trial.limit || self.parents >= PARENTS
    }

    /// Reads the first of `steps`, for as many of its own values as needed.
    async fn begin(&mut self, steps: &[&Step]) -> Result<(), String> {
        let stream = steps.first().map(|step| &self.trial.connector.streams[step.stream]);
        let each = stream.and_then(|stream| Some((stream, stream.for_each.as_ref()?)));
        let Some((stream, for_each)) = each else { return self.level(steps, None).await };
        let state = std::collections::BTreeMap::new();
        let cut = self.source.cut(stream, &state)?;
        let made = Values { config: &self.trial.settings.values, now: self.trial.clock.now(), cut: &cut };
        for occasion in Occasions::of(stream, for_each, made).alone() {
            if self.enough() {
                break;
            }
            self.level(steps, Some(occasion.names)).await?;
        }
        Ok(())
    }

    /// Reads the first of `steps` once, and the others for its records. A future that may hold itself.
    fn level<'a>(&'a mut self, steps: &'a [&Step], names: Option<Names>) -> BoxFuture<'a, Result<(), String>>
    where
        't: 'a,
    {
        async move {
            let Some((step, children)) = steps.split_first() else { return Ok(()) };
            for span in step.spans(&self.trial.connector.streams[step.stream], &[]) {
                if self.enough() {
                    break;
                }
                self.span((step, children), span, names.clone()).await?;
            }
            Ok(())
        }
        .boxed()
    }

    /// Reads what a stream has of one span of time.
    async fn span(
        &mut self,
        (step, children): (&Step, &[&Step]),
        span: Span,
        names: Option<Names>,
    ) -> Result<(), String> {
        let stream = &self.trial.connector.streams[step.stream];
        let child = children.first().map(|child| &self.trial.connector.streams[child.stream]);
        let mut parents = child.and_then(|child| Parents::of(self.trial, stream, child).transpose()).transpose()?;
        let slice = Slice { stream, since: span.since, until: span.until, names: names.clone() };
        let mut walk = self.source.walk(slice).one_by_one();
        while !self.enough() {
            let Some(page) = walk.next().await.map_err(|error| error.to_string())? else {
                self.tell(stream, 0, Ahead::of(&walk));
                break;
            };
            let over = walk.end().is_some();
            if let (Some(child), Some(parents)) = (child, &mut parents) {
                self.tell(stream, page.records.len(), Ahead { child: Some(&child.name), ..Ahead::of(&walk) });
                let mut occasions = parents.on(&page, names.as_ref())?;
                if over {
                    occasions.extend(parents.rest());
                }
                self.children(children, occasions).await?;
            } else {
                self.take(stream, &page, &walk, names.as_ref());
            }
            if over {
                break;
            }
        }
        Ok(())
    }

    async fn children(&mut self, steps: &[&Step], occasions: Vec<Occasion>) -> Result<(), String> {
        for occasion in occasions {
            if self.enough() {
                break;
            }
            self.parents += u64::from(steps.len() == 1);
            self.level(steps, Some(occasion.names)).await?;
        }
        Ok(())
    }

    fn take(&mut self, stream: &Stream, page: &Page, walk: &Walk<'_>, names: Option<&Names>) {
        let room = self.trial.limit - self.taken.len();
        for at in 0..page.records.len().min(room) {
            self.taken.push(Taken { record: page.record(at).to_owned(), names: names.cloned() });
        }
        self.tell(stream, page.records.len(), Ahead::of(walk));
    }

    fn tell(&mut self, stream: &Stream, records: usize, ahead: Ahead<'_, '_>) {
        let on = match (ahead.walk.end(), ahead.walk.lead()) {
            (Some(end), _) => end.reason.to_string(),
            (None, Some(_)) if self.enough() => "that is enough".to_owned(),
            (None, Some(lead)) => lead.to_string(),
            (None, None) => "the walk broke off".to_owned(),
        };
        let next = match ahead.child {
            Some(child) if records > 0 => format!("`{child}` is read for each as far as needed; {on}"),
            _ => on,
        };
        let next = self.source.redactor().redact(&next);
        self.end.clone_from(&next);
        self.watched.tell(&Event::Page { stream: stream.name.clone(), records, next });
    }
}

#[cfg(test)]
mod tests;
