//! How far a run is: a line per running stream on a terminal, plain log lines elsewhere.

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tapwright_spec::counted;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::Timestamp;
use tapwright_sync::http::Counters;
use tapwright_sync::report::{Phase, Progress};
use tapwright_sync::run::Run;

/// Between two looks.
const TICK: Duration = Duration::from_millis(200);
/// Between two log lines of a stream that is running.
const LOG: Duration = Duration::from_secs(10);

/// Shows the run until it is ended.
pub(crate) struct Watch {
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Watch {
    /// Takes the lines away; the report follows.
    pub(crate) fn end(mut self) {
        self.over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // A display that panicked must not fail the run.
            let _ = thread.join();
        }
    }
}

/// A stream that is shown.
struct Shown {
    name: String,
    progress: Arc<Vec<Progress>>,
    at: usize,
    counters: Arc<Counters>,
    note: Option<String>,
    phase: Phase,
    logged: Instant,
    began: Option<Instant>,
    bar: Option<ProgressBar>,
}

/// Begins to show a run.
pub(crate) fn begin(run: &Run) -> Watch {
    let (progress, counters) = (run.progress(), run.counters());
    let shown: Vec<Shown> = run
        .plan()
        .steps()
        .into_iter()
        .map(|step| Shown {
            name: run.stream_name(step.stream).to_owned(),
            progress: Arc::clone(&progress),
            at: step.stream,
            counters: Arc::clone(&counters[step.stream]),
            note: step.note.clone().filter(|_| step.load),
            phase: Phase::Pending,
            logged: Instant::now(),
            began: None,
            bar: None,
        })
        .collect();
    let over = Arc::new(AtomicBool::new(false));
    let ended = Arc::clone(&over);
    let terminal = std::io::stderr().is_terminal();
    let thread = std::thread::spawn(move || show(shown, &ended, terminal));
    Watch { over, thread: Some(thread) }
}

fn show(mut shown: Vec<Shown>, over: &AtomicBool, terminal: bool) {
    let bars = MultiProgress::with_draw_target(if terminal {
        ProgressDrawTarget::stderr_with_hz(5)
    } else {
        ProgressDrawTarget::hidden()
    });
    loop {
        let last = over.load(Ordering::Relaxed);
        for stream in &mut shown {
            if terminal { stream.draw(&bars) } else { stream.log() }
        }
        if last {
            break;
        }
        std::thread::park_timeout(TICK);
    }
    // The bars are progress, not a record: the report takes their place.
    let _ = bars.clear();
}

impl Shown {
    fn draw(&mut self, bars: &MultiProgress) {
        let phase = self.progress[self.at].phase();
        match phase {
            Phase::Pending => {}
            Phase::Running => {
                self.began.get_or_insert_with(Instant::now);
                let line = self.line();
                let bar = self.bar.get_or_insert_with(|| {
                    let bar = bars.add(ProgressBar::new_spinner());
                    // The template stands here; indicatif reads it without a fault.
                    bar.set_style(
                        ProgressStyle::with_template("{spinner} {wide_msg}")
                            .unwrap_or_else(|_| ProgressStyle::default_spinner()),
                    );
                    bar
                });
                bar.set_message(line);
                bar.tick();
            }
            Phase::Ended(_) => {
                if let Some(bar) = self.bar.take() {
                    bar.finish_and_clear();
                    bars.remove(&bar);
                }
            }
        }
    }

    fn log(&mut self) {
        let phase = self.progress[self.at].phase();
        let due = phase == Phase::Running && self.logged.elapsed() >= LOG;
        if phase == self.phase && !due {
            return;
        }
        if self.phase == Phase::Pending {
            self.began = Some(Instant::now());
            let note = self.note.take().map(|note| format!(": {note}")).unwrap_or_default();
            self.say(&format!("begins{note}"));
        }
        match phase {
            Phase::Running if due => self.say(&self.line()),
            Phase::Ended(verdict) => self.say(&format!("{} after {}", verdict.word(), self.figures())),
            _ => {}
        }
        self.logged = Instant::now();
        self.phase = phase;
    }

    fn say(&self, what: &str) {
        eprintln!("{:.0} {}: {what}", Timestamp::now(), self.name);
    }

    fn figures(&self) -> String {
        let progress = &self.progress[self.at];
        let (records, pages) = (progress.records.load(Ordering::Relaxed), progress.pages.load(Ordering::Relaxed));
        {
            let (records, pages) = (counted(records, "record"), counted(pages, "page"));
            format!("{records} on {pages}, {}", counted(self.counters.requests(), "request"))
        }
    }

    fn line(&self) -> String {
        let progress = &self.progress[self.at];
        let (records, total) = (progress.records.load(Ordering::Relaxed), progress.total.load(Ordering::Relaxed));
        let of = if total >= records && total > 0 { format!(" of {total}") } else { String::new() };
        let pages = progress.pages.load(Ordering::Relaxed);
        let seconds = self.began.map_or(0.0, |began| began.elapsed().as_secs_f64());
        let rate = if seconds > 0.5 { records as f64 / seconds } else { 0.0 };
        let wait = self.counters.waiting_until().map(|until| until.duration_since(Timestamp::now()).as_secs());
        let wait = wait.filter(|seconds| *seconds > 0).map(|seconds| format!(", waits {seconds} s for the API"));
        let (records, pages) = (counted(format!("{records}{of}"), "record"), counted(pages, "page"));
        format!("{}: {records}, {pages}, {rate:.0}/s{}", self.name, wait.unwrap_or_default())
    }
}
