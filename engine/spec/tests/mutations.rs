//! Right specs, damaged in thousands of ways: `check` neither panics nor hangs, and every place that it
//! tells lies within the file.

use std::path::Path;

use tapwright_spec::diagnostic::Style;
use tapwright_spec::{Source, check};

const RIGHT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/specs/right");
const ROUNDS: usize = 4_000;

/// A row of numbers that is the same on every machine.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 1).unwrap_or_default() % bound.max(1)
    }
}

const WORDS: [&str; 18] = [
    "null",
    "{}",
    "[]",
    "\"",
    "'",
    "{{ x }}",
    "\"{{ parent.id }}\"",
    "*a",
    "&a b",
    "!!str",
    "- ",
    "0",
    "ß寸👍",
    "\t",
    ": ",
    "#",
    "|",
    "true",
];

fn damage(text: &str, dice: &mut Dice) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for _ in 0..=dice.below(3) {
        if lines.is_empty() {
            break;
        }
        let at = dice.below(lines.len());
        let other = dice.below(lines.len());
        let mut chars: Vec<char> = lines[at].chars().collect();
        match dice.below(8) {
            0 => drop(lines.remove(at)),
            1 => lines.swap(at, other),
            2 => lines.insert(at, lines[other].clone()),
            3 => lines[at] = format!("  {}", lines[at]),
            4 if chars.len() > 1 => {
                let here = dice.below(chars.len() - 1);
                chars.swap(here, here + 1);
                lines[at] = chars.into_iter().collect();
            }
            5 if !chars.is_empty() => {
                chars.remove(dice.below(chars.len()));
                lines[at] = chars.into_iter().collect();
            }
            6 => {
                let key = lines[at].split(": ").next().unwrap_or_default().to_owned();
                lines[at] = format!("{key}: {}", WORDS[dice.below(WORDS.len())]);
            }
            _ => {
                let here = dice.below(chars.len() + 1);
                chars.splice(here..here, WORDS[dice.below(WORDS.len())].chars());
                lines[at] = chars.into_iter().collect();
            }
        }
    }
    lines.join("\n")
}

/// The right specs, in the order of their names.
fn right() -> Vec<String> {
    let entries = std::fs::read_dir(Path::new(RIGHT)).expect("a folder");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "yaml"));
    paths.sort();
    paths.into_iter().map(|path| std::fs::read_to_string(path).expect("a text")).collect()
}

/// A damaged spec, in the folder of the right ones, where the files lie that they name.
fn damaged(text: &str) -> Source {
    Source::new("damaged.yaml", text).beside(Path::new(RIGHT))
}

#[test]
fn no_damage_breaks_the_check() {
    let specs = right();
    let mut dice = Dice(0x5eed_5eed_5eed_5eed);
    let mut wrong = 0;
    for round in 0..ROUNDS {
        let text = damage(&specs[round % specs.len()], &mut dice);
        let Err(faults) = check(&damaged(&text)) else { continue };
        wrong += 1;
        assert!(!faults.faults().is_empty(), "round {round}: refused without a fault\n{text}");
        for fault in faults.faults() {
            let is_within = fault.elsewhere().is_some() || text.get(fault.place.clone()).is_some();
            assert!(is_within, "round {round}: {fault:?}\n{text}");
            let ends = fault.message.ends_with('.') || fault.message.contains('\n');
            assert!(!ends, "round {round}: no sentence of one line: {}", fault.message);
        }
        assert_eq!(
            faults.render(Style::Plain).matches("error: ").count() >= faults.faults().len(),
            !faults.faults().is_empty()
        );
    }
    assert!(wrong > ROUNDS / 2, "only {wrong} of {ROUNDS} were damaged");
}

/// The words of a line that are followed by a colon, as byte ranges.
fn keys(line: &str) -> Vec<std::ops::Range<usize>> {
    let in_word = |c: char| c.is_ascii_lowercase() || c == '_';
    let ends = line.match_indices(':').map(|(end, _)| end);
    ends.map(|end| line[..end].rfind(|c| !in_word(c)).map_or(0, |before| before + 1)..end)
        .filter(|key| key.len() > 2)
        .collect()
}

#[test]
fn a_misspelt_key_is_one_fault() {
    let mut misspelt = 0;
    for text in right() {
        let lines: Vec<&str> = text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            for key in keys(line) {
                let wrong = format!("{}{}{}", &line[..key.end - 1], "x", &line[key.end - 1..]);
                let text = [&lines[..at], &[wrong.as_str()], &lines[at + 1..]].concat().join("\n");
                let Err(faults) = check(&damaged(&text)) else { continue };
                // Names of the author's own may be misspelt too, and are missed in several places.
                if faults.faults().iter().any(|fault| fault.message.contains("has no key")) {
                    misspelt += 1;
                    assert_eq!(faults.faults().len(), 1, "{}", faults.render(Style::Plain));
                }
            }
        }
    }
    assert!(misspelt > 200, "only {misspelt} keys were misspelt");
}
