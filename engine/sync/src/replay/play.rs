//! Plays a recording: its runs one after the other into one database that is thrown away.

use std::path::Path;
use std::sync::Arc;

use tapwright_spec::expression::{Condition, Scope};
use tapwright_spec::model::{Replication, Stop};
use tapwright_spec::settings::{Given, settings};
use tapwright_spec::time::parse_moment;
use tapwright_spec::{Connector, Source, diagnostic::Style};

use super::api::Watched;
use super::format::{Asked, Runs};
use super::through;
use super::told::Told;
use crate::auth::Keep;
use crate::clock::{Clock, TestClock};
use crate::destination::{self, Opened};
use crate::http::Miss;
use crate::hub::{self, Limits};
use crate::plan::Selection;
use crate::report::RunReport;
use crate::run::{Job, Run};

/// The refresh token of a recording's first run where users log in: nobody logs in to a recording.
const LOGIN: &str = "recorded";

/// What came of a recording.
pub struct Played {
    /// As `expected.yaml` says it.
    pub told: String,
    /// What was asked for and is not recorded, with the stream that asked, where that can be told.
    pub misses: Vec<(Option<String>, Miss)>,
    /// Requests of all runs.
    pub requests: usize,
    /// Rows in the tables at the end.
    pub rows: usize,
    /// The tables at the end, each row a text of JSON without nulls and without the moments of the load.
    pub tables: Vec<(String, Vec<String>)>,
    /// The reports of the runs that could begin.
    pub reports: Vec<RunReport>,
}

/// The way of records into the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// A run loads them.
    Direct,
    /// A run extracts them into a hub, and another process loads them from there.
    Hub,
}

/// Plays `runs` with the spec `source`.
///
/// # Errors
/// Why it cannot be played: a wrong spec or configuration, or exchanges that are none.
pub async fn play(source: &Source, runs: &Runs) -> Result<Played, String> {
    play_on((Way::Direct, None), source, runs).await
}

/// The same with a way for the records, perhaps to another destination: then only reports and requests are told.
///
/// # Errors
/// As [`play`].
pub(super) async fn play_on((way, to): (Way, Option<&str>), source: &Source, runs: &Runs) -> Result<Played, String> {
    let connector = tapwright_spec::check(source).map_err(|faults| faults.render(Style::Plain))?;
    let folder = tempfile::tempdir().map_err(|error| format!("a folder for the rows cannot be made: {error}"))?;
    let mut played = Played {
        told: String::new(),
        misses: Vec::new(),
        requests: 0,
        rows: 0,
        tables: Vec::new(),
        reports: Vec::new(),
    };
    let mut told = Told::new();
    for asked in &runs.runs {
        let mut connector = connector.clone();
        // What was recorded may be less than what a user may choose.
        connector.supports.table_selection = true;
        let playing = Playing { connector: Arc::new(connector), runs, asked, folder: folder.path(), way, to };
        playing.run(&mut told, &mut played).await?;
    }
    (played.told, played.tables) = told.into_parts();
    played.rows = played.tables.iter().map(|(_, rows)| rows.len()).sum();
    Ok(played)
}

/// Ends every walk after `pages`, as if the API had no more: what was read counts, and its rows can be pinned.
pub(crate) fn cut(connector: &mut Connector, pages: Option<u64>) -> Result<(), String> {
    let Some(pages) = pages else { return Ok(()) };
    let condition = Condition::compile(&format!("page.number >= {pages}")).map_err(|fault| fault.message)?;
    for stream in &mut connector.streams {
        // The token of a feed may stand on its last page alone.
        if matches!(stream.replication, Replication::Feed(_)) && !stream.moves_bookmark_by_page() {
            continue;
        }
        stream.pagination.stop.push(Stop::When(condition.clone()));
        stream.pagination.total = None;
    }
    Ok(())
}

/// Children are read for one parent after the other, and pages one by one, so that requests come in one order.
fn one_after_the_other(connector: &mut Connector) {
    for stream in &mut connector.streams {
        stream.limits.concurrency = 1;
        stream.pagination.ahead = 1;
    }
}

