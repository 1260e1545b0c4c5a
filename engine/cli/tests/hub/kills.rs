//! Extractions and loads that are killed, at points that look random and are the same each time.

use std::time::{Duration, Instant};

use crate::site::{Site, told};

/// Kills unless `TAPWRIGHT_KILLS` says how many.
const KILLS: u64 = 8;

/// Numbers that look random and are the same each time.
struct Seeded(u64);

impl Seeded {
    fn next(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % below
    }
}

#[test]
fn killed_extractions_and_loads_lose_no_row_and_double_none() {
    let kills = std::env::var("TAPWRIGHT_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(KILLS);
    let site = Site::new();
    let places = [site.to("sqlite"), site.to("jsonl")];
    let began = Instant::now();
    site.extracts_well("the first extraction");
    let extracted = began.elapsed();
    let began = Instant::now();
    places.iter().for_each(|to| site.loads_well(to, "the first load"));
    let loaded = began.elapsed() / 2;
    let mut seeded = Seeded(0x5eed_0003);
    let [mut of_extracts, mut of_loads] = [0, 0];
    for kill in 0..20 * kills {
        if kill >= kills && of_extracts > 0 && of_loads > 0 {
            break;
        }
        site.world.turn();
        let to = &places[(kill / 2 % 2) as usize];
        let (mut command, within) = match kill % 4 {
            // Begins anew, so that the kill meets much to write.
            0 => (site.extract(), extracted),
            2 => {
                let mut command = site.extract();
                command.arg("--full-refresh");
                (command, extracted)
            }
            _ => {
                let output = site.extract().arg("--full-refresh").output().expect("a run");
                assert!(output.status.success(), "kill {kill}: {}", told(&output));
                (site.load(to), loaded)
            }
        };
        let mut run = command.spawn().expect("a run");
        std::thread::sleep(Duration::from_micros(seeded.next(within.as_micros() as u64)));
        run.kill().expect("killed");
        let ended = run.wait_with_output().expect("an end");
        *(if kill % 2 == 0 { &mut of_extracts } else { &mut of_loads }) += u64::from(!ended.status.success());
        if kill % 3 == 0 {
            // A load finds what the killed extraction has left, and no more.
            let output = site.load(to).output().expect("a run");
            assert!(output.status.success(), "kill {kill}: {}", told(&output));
        }
        site.extracts_well(&format!("kill {kill}"));
        for to in &places {
            site.loads_well(to, &format!("kill {kill}"));
        }
    }
    let sound = site.hub(&["--verify"]);
    assert_eq!(sound["damages"], serde_json::json!([]), "{sound}");
    eprintln!(
        "hub: {kills} kills, {of_extracts} of them amid an extraction, {of_loads} amid a load: every row is right"
    );
}
