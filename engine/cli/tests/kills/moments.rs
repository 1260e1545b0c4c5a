//! Kills of runs, at moments that look random and are the same each time, spread over as long as such a run takes.

use std::collections::BTreeMap;
use std::process::{Child, Output};
use std::time::{Duration, Instant};

/// How often a run is looked at before its moment.
const STEP: Duration = Duration::from_millis(2);

/// Kills of runs of some kinds.
pub(crate) struct Kills {
    /// How many are to meet a run.
    wanted: u64,
    /// How many were tried.
    tried: u64,
    /// How many have met a run, by its kind.
    amid: BTreeMap<&'static str, u64>,
    /// How long a run takes, by its kind.
    lasts: BTreeMap<&'static str, Duration>,
    seed: u64,
}

impl Kills {
    /// Begins: `few` kills are to meet a run, unless `TAPWRIGHT_KILLS` says another number.
    pub(crate) fn new(few: u64) -> Kills {
        let wanted = std::env::var("TAPWRIGHT_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(few);
        Kills { wanted, tried: 0, amid: BTreeMap::new(), lasts: BTreeMap::new(), seed: 0x5eed_0005 }
    }

    /// Does what nobody kills, and remembers how long it takes.
    pub(crate) fn spare(&mut self, kind: &'static str, run: impl FnOnce()) {
        let began = Instant::now();
        run();
        self.lasts.insert(kind, began.elapsed());
    }

    /// The number of the next kill; none when enough have met a run.
    pub(crate) fn next(&mut self) -> Option<u64> {
        if self.met() >= self.wanted {
            return None;
        }
        // On a machine whose speed changes, runs end before their moment now and then.
        assert!(self.tried < 4 * self.wanted + 20, "{} of {} kills met a run", self.met(), self.tried);
        self.tried += 1;
        Some(self.tried - 1)
    }

    /// Lets a run go on to its moment and then has it killed by `kill`; gives what it said, and whether it was met.
    pub(crate) fn strike(
        &mut self,
        kind: &'static str,
        mut run: Child,
        kill: impl FnOnce(&mut Child),
    ) -> (Output, bool) {
        let began = Instant::now();
        let lasts = self.lasts[kind];
        let moment = Duration::from_micros(self.below(lasts.as_micros() as u64));
        while began.elapsed() < moment && run.try_wait().expect("a run").is_none() {
            std::thread::sleep(STEP.min(moment.saturating_sub(began.elapsed())));
        }
        let ended = run.try_wait().expect("a run").map(|_| began.elapsed());
        kill(&mut run);
        let output = run.wait_with_output().expect("an end");
        let is_met = !output.status.success();
        *self.amid.entry(kind).or_default() += u64::from(is_met);
        // A run that was met might have taken longer than the last one.
        self.lasts.insert(kind, ended.unwrap_or(lasts + lasts / 20));
        (output, is_met)
    }

    fn met(&self) -> u64 {
        self.amid.values().sum()
    }

    fn below(&mut self, most: u64) -> u64 {
        self.seed ^= self.seed << 13;
        self.seed ^= self.seed >> 7;
        self.seed ^= self.seed << 17;
        self.seed % most.max(1)
    }

    /// Tells what came of them.
    pub(crate) fn tell(&self, what: &str) {
        let kinds: Vec<String> = self.amid.iter().map(|(kind, met)| format!("{met} amid `{kind}`")).collect();
        eprintln!("{what}: {} of {} kills met a run, {}: every row is right", self.met(), self.tried, kinds.join(", "));
    }
}
