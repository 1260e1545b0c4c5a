//! A spec, a recorded API, and what must come of it: each folder of `tests/recorded/` is a case, and so are the
//! recordings of `connectors/`.
//!
//! | file | holds |
//! |---|---|
//! | `spec.yaml` | the connector; its first line says what the case is about |
//! | `recording.yaml` | the runs, one after the other into one database: what is asked for and what the API answers |
//! | `expected.yaml` | for each run the requests, what is reported, the tables and the state |
//! | `expected.hub.yaml` | the same on the way through a hub, in the few cases in which it differs |
//!
//! `tapwright test tests/recorded connectors` does the same. After a change of what is expected, `UPDATE_RECORDED=1` writes the
//! third file anew; read its diff.

use std::path::Path;

use tapwright_sync::replay::{Judgement, Way, find};

#[test]
fn every_case_comes_out_as_expected() {
    every_case(Way::Direct);
}

#[test]
fn every_case_comes_out_the_same_through_a_hub() {
    if !updates() {
        every_case(Way::Hub);
    }
}

fn updates() -> bool {
    std::env::var("UPDATE_RECORDED").is_ok_and(|set| set == "1")
}

fn every_case(way: Way) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let cases = find(&[root.join("tests/recorded"), root.join("connectors")], &[]).expect("cases");
    assert!(cases.len() >= 50, "cases are missing");
    let only = std::env::var("RECORDED").unwrap_or_default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    let mut wrong = Vec::new();
    for case in cases.iter().filter(|case| case.name.contains(&only)) {
        if updates() {
            runtime.block_on(case.update()).unwrap_or_else(|fault| wrong.push(format!("{}: {fault}", case.name)));
            continue;
        }
        match runtime.block_on(case.judge_on(way)).judgement {
            Judgement::Same => {}
            Judgement::Drifted(why) | Judgement::Unrecorded(why) | Judgement::Unplayable(why) => {
                wrong.push(format!("{}:\n{why}", case.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
