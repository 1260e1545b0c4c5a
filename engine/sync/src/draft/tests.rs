//! Each `tests/new/NAME.json` is a sample, with what it came from; `NAME.yaml` beside it is its draft.
//! `UPDATE_DRAFTS=1` writes them anew; read their diff.

use std::path::Path;

use serde_json::Value;

use super::{Sample, draft};

fn sample(body: Value, url: Option<&str>) -> Sample {
    let origin = "a sample".to_owned();
    Sample { origin, url: url.map(|url| url.parse().expect("a URL")), headers: Vec::new(), link: None, body }
}

#[test]
fn every_sample_makes_its_spec() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/new");
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut samples: Vec<_> = entries.filter(|path| path.extension().is_some_and(|kind| kind == "json")).collect();
    samples.sort();
    assert!(samples.len() >= 8, "samples are missing");
    let mut wrong = Vec::new();
    for path in samples {
        let text = std::fs::read_to_string(&path).expect("a sample");
        let case: Value = serde_json::from_str(&text).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
        let mut given = sample(case["body"].clone(), case["url"].as_str());
        given.link = case["link"].as_str().map(str::to_owned);
        let headers = case["headers"].as_object().into_iter().flatten();
        given.headers =
            headers.map(|(name, value)| (name.clone(), value.as_str().expect("a text").to_owned())).collect();
        let made = draft("shop", Some(&given)).unwrap_or_else(|why| format!("# refused: {why}\n"));
        assert!(!made.contains("s3cret"), "{}: a secret is written\n{made}", path.display());
        let golden = path.with_extension("yaml");
        if std::env::var("UPDATE_DRAFTS").is_ok_and(|set| set == "1") {
            std::fs::write(&golden, &made).expect("written");
        } else if std::fs::read_to_string(&golden).ok().as_deref() != Some(&made) {
            wrong.push(format!("{} is now\n{made}", golden.display()));
        }
        assert!(!made.starts_with("# refused") || path.to_string_lossy().contains("refused_"), "{made}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_skeleton_is_well_for_every_name() {
    for name in ["shop", "my_shop", "a", "x_2", "end_"] {
        if tapwright_spec::is_name(name) {
            draft(name, None).unwrap_or_else(|why| panic!("{name}: {why}"));
        }
    }
}
