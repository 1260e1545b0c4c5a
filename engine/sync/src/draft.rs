//! A first spec from a sample answer: where the records are, what identifies and dates them, how the next page
//! is asked for, and the fields with their types. Each guess says why; nothing that is secret is written.

mod address;
mod fetch;
mod fields;
mod keys;
mod list;
mod paging;

use serde_json::Value;
use tapwright_spec::diagnostic::Style;
use tapwright_spec::{Source, check};
use url::Url;

pub use fetch::fetch;

use address::Address;
use list::List;

/// What is written where there is no sample.
const SKELETON: &str = include_str!("draft/skeleton.yaml");

/// An answer, and how it was asked for, as far as that is known.
#[derive(Debug)]
pub struct Sample {
    /// The file or address, as it may be shown.
    pub origin: String,
    /// The URL that was asked.
    pub url: Option<Url>,
    /// The headers of the request, credentials among them.
    pub headers: Vec<(String, String)>,
    /// The answer's `Link` header.
    pub link: Option<String>,
    /// The body.
    pub body: Value,
}

/// Writes a spec with comments; it passes the checker.
///
/// # Errors
/// A sentence: there are no records in the sample, or it has what no spec can say.
pub fn draft(name: &str, sample: Option<&Sample>) -> Result<String, String> {
    let text = match sample {
        Some(sample) => written(name, sample)?,
        None => SKELETON.replace("NAME", name).replace("HOST", &host(name)).replace("TITLE", &title(name)),
    };
    check(&Source::new(format!("{name}.yaml (draft)"), &text)).map_err(|faults| {
        format!("the sample makes no whole spec; write this part by hand:\n{}", faults.render(Style::Plain))
    })?;
    Ok(text)
}

fn written(name: &str, sample: &Sample) -> Result<String, String> {
    let list = List::find(&sample.body, name)?;
    let mut address = Address::of(name, sample)?;
    let keys = keys::Keys::find(&list, &mut address.params);
    let pagination = paging::find(sample, &list, &mut address.params, keys.primary.as_deref());
    address.hide_secrets();
    let stream = address.name_stream(name, &list);
    let mut draft = Draft::default();
    draft.why(&format!("A first draft by `tapwright new`, from {}.", sample.origin));
    draft.why("Each guess has its reason above it; look it over, then run `tapwright try` on the stream.");
    draft.line(0, "tapwright: 1");
    draft.line(0, &format!("name: {name}"));
    draft.line(0, &format!("title: {}", scalar(&title(name))));
    draft.line(0, "version: 0.1.0");
    draft.line(
        0,
        &format!(
            "about: {{summary: {}}}",
            scalar(&format!("{} of {}.", if stream == name { "Data".to_owned() } else { title(&stream) }, title(name)))
        ),
    );
    address.write(&mut draft);
    draft.line(0, "\nstreams:");
    draft.line(2, &format!("{stream}:"));
    draft.line(4, &format!("description: {}", scalar(&format!("{}.", title(&stream)))));
    draft.line(4, &format!("endpoint: {}", scalar(&format!("GET {}", address.endpoint))));
    address.write_params(&mut draft);
    draft.guess("records", &list.found);
    draft.guess("pagination", &pagination);
    keys.write(&mut draft);
    fields::write(&list, &mut draft);
    Ok(draft.0)
}

/// What was guessed, as a spec says it, and why.
#[derive(Debug)]
struct Guess {
    says: String,
    why: String,
}

impl Guess {
    fn new(says: impl Into<String>, why: impl Into<String>) -> Guess {
        Guess { says: says.into(), why: why.into() }
    }
}

/// The text of a spec as it grows.
#[derive(Default)]
struct Draft(String);

impl Draft {
    fn line(&mut self, indent: usize, text: &str) {
        let (gap, text) = text.strip_prefix('\n').map_or(("", text), |text| ("\n", text));
        self.0.push_str(&format!("{gap}{:indent$}{text}\n", ""));
    }

    fn why(&mut self, text: &str) {
        self.reason(0, text);
    }

    /// A comment of one line, whatever the names in it hold.
    fn reason(&mut self, indent: usize, text: &str) {
        self.line(indent, &format!("# {}", text.replace(char::is_control, " ")));
    }

    /// A key of the stream, below its reason.
    fn guess(&mut self, key: &str, guess: &Guess) {
        self.reason(4, &guess.why);
        self.line(4, &format!("{key}: {}", guess.says));
    }
}

/// A name as people write it.
fn title(name: &str) -> String {
    let words = name.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The host that stands in for one that nobody told.
fn host(name: &str) -> String {
    format!("{}.example", name.replace('_', "-").trim_end_matches('-'))
}

/// A text as a value in YAML, quoted where it has to be.
fn scalar(text: &str) -> String {
    let bare = text.strip_suffix("[*]").unwrap_or(text);
    let plain = bare.starts_with(|c: char| c.is_ascii_alphanumeric() || "$/".contains(c))
        && bare.chars().all(|c| c.is_ascii_alphanumeric() || " _./$-".contains(c))
        && !bare.ends_with(' ')
        && !["null", "true", "false"].contains(&bare.to_lowercase().as_str());
    let url = text.starts_with("http") && !text.contains(['#', '{', '}', ' ', ',', '[', ']']);
    if plain || url { text.to_owned() } else { Value::from(text).to_string() }
}

/// A name as its letters and digits alone, so that `nextPage`, `next_page` and `next-page` are one.
fn flat(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// A path with one more member.
fn below(path: &str, name: &str) -> String {
    let first = name.chars().next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    match first && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        true => format!("{path}.{name}"),
        false => format!("{path}['{}']", name.replace('\\', "\\\\").replace('\'', "\\'")),
    }
}

#[cfg(test)]
mod tests;
