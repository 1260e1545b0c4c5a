//! An API, recorded once: every exchange of a real run, as a recording that can be played without a network.
//!
//! Rows go into memory and are thrown away. Secrets, what authentication added, tokens and the fields that the spec
//! calls personal are replaced by stand-ins before anything is written; then the recording is played, and only if
//! the same comes out is it handed over.

mod capture;
mod exchange;
mod personal;
mod scan;
mod secrets;
mod stand_in;
mod yaml;

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value};
use tapwright_spec::expression::Scope;
use tapwright_spec::model::{Bookmark, Replication, Stream, Token, Told};
use tapwright_spec::settings::Settings;
use tapwright_spec::{Connector, Source, counted};

use crate::auth::{Keep, Redactor};
use crate::clock::Clock;
use crate::destination;
use crate::http::{Request, Transport};
use crate::plan::Selection;
use crate::replay::{Played, Runs, cut, home, play};
use crate::report::{RunReport, Verdict};
use crate::run::{Job, Run};
use capture::{Capture, Taken};
use exchange::{Hidden, without_owner};
use personal::Personal;
use secrets::Secrets;
use stand_in::StandIns;

/// What to record.
pub struct Order<'o> {
    /// The spec's file.
    pub spec: &'o Source,
    /// What it says.
    pub connector: Connector,
    /// The user's configuration.
    pub settings: Settings,
    /// Only these streams, and what they need; all if there are none.
    pub streams: Vec<String>,
    /// From where on incremental streams are read, as it was said, and what that means.
    pub start: Option<(String, Timestamp)>,
    /// Each walk ends after so many pages.
    pub pages: Option<u64>,
    /// What sends requests.
    pub transport: Arc<dyn Transport>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where tokens are kept that the API replaces; `None`: where this machine keeps them.
    pub keep: Option<Keep>,
}

/// A recording in the making: its run goes on elsewhere.
pub struct Recorder<'o> {
    spec: &'o Source,
    connector: Arc<Connector>,
    settings: Settings,
    streams: Vec<String>,
    start: Option<String>,
    pages: Option<u64>,
    /// The origin that requests need not say.
    home: Option<String>,
    /// The request that proves the credentials.
    check: Option<Request>,
    capture: Arc<Capture>,
    redactor: Redactor,
    personal: Personal,
}

/// A recording that was played and came out as the run did.
pub struct Made {
    /// The recording; the key that names the spec is left to whoever knows where it will stand.
    pub yaml: String,
    /// What came of it.
    pub played: Played,
    /// Exchanges in it.
    pub exchanges: usize,
    /// Values of personal fields that have stand-ins.
    pub personal: usize,
}

/// Makes ready to record: the run is the caller's to begin and to watch. Streams that only the API can tell are asked
/// for, and are in the recording.
///
/// # Errors
/// Why it cannot begin; nothing was sent but that.
pub async fn record(order: Order<'_>) -> Result<(Recorder<'_>, Run), String> {
    let Order { spec, mut connector, settings, streams, start, pages, transport, clock, keep } = order;
    Personal::of(&connector, &streams)?;
    let home = home(&connector, &Scope::new().with("config", &settings.values).with("now", &clock.now()));
    // Nothing is kept, so a part will do.
    connector.supports.table_selection = true;
    let capture = Arc::new(Capture::new(transport, clock));
    let (start, moment) = start.unzip();
    let spec_name = connector.name.clone();
    let job = Job {
        connector: Arc::new(connector),
        settings: settings.clone(),
        selection: Selection { streams: streams.clone(), start: moment, full_refresh: false },
        destination: destination::open("sqlite::memory:", &spec_name).map_err(|fault| fault.to_string())?,
        place: "memory".into(),
        transport: capture.clone(),
        clock: capture.clone(),
    };
    let run =
        Run::discover_and(job, keep, |connector| cut(connector, pages)).await.map_err(|fault| fault.to_string())?;
    let (redactor, connector) = (run.redactor().clone(), Arc::clone(run.connector()));
    let personal = Personal::of(&connector, &streams)?;
    let check = run.check_request();
    Ok((Recorder { spec, connector, settings, streams, start, pages, home, check, capture, redactor, personal }, run))
}

