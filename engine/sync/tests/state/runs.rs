//! Runs against the shop, into a destination that dies when it is told to.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use tapwright_spec::Source;
use tapwright_spec::settings::{Given, settings};
use tapwright_sync::clock::TestClock;
use tapwright_sync::destination::sqlite::Sqlite;
use tapwright_sync::destination::{
    Completion, Delivery, Destination, Existing, Fault, Finished, Opening, Prospect, Written,
};
use tapwright_sync::plan::Selection;
use tapwright_sync::report::RunReport;
use tapwright_sync::run::{Bounds, Job, Run};
use tapwright_sync::state::{Draft, Receipt, State};

use crate::world::{Api, Truth, Version};

/// A destination of which everything since the last commit is lost when its time is up.
struct Mortal {
    inner: Sqlite,
    /// Writes and commits that are still to be done; `None`: all.
    left: Option<usize>,
}

impl Mortal {
    fn live(&mut self) -> Result<(), Fault> {
        match &mut self.left {
            Some(0) => Err(Fault::Other { place: "here".into(), reason: "the program was killed".into() }),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }
}

impl Destination for Mortal {
    fn load_state(&mut self) -> Result<State, Fault> {
        self.inner.load_state()
    }

    fn survey(&mut self, opening: &Opening<'_>) -> Result<Vec<Prospect>, Fault> {
        self.inner.survey(opening)
    }

    fn begin(&mut self, opening: &Opening<'_>) -> Result<Existing, Fault> {
        self.inner.begin(opening)
    }

    fn write(&mut self, stream: &str, delivery: &Delivery<'_, '_>) -> Result<Written, Fault> {
        self.live()?;
        self.inner.write(stream, delivery)
    }

    fn finish(&mut self, stream: &str, completion: Completion) -> Result<Finished, Fault> {
        self.inner.finish(stream, completion)
    }

    fn commit(&mut self, draft: &Draft) -> Result<Receipt, Fault> {
        self.live()?;
        self.inner.commit(draft)
    }

    fn rollback(&mut self) -> Result<(), Fault> {
        self.inner.rollback()
    }
}

/// One run of `spec`, which may die; gives its report.
pub(crate) fn run(spec: &str, database: &Path, api: &Arc<Api>, now: Timestamp, left: Option<usize>) -> RunReport {
    let connector = tapwright_spec::check(&Source::new("shop.yaml", spec)).expect("a spec");
    let settings = settings(&connector, &Given { file: None, texts: Vec::new() }).expect("settings");
    let place = database.display().to_string();
    let job = Job {
        destination: Box::new(Mortal { inner: Sqlite::open(&place, &connector.name).expect("a destination"), left }),
        connector: Arc::new(connector),
        settings,
        selection: Selection::default(),
        place,
        transport: api.clone(),
        clock: Arc::new(TestClock::new(now)),
    };
    let (_sender, stop) = tokio::sync::watch::channel(None);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    // Every page is a transaction of its own, so that a death may come after each; few slices have a bookmark each.
    let bounds = Bounds { records: 1, slices: 3 };
    let run = Run::prepare(job).expect("a plan").bounded(bounds);
    runtime.block_on(async { run.go(stop).await.expect("a report") })
}

/// The state that was committed.
pub(crate) fn state(database: &Path) -> State {
    let place = database.display().to_string();
    Sqlite::open(&place, "shop").expect("a destination").load_state().expect("a state")
}

/// The rows that were committed.
pub(crate) fn rows(database: &Path) -> Truth {
    let place = database.display().to_string();
    let sqlite = Sqlite::open(&place, "shop").expect("a destination");
    let read = |sql: &str| -> Vec<(i64, i64, String, i64)> {
        let Ok(mut statement) = sqlite.connection().prepare(sql) else { return Vec::new() };
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)));
        rows.expect("rows").map(|row| row.expect("a row")).collect()
    };
    let version = |at: &str, number| Version { at: at.parse().expect("a moment"), number };
    let orders: BTreeMap<i64, Version> =
        read("SELECT id, 0, at, 0 FROM orders").iter().map(|(id, _, at, _)| (*id, version(at, 0))).collect();
    let lines = read("SELECT \"order\", id, at, number FROM lines");
    Truth { orders, lines: lines.iter().map(|(order, id, at, number)| ((*order, *id), version(at, *number))).collect() }
}
