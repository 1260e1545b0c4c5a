//! How what came out differs from what is expected, for a reader.

use similar::{Algorithm, DiffOp, capture_diff_slices};
use tapwright_spec::Source;
use tapwright_spec::counted;

use crate::http::{Known, Miss};

/// Lines that are shown of one difference.
const MOST: usize = 200;

/// The requests that are not recorded, each with the stream that sends it and what is recorded.
pub(super) fn drifted(spec: &Source, misses: &[(Option<String>, Miss)]) -> String {
    let mut text = String::new();
    for (stream, miss) in misses {
        let who = match stream {
            Some(stream) => format!("stream `{stream}` ({})", place(spec, stream)),
            None => "the spec".to_owned(),
        };
        text.push_str(&format!("{who} sends a request that is not recorded:\n"));
        match &miss.known {
            Known::Nearest(nearest) => {
                let nearest = in_order(nearest, &miss.asked);
                text.push_str(&pair(&nearest, &like(&miss.asked, &nearest), "  "));
            }
            Known::Less => text.push_str(&format!("  + {}   (recorded, but not so often)\n", miss.asked)),
            Known::Nothing => text.push_str(&format!("  + {}\n", miss.asked)),
        }
    }
    text.push_str("if the spec is right, record the API anew with `tapwright record`\n");
    text
}

/// A request with its parameters in the order of another one, in which they are compared.
fn in_order(request: &str, model: &str) -> String {
    let Some((path, query)) = request.split_once('?') else { return request.to_owned() };
    let name = |pair: &str| pair.split('=').next().unwrap_or_default().to_owned();
    let order: Vec<String> = model.split_once('?').map_or("", |(_, query)| query).split('&').map(name).collect();
    let mut pairs: Vec<&str> = query.split('&').collect();
    pairs.sort_by_key(|pair| order.iter().position(|known| *known == name(pair)).unwrap_or(usize::MAX));
    format!("{path}?{}", pairs.join("&"))
}

/// A request without the values that may be any in another one.
fn like(request: &str, model: &str) -> String {
    let Some((path, query)) = request.split_once('?') else { return request.to_owned() };
    let any = |name: &str| model.contains(&format!("?{name}=***")) || model.contains(&format!("&{name}=***"));
    let shown = |pair: &str| match pair.split_once('=') {
        Some((name, _)) if any(name) => format!("{name}=***"),
        _ => pair.to_owned(),
    };
    format!("{path}?{}", query.split('&').map(shown).collect::<Vec<_>>().join("&"))
}

/// Where a spec begins to describe a stream: `FILE:LINE`.
fn place(spec: &Source, stream: &str) -> String {
    let lines = spec.text().lines().enumerate().skip_while(|(_, line)| !line.starts_with("streams:"));
    let named = format!("{stream}:");
    let mut below = lines.skip(1).filter(|(_, line)| line.starts_with(' '));
    let indent = below.clone().next().map_or(0, |(_, line)| line.len() - line.trim_start().len());
    let is_it = |line: &str| line.len() - line.trim_start().len() == indent && line.trim_start().starts_with(&named);
    match below.find(|(_, line)| is_it(line)) {
        Some((at, _)) => format!("{}:{}", spec.name(), at + 1),
        None => spec.name().to_owned(),
    }
}