struct Playing<'p> {
    connector: Arc<Connector>,
    runs: &'p Runs,
    asked: &'p Asked,
    folder: &'p Path,
    way: Way,
    /// Where rows go, if not into a database that is thrown away.
    to: Option<&'p str>,
}

impl Playing<'_> {
    async fn run(&self, told: &mut Told, played: &mut Played) -> Result<(), String> {
        let now = self.asked.now()?;
        let clock = Arc::new(TestClock::new(now));
        let config = &self.runs.config;
        let file = config.is_object().then(|| Source::new("config", config.to_string()));
        let settings = settings(&self.connector, &Given { file, texts: Vec::new() })
            .map_err(|faults| faults.render(Style::Plain))?;
        let scope = Scope::new().with("config", &settings.values).with("now", &now);
        let api = Arc::new(Watched::new(self.asked.recording()?, &self.connector, &scope));
        let start = self.asked.start.as_deref().map(|text| parse_moment(text, now)).transpose()?;
        let path = self.folder.join("case.db");
        let to = self.to.map_or_else(|| format!("sqlite:{}", path.display()), str::to_owned);
        let job = Job {
            connector: Arc::clone(&self.connector),
            settings,
            selection: Selection { streams: self.asked.streams.clone(), start, full_refresh: self.asked.full_refresh },
            destination: self.destination(&to).map_err(|fault| fault.to_string())?,
            place: "case.db".into(),
            transport: api.clone(),
            clock: clock.clone(),
        };
        let (_sender, stop) = tokio::sync::watch::channel(None);
        let keep = Keep::within(self.folder, &self.connector.name).logged_in_with(LOGIN);
        let outcome = Run::discover_and(job, Some(keep), |connector| {
            one_after_the_other(connector);
            cut(connector, self.asked.pages)
        });
        let mut outcome = match outcome.await {
            Ok(run) => run.go(stop.clone()).await,
            Err(fault) => Err(fault),
        };
        if let (Way::Hub, Ok(report)) = (self.way, &mut outcome) {
            through::load(self.folder, &to, report, &stop)?;
        }
        told.begin();
        let mut sent = api.sent();
        let families =
            self.connector.streams.iter().filter(|stream| stream.parents().is_empty() && stream.routed_from.is_none());
        let families = families.count();
        if families > 1 || !self.connector.dynamic.is_empty() {
            // Streams without a parent are read side by side; the order within each is told, as far as paths tell them
            // apart: where all is posted to one, as in GraphQL, it is that of the bodies.
            sent.sort_by_cached_key(|request| {
                let path = request.split(['?', ' ']).nth(1).map(str::to_owned);
                (path, request.split_once(" and ").map(|(_, body)| body.to_owned()))
            });
        }
        told.requests(sent.iter().map(String::as_str), &api.unused());
        told.outcome(&outcome, (clock.now() - now).total(jiff::Unit::Second).unwrap_or(0.0));
        if self.to.is_none() {
            told.database(&path, through::streams(self.folder).as_deref())?;
        }
        played.requests += sent.len();
        played.misses.extend(api.misses().into_iter().map(|miss| (asker(&outcome, &miss), miss)));
        played.reports.extend(outcome.ok());
        Ok(())
    }
}

impl Playing<'_> {
    /// What the run loads into.
    fn destination(&self, to: &str) -> Opened {
        let opened = destination::open(to, &self.connector.name);
        match self.way {
            Way::Direct => opened,
            Way::Hub => opened
                .and_then(|_made| hub::open(&through::folder(self.folder), &self.connector.name, Limits::default())),
        }
    }
}

/// The stream that failed over a request which is not recorded.
fn asker<E>(outcome: &Result<RunReport, E>, miss: &Miss) -> Option<String> {
    let report = outcome.as_ref().ok()?;
    // What stands in the query may be a secret, which the report hides.
    let path = format!("`{}", miss.asked.split('?').next().unwrap_or_default());
    let names = |reason: &str| reason.split(&path).nth(1).is_some_and(|rest| rest.starts_with(['`', '?']));
    report.streams.iter().find(|stream| names(&stream.reason)).map(|stream| stream.stream.clone())
}
