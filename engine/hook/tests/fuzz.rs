//! Components that were damaged at random: each is refused or runs within its limits, and this program lives.
//!
//! Fuzzing with coverage needs a nightly compiler. This does with the hostile cases as its corpus, a seed and a number
//! of rounds, the same in each run. `FUZZ_SEED=7 FUZZ_SECONDS=30 cargo test --workspace --test fuzz` goes on elsewhere for half
//! a minute, as CI does with a seed of its own each time; the decoder of batches is fuzzed alike in `src/records/tests.rs`.
//! What it finds becomes a case beside the others.

mod component;

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::json;
use tapwright_hook::{Capability, Grant, Hook, Host, Job, Limits, Records, Stream, paginate, sign, slices};

/// Random numbers that are the same in each run (xorshift).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    /// Changes, takes away, repeats and brings in some bytes.
    fn damage(&mut self, bytes: &mut Vec<u8>, others: &[u8]) {
        for _ in 0..=self.below(4) {
            let at = self.below(bytes.len());
            let to = (at + 1 + self.below(16)).min(bytes.len());
            match self.below(6) {
                0 if at < bytes.len() => bytes[at] ^= 1 << self.below(8),
                1 if at < bytes.len() => bytes[at] = self.next() as u8,
                2 => drop(bytes.drain(at..to)),
                3 => bytes.truncate(at),
                4 => {
                    let from = self.below(others.len());
                    let piece = &others[from..(from + self.below(32)).min(others.len())];
                    bytes.splice(at..at, piece.iter().copied());
                }
                _ if at < bytes.len() => bytes[at] = [0, 1, 0x7f, 0x80, 0xff][self.below(5)],
                _ => {}
            }
        }
    }
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

/// So many rounds, or as many as there is time for.
fn rounds(usual: u64) -> impl Iterator<Item = u64> {
    let (began, seconds) = (Instant::now(), number("FUZZ_SECONDS").map(Duration::from_secs));
    (0..).take_while(move |round| seconds.map_or(*round < usual, |seconds| began.elapsed() < seconds))
}

/// Does what a run would do.
fn used(hook: &Hook) {
    let texts = [r#"{"n":0,"kept":"a"}"#, r#"{"n":1,"kept":"b"}"#];
    for job in hook.jobs() {
        match job {
            Job::Records => {
                let routes = vec!["notes".to_owned()];
                let stream = Stream { name: "cases".to_owned(), fields: Vec::new(), primary_key: Vec::new(), routes };
                let Ok(mut records) = Records::open(hook, &json!({}), stream, Vec::new()) else { continue };
                let Ok(changed) = records.change(&texts) else { continue };
                for line in changed.lines() {
                    assert!(line.origin < texts.len() && line.route.is_none_or(|route| route == 0));
                    assert!(serde_json::from_str::<serde_json::Map<_, _>>(line.record).is_ok(), "{}", line.record);
                }
            }
            Job::Sign => {
                let Ok(mut signer) = sign::Signer::open(hook, &json!({})) else { continue };
                let (method, url) = ("GET".to_owned(), "http://api.example".to_owned());
                let (headers, nonce) = (Vec::new(), vec![0; 16]);
                let _ = signer.sign(&sign::Request { method, url, headers, body: None, now: 0, nonce });
            }
            Job::Paginate => {
                let Ok(mut pages) = paginate::Pages::open(hook, &json!({})) else { continue };
                let (url, headers, body) = ("http://api.example".to_owned(), Vec::new(), Vec::new());
                let _ = pages.after(&paginate::Response { url, status: 200, headers, body, records: 0, page: 1 });
            }
            Job::Slices => {
                let Ok(mut cutter) = slices::Cutter::open(hook, &json!({})) else { continue };
                let (stream, config, state) = ("cases".to_owned(), "{}".to_owned(), "[]".to_owned());
                let _ = cutter.cut(&slices::Question { stream, config, state, now: 0 }, &["site".to_owned()]);
            }
        }
    }
}

#[test]
fn damaged_components_do_no_harm() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/hooks/hostile");
    let mut corpus: Vec<Vec<u8>> = Vec::new();
    for path in fs::read_dir(folder).expect("the cases").map(|entry| entry.expect("an entry").path()) {
        let name = path.file_stem().and_then(|name| name.to_str()).expect("a name").to_owned();
        // Those that run into their limit of time would take up all of it.
        if path.extension().is_some_and(|extension| extension == "wat") && !name.contains("loop") {
            corpus.push(component::bytes(&name, &fs::read_to_string(&path).expect("a case")));
        }
    }
    corpus.sort();
    let host = Host::new().expect("a host");
    let scratch = tempfile::tempdir().expect("a folder");
    let file = scratch.path().join("damaged.wasm");
    let seed = number("FUZZ_SEED").unwrap_or(20_261_122);
    let (mut dice, mut ran) = (Dice(seed), 0);
    for round in rounds(400) {
        eprintln!("seed {seed}, round {round}");
        let mut bytes = corpus[dice.below(corpus.len())].clone();
        let others = corpus[dice.below(corpus.len())].clone();
        dice.damage(&mut bytes, &others);
        fs::write(&file, &bytes).expect("a file");
        let limits = Limits { time: Duration::from_millis(20), memory: 4 << 20, output: 1 << 20, crashes: 2 };
        let grant = Grant { allow: vec![Capability::Log], limits, ..Grant::of("damaged", &file) };
        if let Ok(hook) = host.load(grant) {
            used(&hook);
            ran += 1;
        }
    }
    assert!(ran > 10, "too few of them ran to tell anything: {ran}");
}
