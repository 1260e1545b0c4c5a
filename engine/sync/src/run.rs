//! The whole story of a run: plan, extract and load side by side, report.
//!
//! Extraction is asynchronous, one task a family of streams; loading is one thread that owns the
//! destination. Between them goes a short queue of pages, so that the next page is fetched while the
//! last one is loaded, and memory follows the pages in flight. What advances the state goes through the
//! same queue, behind the rows it speaks of.

mod bookmark;
pub(crate) mod change;
pub(crate) mod counts;
mod family;
pub(crate) mod filling;
mod load;
mod loading;
mod parents;
mod recent;
mod routed;
pub(crate) mod rows;
mod slice;
mod slices;
mod tally;
mod told;
mod window;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tapwright_spec::Connector;
use tapwright_spec::model::{LoadMode, MOST_SLICES};
use tapwright_spec::settings::Settings;
use tokio::sync::{mpsc, watch};

use crate::auth::{Keep, Redactor};
use crate::clock::Clock;
use crate::destination::{Destination, Fault};
use crate::discover::{DiscoverFault, discover};
use crate::extract::{ExtractError, Source};
use crate::hook::{Begun, HookFault, Hooks, Proof, begin_proven, begin_unasked};
use crate::http::{Counters, Transport};
use crate::journal::{Journal, Level, Part};
use crate::normalise::NameFault;
use crate::plan::{Plan, PlanFault, Selection, Step, plan};
use crate::report::{Phase, Progress, RunReport, StreamReport, Verdict};
use crate::state::State;
use told::Told;

/// Pages that may wait between extraction and loading.
const QUEUE: usize = 4;
/// Families of streams that are read at once.
const FAMILIES: usize = 4;

/// How long a run that ends waits for a token that is on its way, and for jobs that are cleaned up.
const SETTLING: Duration = Duration::from_secs(10);