/// What is expected and is not (`-`), and what is and was not expected (`+`), each under where it stands.
pub(super) fn difference(expected: &str, told: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), told.lines().collect());
    let mut text = String::new();
    let mut shown = String::new();
    for op in capture_diff_slices(Algorithm::Myers, &old, &new) {
        let (gone, come) = match op {
            DiffOp::Equal { .. } => continue,
            DiffOp::Delete { old_index, old_len, .. } => (&old[old_index..old_index + old_len], &new[..0]),
            DiffOp::Insert { new_index, new_len, .. } => (&old[..0], &new[new_index..new_index + new_len]),
            DiffOp::Replace { old_index, old_len, new_index, new_len } => {
                (&old[old_index..old_index + old_len], &new[new_index..new_index + new_len])
            }
        };
        let above = match op.new_range().is_empty() {
            true => standing(&old, op.old_range().start),
            false => standing(&new, op.new_range().start),
        };
        if above != shown {
            text.push_str(&format!("{above}\n"));
            shown = above;
        }
        match (gone, come) {
            ([gone], [come]) => text.push_str(&pair(gone.trim(), come.trim(), "  ")),
            _ => {
                gone.iter().for_each(|line| text.push_str(&format!("  - {}\n", line.trim())));
                come.iter().for_each(|line| text.push_str(&format!("  + {}\n", line.trim())));
            }
        }
    }
    shortened(&text)
}

/// The keys above a line: `run 1, tables, items`.
fn standing(lines: &[&str], at: usize) -> String {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let mut keys = Vec::new();
    let mut deepest = lines.get(at).map_or(0, |line| indent(line));
    for line in lines[..at.min(lines.len())].iter().rev() {
        if indent(line) < deepest {
            deepest = indent(line);
            keys.push(line.trim().split(':').next().unwrap_or_default().trim_start_matches("- ").to_owned());
        }
    }
    keys.retain(|key| key != "runs" && key != "-");
    let run = lines[..(at + 1).min(lines.len())].iter().filter(|line| line.trim() == "-").count().max(1);
    keys.push(format!("run {run}"));
    keys.reverse();
    keys.join(", ")
}

/// Two lines that differ, with a mark under what of the second is new.
fn pair(old: &str, new: &str, margin: &str) -> String {
    let same = |(a, b): &(char, char)| a == b;
    let head = old.chars().zip(new.chars()).take_while(same).count();
    let (long, short) = (new.chars().count(), old.chars().count().min(new.chars().count()));
    let tail = old.chars().rev().zip(new.chars().rev()).take_while(same).count().min(short - head);
    let marked = "^".repeat((long - tail).saturating_sub(head).max(1));
    format!("{margin}- {old}\n{margin}+ {new}\n{margin}  {}{marked}\n", " ".repeat(head))
}

fn shortened(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let mut shown: String = lines.iter().take(MOST).map(|line| format!("{line}\n")).collect();
    if lines.len() > MOST {
        shown.push_str(&format!("… and {} more\n", counted(lines.len() - MOST, "line")));
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::{difference, drifted};
    use crate::http::{Known, Miss};
    use tapwright_spec::Source;

    #[test]
    fn a_line_that_changed_is_marked_where_it_did() {
        let old = "runs:\n  -\n    requests:\n      - \"GET /a?n=1\"\n    tables:\n      a:\n        - {\"id\":1}\n";
        let new = old.replace("n=1", "n=2").replace("{\"id\":1}", "{\"id\":1}\n        - {\"id\":2}");
        let expected = "run 1, requests\n  - - \"GET /a?n=1\"\n  + - \"GET /a?n=2\"\n                ^\n\
                        run 1, tables, a\n  + - {\"id\":2}\n";
        assert_eq!(difference(old, &new), expected);
    }

    #[test]
    fn a_request_that_is_not_recorded_names_its_stream_and_line() {
        let spec = Source::new("shop.yaml", "name: shop\nstreams:\n\n  orders:\n    x: 1\n  lines:\n    y: 2\n");
        let miss = Miss { asked: "GET /a?m=1&n=20".into(), known: Known::Nearest("GET /a?n=10&m=1".into()) };
        let text = drifted(&spec, &[(Some("lines".into()), miss)]);
        assert!(text.starts_with("stream `lines` (shop.yaml:6) sends a request that is not recorded:\n"), "{text}");
        assert!(text.contains("  - GET /a?m=1&n=10\n  + GET /a?m=1&n=20\n                 ^\n"), "{text}");
    }
}