impl Recorder<'_> {
    /// Makes the recording of what was captured, and plays it.
    ///
    /// # Errors
    /// The run failed, or what came of the recording is not what came of the run.
    pub async fn finish(self, report: &RunReport) -> Result<Made, String> {
        if let Some(failed) = report.streams.iter().find(|stream| stream.verdict == Verdict::Failed) {
            return Err(format!("nothing is recorded, because `{}` failed: {}", failed.stream, failed.reason));
        }
        let mut stand_ins = StandIns::new();
        let secrets = Secrets::new(&self.connector, &self.settings, &self.redactor, &mut stand_ins);
        let captured = self.capture.taken();
        let bookmarks = bookmarks(&self.connector);
        let mut hidden: Vec<Hidden> = captured
            .iter()
            .map(|taken| Hidden::of(taken, &secrets, self.home.as_deref(), self.spec, &bookmarks))
            .collect::<Result<_, _>>()?;
        if let Some(check) = &self.check {
            let is_it =
                |taken: &Taken| taken.request.method == check.method && taken.request.url.path() == check.url.path();
            without_owner(&mut hidden, captured.iter().position(is_it));
        }
        for exchange in &hidden {
            self.personal.learn(&exchange.body, &mut stand_ins);
        }
        let values = stand_ins.learned();
        hidden.iter_mut().for_each(|exchange| exchange.replace(&self.personal, &mut stand_ins));
        // A person's name may be the one with which the requests log in.
        let mut config = secrets.config().clone();
        config.values_mut().for_each(|value| stand_ins.within_value(value));
        let yaml = self.yaml(&hidden, &config);
        self.leaks(&yaml, &secrets, &stand_ins)?;
        let runs = Runs::parse(&yaml).map_err(|fault| format!("what was recorded cannot be read again: {fault}"))?;
        let played = play(self.spec, &runs).await?;
        agree(report, &played)?;
        Ok(Made { yaml, played, exchanges: hidden.len(), personal: values })
    }

    fn yaml(&self, exchanges: &[Hidden], config: &Map<String, Value>) -> String {
        let head = yaml::Head {
            config,
            now: self.capture.began(),
            streams: &self.streams,
            start: self.start.as_deref(),
            pages: self.pages,
        };
        yaml::write(&head, exchanges, &self.personal)
    }

    /// A last look at what is about to be written.
    fn leaks(&self, yaml: &str, secrets: &Secrets<'_>, stand_ins: &StandIns) -> Result<(), String> {
        let again = "this is a fault of Tapwright; nothing was written";
        if secrets.is_in(yaml) {
            return Err(format!("a secret is left in the recording; {again}"));
        }
        if stand_ins.left_in(yaml) {
            return Err(format!("a value of a personal field is left in the recording; {again}"));
        }
        Ok(())
    }
}

/// The headers in which answers tell bookmarks.
fn bookmarks(connector: &Connector) -> Vec<String> {
    let told = |stream: &Stream| match &stream.replication {
        Replication::Incremental(incremental) => match &incremental.bookmark {
            Bookmark::Told(Told { at: Token::Header(name), .. }) => Some(name.clone()),
            _ => None,
        },
        _ => None,
    };
    connector.streams.iter().filter_map(told).collect()
}

/// Whether the recording tells the same story as the run.
fn agree(report: &RunReport, played: &Played) -> Result<(), String> {
    let remedy = "so nothing was written; the API may answer the same request in several ways, or a key that is \
                  personal may be what pages are read by";
    if let Some((_, miss)) = played.misses.first() {
        return Err(format!("the recording, when it was played, asked for what is not in it: {miss}; {remedy}"));
    }
    let again = played.reports.first().ok_or_else(|| format!("the recording cannot be played; {remedy}"))?;
    for (one, other) in report.streams.iter().zip(&again.streams) {
        let figures = |stream: &crate::report::StreamReport| {
            [stream.records, stream.new, stream.repeated, stream.rejected, stream.left_out]
        };
        if one.verdict != other.verdict || figures(one) != figures(other) {
            return Err(format!(
                "the recording, when it was played, brought {} of `{}` ({}: {}), and the run {} ({}); {remedy}",
                counted(other.records, "record"),
                one.stream,
                other.verdict.word(),
                other.reason,
                one.records,
                one.verdict.word()
            ));
        }
    }
    Ok(())
}

/// The key that names the spec in a recording that will stand in `folder`; none if the spec stands where it is
/// looked for, at `usual`.
pub fn naming(spec: &Path, folder: &Path, usual: &Path) -> Option<String> {
    let real = |path: &Path| std::fs::canonicalize(path).ok();
    let (spec, folder) = (real(spec)?, real(folder)?);
    if real(usual).as_ref() == Some(&spec) {
        return None;
    }
    let same = spec.components().zip(folder.components()).take_while(|(a, b)| a == b).count();
    let up = folder.components().skip(same).map(|_| "..".to_owned());
    let down = spec.components().skip(same).map(|part| part.as_os_str().to_string_lossy().into_owned());
    Some(format!("spec: {}\n", Value::from(up.chain(down).collect::<Vec<_>>().join("/"))))
}
