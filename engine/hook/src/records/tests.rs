//! What is taken of answers, and what of any answer at all.

use std::time::{Duration, Instant};

use super::answer::{Taken, Why, take};
use super::batch::Batch;
use super::members::each_member;
use crate::interface::exports::tapwright::hook::records::{Answer, Refusal, Route};

const TWO: [&str; 2] = [r#"{"a":1,"x":[1]}"#, r#"{"x":[2],"b":2}"#];

fn batch<'r>(records: &[&'r str], reads: Option<&[String]>) -> Batch<'r> {
    let mut batch = Batch::default();
    for (number, record) in records.iter().enumerate() {
        // What cannot go over stays out.
        let _ = batch.add(number, record, reads);
    }
    batch
}

fn answer(records: &str, origins: &[u32]) -> Answer {
    Answer { records: records.into(), origins: origins.to_vec(), routes: Vec::new(), refused: Vec::new() }
}

fn lines(taken: &Taken) -> Vec<(&str, usize, Option<usize>)> {
    taken.lines.iter().map(|line| (&taken.text[line.within.clone()], line.origin, line.route)).collect()
}

fn x() -> Vec<String> {
    vec!["x".to_owned()]
}

#[test]
fn members_that_stayed_rejoin() {
    let reads = x();
    let batch = batch(&TWO, Some(&reads));
    let taken = take(answer("{\"y\":1.50}\n{}\n", &[]), &batch, &[]).expect("an answer");
    assert_eq!(lines(&taken), [(r#"{"a":1,"y":1.50}"#, 0, None), (r#"{"b":2}"#, 1, None)]);
    let taken = take(answer(" { \"y\" : 1 } \n{\"y\":2}\n", &[1, 1]), &batch, &[]).expect("an answer");
    assert_eq!(lines(&taken), [(r#"{"b":2, "y" : 1 }"#, 1, None), (r#"{"b":2,"y":2}"#, 1, None)]);
    assert!(lines(&take(answer("", &[]), &batch, &[]).expect("an answer")).is_empty());
}

#[test]
fn a_member_that_stands_there_already_refuses_its_record_alone() {
    let reads = x();
    let batch = batch(&TWO, Some(&reads));
    let taken = take(answer("{\"y\":1}\n{\"\\u0061\":2}\n{\"z\":3}\n{\"a\":3}\n", &[0, 0, 0, 1]), &batch, &[]);
    let taken = taken.expect("an answer");
    assert_eq!(lines(&taken), [(r#"{"b":2,"a":3}"#, 1, None)]);
    assert_eq!(taken.refused, [(0, Why::Clash("a".to_owned()))]);
}

#[test]
fn routes_and_refusals_are_taken() {
    let batch = batch(&TWO, None);
    let routes = vec![Route { line: 1, stream: "b".to_owned() }];
    let refused = vec![Refusal { record: 1, reason: " no\n".to_owned() }];
    let given = Answer { routes, refused, ..answer("{\"y\":1}\n{\"y\":2}\n", &[0, 0]) };
    let taken = take(given, &batch, &["a".to_owned(), "b".to_owned()]).expect("an answer");
    assert_eq!(lines(&taken), [(r#"{"y":1}"#, 0, None), (r#"{"y":2}"#, 0, Some(1))]);
    assert_eq!(taken.refused, [(1, Why::Said("no".to_owned()))]);
}

#[test]
fn what_breaks_with_the_interface_is_told() {
    let batch = batch(&TWO, None);
    let refusal = |record| Refusal { record, reason: "no".to_owned() };
    let told = |answer: Answer| take(answer, &batch, &["notes".to_owned()]).expect_err("a fault");
    for (records, origins, reason) in [
        ("{}", &[][..], "its last line is not ended"),
        (
            "{}\n",
            &[],
            "how many lines it gives (1) is not how many records it was given (2), and it tells the origin of 0",
        ),
        ("{}\n{}\n", &[1, 0], "an origin is 0 after 1"),
        ("{}\n{}\n", &[0, 2], "an origin is 2 after 0; origins ascend, and those of this batch are below 2"),
        ("{}\n{\"a\":}\n", &[], "line 2 of 2 is no JSON"),
        ("{}\n\n", &[], "line 2 of 2 is no JSON object"),
        ("{}\n{} {}\n", &[], "line 2 of 2 is no JSON: trailing characters"),
        ("{}\n{\"a\":1,\"a\":2}\n", &[], "line 2 of 2 has the member `a` twice"),
    ] {
        let told = told(answer(records, origins));
        assert!(told.contains(reason), "{told}");
    }
    let refused = Answer { refused: vec![refusal(1), refusal(1)], ..answer("{}\n", &[0]) };
    assert!(told(refused).contains("it refuses record 1 of 2"));
    let both = Answer { refused: vec![refusal(1)], ..answer("{}\n", &[1]) };
    assert!(told(both).contains("it gives lines for record 1 (from 0), which it refuses"));
    let nowhere = Answer { routes: vec![Route { line: 0, stream: "x".to_owned() }], ..answer("{}\n{}\n", &[]) };
    assert!(told(nowhere).contains("it sends a record to `x`; the streams that it may send to: notes"));
}

/// Random numbers that are the same in each run (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }

    /// Pieces of JSON in an order that may make sense.
    fn text(&mut self, pieces: usize) -> String {
        const PIECES: [&str; 22] = [
            "{",
            "}",
            "[",
            "]",
            ":",
            ",",
            "\"a\"",
            "\"x\"",
            "\"\\u0061\"",
            "\"b\":1",
            "\"x\":{}",
            "1",
            "-0.5e3",
            "null",
            " ",
            "\n",
            "\"",
            "\\",
            "{\"a\":1}",
            "{\"x\":[1,{\"y\":\"}\"}]}",
            "{}\n",
            "ä",
        ];
        (0..pieces).map(|_| PIECES[self.below(PIECES.len())]).collect()
    }
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

/// Fuzzing with a seed, bounded by its rounds or by `FUZZ_SECONDS`: neither records nor answers of any kind do harm.
#[test]
fn nothing_that_is_given_does_harm() {
    let seed = number("FUZZ_SEED").unwrap_or(20_261_122);
    eprintln!("seed {seed}");
    let (began, seconds) = (Instant::now(), number("FUZZ_SECONDS").map(Duration::from_secs));
    let (mut dice, mut taken_at_all, reads) = (Dice(seed), 0, x());
    for _ in (0..).take_while(|round| seconds.map_or(*round < 60_000, |seconds| began.elapsed() < seconds)) {
        let records: Vec<String> = (0..1 + dice.below(3))
            .map(|_| {
                let pieces = dice.below(6);
                let inner = dice.text(pieces);
                if dice.below(2) == 0 { format!("{{{inner}}}") } else { inner }
            })
            .collect();
        for record in &records {
            names_agree(record);
        }
        let texts: Vec<&str> = records.iter().map(String::as_str).collect();
        let batch = batch(&texts, (dice.below(2) == 0).then_some(&reads));
        // Half of them tell as many lines as there are records.
        let each = dice.below(2) == 0;
        let mut lines = String::new();
        for _ in 0..if each { batch.len() } else { dice.below(4) } {
            let pieces = dice.below(5);
            lines += &if dice.below(4) == 0 { dice.text(pieces) } else { "{\"y\":1}".to_owned() };
            lines.push('\n');
        }
        let origins = (0..if each { 0 } else { dice.below(4) }).map(|_| dice.below(4) as u32).collect();
        let routes = (0..dice.below(2)).map(|_| Route { line: dice.below(3) as u32, stream: "s".to_owned() }).collect();
        let refused = (0..if each { 0 } else { dice.below(2) })
            .map(|_| Refusal { record: dice.below(3) as u32, reason: String::new() })
            .collect();
        let answer = Answer { records: lines.into_bytes(), origins, routes, refused };
        let Ok(taken) = take(answer, &batch, &["s".to_owned()]) else { continue };
        taken_at_all += taken.lines.len();
        for line in &taken.lines {
            assert!(line.origin < batch.len() && !taken.refused.iter().any(|(record, _)| *record == line.origin));
            let text = &taken.text[line.within.clone()];
            let valid = texts.iter().all(|text| serde_json::from_str::<serde_json::Value>(text).is_ok());
            assert!(!valid || serde_json::from_str::<serde_json::Value>(text).is_ok(), "{texts:?} {text}");
        }
    }
    assert!(taken_at_all > 1_000, "too few were taken to tell anything: {taken_at_all}");
}

/// Of a text that is a JSON object, the walk over its members sees the same as a JSON parser.
fn names_agree(text: &str) {
    let mut seen = std::collections::BTreeSet::new();
    let walked = each_member(text, |member| {
        seen.insert(member.unescaped());
    });
    if let Ok(parsed) = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text) {
        assert_eq!(walked, Ok(()), "{text}");
        assert_eq!(seen, parsed.keys().cloned().map(Some).collect(), "{text}");
    }
}