/// Everything a run needs.
pub struct Job {
    /// What to read.
    pub connector: Arc<Connector>,
    /// The user's configuration.
    pub settings: Settings,
    /// Which part of it, from where on.
    pub selection: Selection,
    /// Where rows go.
    pub destination: Box<dyn Destination>,
    /// How messages call the destination.
    pub place: String,
    /// What sends requests.
    pub transport: Arc<dyn Transport>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

/// Why a run could not begin.
#[derive(Debug, thiserror::Error)]
pub enum RunFault {
    /// The selection does not fit the connector.
    #[error(transparent)]
    Plan(#[from] PlanFault),
    /// The destination refuses.
    #[error(transparent)]
    Destination(#[from] Fault),
    /// A stream's names do not fit.
    #[error(transparent)]
    Names(#[from] NameFault),
    /// Credentials or templates cannot be computed.
    #[error(transparent)]
    Extract(#[from] ExtractError),
    /// The API does not tell which streams there are.
    #[error(transparent)]
    Discover(#[from] DiscoverFault),
    /// A hook does not fit the configuration, or what the API tells.
    #[error(transparent)]
    Hook(#[from] HookFault),
    /// Only the API can tell the streams that are wanted, and it may not be asked.
    #[error(
        "only the API can tell the streams of `{0}`, and it is not asked here; name the streams that the spec lists"
    )]
    Untold(String),
    /// What is to be done with the streams cannot be.
    #[error("{0}")]
    Refused(String),
}

/// How much a run keeps before it commits, and in its state.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Records after which a commit is due.
    pub records: u64,
    /// Slices of a stream that have a bookmark each; beyond them all share one.
    pub slices: usize,
}

impl Default for Bounds {
    fn default() -> Bounds {
        Bounds { records: 20_000, slices: MOST_SLICES }
    }
}

/// A run that has been planned and may be watched.
pub struct Run {
    job: Job,
    source: Source,
    state: State,
    plan: Plan,
    hooks: Hooks,
    proof: Proof,
    progress: Arc<Vec<Progress>>,
    notes: Vec<String>,
    bounds: Bounds,
    journal: Journal,
}

impl Job {
    /// The family that the API must tell before the wanted streams are known, if there is one.
    fn untold(&self) -> Option<&str> {
        let wanted = &self.selection.streams;
        let known = !wanted.is_empty() && wanted.iter().all(|name| self.connector.stream(name).is_some());
        self.connector.dynamic.first().filter(|_| !known).map(|family| family.name.as_str())
    }

    fn source(&self) -> Result<Source, ExtractError> {
        Source::new(&self.connector, &self.settings, Arc::clone(&self.transport), Arc::clone(&self.clock))
    }
}

/// Asks a run to end soon: set it to the reason.
pub type Stop = watch::Receiver<Option<String>>;

impl Run {
    /// Reads the state and plans, where the spec tells the streams that are wanted.
    ///
    /// # Errors
    /// A [`RunFault`]; nothing was sent or written.
    pub fn prepare(job: Job) -> Result<Run, RunFault> {
        if let Some(family) = job.untold() {
            return Err(RunFault::Untold(family.to_owned()));
        }
        let source = job.source()?;
        let (connector, hooks) = begin_unasked(&job.connector, &job.selection.streams, (&job.settings, &source))?;
        let begun = Begun { connector, hooks, proof: Proof::Unasked };
        let now = job.clock.now();
        Run::of(job, source, begun, now)
    }

    /// Asks the API for the streams that only it can tell, if they are wanted, then plans.
    ///
    /// # Errors
    /// A [`RunFault`]; nothing was written.
    pub async fn discover(job: Job, keep: Option<Keep>) -> Result<Run, RunFault> {
        Run::discover_and(job, keep, |_| Ok(())).await
    }

    /// The same, with `change` made to the connector when all its streams are known.
    ///
    /// # Errors
    /// Also what `change` refuses.
    pub(crate) async fn discover_and(
        mut job: Job,
        keep: Option<Keep>,
        change: impl FnOnce(&mut Connector) -> Result<(), String>,
    ) -> Result<Run, RunFault> {
        // One moment for what is asked and what is planned, however long the API takes to tell what a plan needs.
        let now = job.clock.now();
        let source = job.source()?;
        let source = match keep {
            Some(keep) => source.keeping(keep),
            None => source,
        };
        let told = job.untold().is_some();
        if told {
            job.connector = Arc::new(discover(&job.connector, &source, &job.selection.streams).await?);
        }
        change(Arc::make_mut(&mut job.connector)).map_err(RunFault::Refused)?;
        let source = source.told(&job.connector);
        // What the plan refuses is refused before anything is read for a hook.
        plan(&job.connector, &job.selection, &job.destination.load_state()?, now)?;
        let begun = begin_proven(&job.connector, &job.selection.streams, (&job.settings, &source)).await?;
        let mut run = Run::of(job, source, begun, now)?;
        if told && run.job.selection.streams.is_empty() {
            let gone = run.state.0.keys().filter(|name| run.job.connector.stream(name).is_none());
            run.notes = gone.map(|name| format!("`{name}` is told no more: its table stays as it is")).collect();
        }
        Ok(run)
    }

    fn of(mut job: Job, source: Source, begun: Begun, now: Timestamp) -> Result<Run, RunFault> {
        let Begun { mut connector, hooks, proof } = begun;
        if !job.destination.has_rows() {
            // How records become rows whoever loads them says.
            connector.streams.iter_mut().for_each(|stream| stream.load_mode = LoadMode::Stitch);
        }
        job.connector = Arc::new(connector);
        job.destination.meet(&job.connector);
        let state = job.destination.load_state()?;
        let plan = plan(&job.connector, &job.selection, &state, now)?;
        loaded_otherwise(&job, &plan, &state)?;
        let progress = job.connector.streams.iter().map(|_| Progress::default()).collect();
        let (progress, notes, bounds) = (Arc::new(progress), Vec::new(), Bounds::default());
        let journal = Journal::default();
        Ok(Run { job, source, state, plan, hooks, proof, progress, notes, bounds, journal })
    }

    /// Keeps tokens that the API replaces with `keep`, rather than where this machine keeps them.
    #[must_use]
    pub fn keeping(self, keep: Keep) -> Run {
        Run { source: self.source.keeping(keep), ..self }
    }

    /// The run with other bounds.
    #[must_use]
    pub fn bounded(self, bounds: Bounds) -> Run {
        Run { bounds, ..self }
    }

    /// Writes what happens into a journal.
    #[must_use]
    pub fn telling(self, journal: &Journal) -> Run {
        journal.hiding(self.source.redactor());
        for (at, counters) in self.counters().into_iter().enumerate() {
            let (journal, name) = (journal.clone(), self.stream_name(at).to_owned());
            counters.telling(move |what| journal.tell(Part::Tap, Level::Warning, &name, what));
        }
        Run { journal: journal.clone(), ..self }
    }

    /// What keeps the run's secrets out of texts.
    pub fn redactor(&self) -> &Redactor {
        self.source.redactor()
    }

    /// The connector, with the streams that the API has told.
    pub(crate) fn connector(&self) -> &Arc<Connector> {
        &self.job.connector
    }

    /// The request that proves the credentials, unsigned, if the spec names one.
    pub(crate) fn check_request(&self) -> Option<crate::http::Request> {
        self.source.check_request()?.ok()
    }

    /// The plan.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Name of the stream at a place of the plan.
    pub fn stream_name(&self, stream: usize) -> &str {
        &self.job.connector.streams[stream].name
    }

    /// Figures by stream, in the order of the connector's streams.
    pub fn progress(&self) -> Arc<Vec<Progress>> {
        Arc::clone(&self.progress)
    }

    /// Figures of requests by stream, in the same order.
    pub fn counters(&self) -> Vec<Arc<Counters>> {
        self.job.connector.streams.iter().map(|stream| self.source.counters(&stream.name)).collect()
    }

    /// Runs to the end, or until `stop` gives a reason. What was committed by then stays.
    ///
    /// # Errors
    /// A [`RunFault`] if the destination cannot begin; later faults are in the report.
    pub async fn go(self, stop: Stop) -> Result<RunReport, RunFault> {
        let journal = self.journal.clone();
        let gone = self.run(stop).await;
        match &gone {
            Ok(report) => journal.keep(report),
            Err(fault) => journal.broke(&fault.to_string()),
        }
        gone
    }

    async fn run(self, stop: Stop) -> Result<RunReport, RunFault> {
        let Run { job, source, state, plan, hooks, proof, progress, notes: gone, bounds, journal } = self;
        let told = Told::new(&journal, &job.connector);
        told.begun(&job.connector, &plan, &state);
        let loader = load::Loader::open(&job, state, &plan, Arc::clone(&progress), bounds)?.telling(told);
        let loader = loader.hooked(&job.connector, &hooks, source.redactor())?;
        let started = loader.started();
        let Job { connector, destination, place, clock, settings, .. } = job;
        let (sender, receiver) = mpsc::channel(QUEUE);
        let loading = tokio::task::spawn_blocking(move || loader.run(destination, receiver));
        let reading = family::Reading {
            connector: Arc::clone(&connector),
            source,
            config: settings.values,
            sender,
            progress: Arc::clone(&progress),
            clock: Arc::clone(&clock),
        };
        let timings = match family::refusal(&reading, proof, &stop).await {
            None => family::all(&reading, &plan, &stop, FAMILIES).await,
            Some(reason) => family::none(&reading, &plan, &reason).await,
        };
        let counters: Vec<_> = connector.streams.iter().map(|stream| reading.source.counters(&stream.name)).collect();
        // A token on its way may have to be kept, and a job be removed, but a server that is silent holds no run.
        let mut notes = tokio::select! {
            biased;
            notes = reading.source.close() => notes,
            () = clock.sleep(SETTLING) => Vec::new(),
        };
        notes.extend(reading.source.slowed().iter().map(ToString::to_string));
        notes.extend(reading.source.said_by_signers());
        let mut told = reading.source.notes();
        drop(reading);
        let loaded = loading.await.unwrap_or_else(|panic| load::Loaded::broken(&panic.to_string()));
        let interrupted = loaded.fault.clone().or_else(|| stop.borrow().clone());
        let report = |step: &Step| {
            let name = &connector.streams[step.stream].name;
            let mut report = loaded.report(step, name, interrupted.as_deref());
            report.notes.extend(told.remove(name).unwrap_or_default());
            with_figures(report, &progress[step.stream], &counters[step.stream], timings[step.stream])
        };
        let streams = plan.steps().into_iter().filter(|step| step.load).map(report).collect();
        // Of streams that are read for their children alone.
        notes.extend(told.into_values().flatten());
        notes.extend(loaded.told_of_others(&plan));
        notes.extend(gone);
        Ok(RunReport {
            connector: connector.name.clone(),
            version: connector.version.clone(),
            destination: place,
            started,
            seconds: (clock.now() - started).total(jiff::Unit::Second).unwrap_or(0.0),
            interrupted,
            notes,
            streams,
        })
    }
}

/// Refuses streams whose rows come from a hub in this place: there, older ones would follow newer ones.
fn loaded_otherwise(job: &Job, plan: &Plan, state: &State) -> Result<(), RunFault> {
    let mut streams = plan.steps().into_iter().map(|step| &job.connector.streams[step.stream]);
    let loaded = streams.find(|stream| state.of(&stream.name).mark.is_some());
    loaded.map_or(Ok(()), |stream| {
        Err(RunFault::Refused(format!(
            "the rows of `{}` in {} come from a hub; go on with `tapwright load`, or have it read by syncs from its beginning \
             after `tapwright state reset`",
            stream.name, job.place
        )))
    })
}

fn with_figures(report: StreamReport, progress: &Progress, counters: &Counters, seconds: f64) -> StreamReport {
    use std::sync::atomic::Ordering::Relaxed;
    let verdict = report.verdict;
    if progress.phase() != Phase::Ended(verdict) {
        progress.enter(Phase::Ended(verdict));
    }
    StreamReport {
        records: progress.records.load(Relaxed),
        pages: progress.pages.load(Relaxed),
        older: progress.older.load(Relaxed),
        requests: counters.requests(),
        retries: counters.retries(),
        bytes: counters.bytes(),
        waited_seconds: counters.waited().as_secs_f64(),
        seconds,
        ..report
    }
}

/// What a walk or a family came to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Ending {
    verdict: Verdict,
    reason: String,
    notes: Vec<String>,
}

impl Ending {
    /// The same, failed after all.
    fn because(self, reason: &str) -> Ending {
        Ending { verdict: Verdict::Failed, reason: reason.to_owned(), ..self }
    }
}
