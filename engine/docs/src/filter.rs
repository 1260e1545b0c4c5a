//! The filters of templates, each with what it is for.

use minijinja::{Environment, Value};

use crate::markdown;
use crate::replication::unlinked;

/// A filter of ours.
pub(crate) struct Filter {
    /// What a template writes.
    pub(crate) name: &'static str,
    /// What it gives.
    pub(crate) meaning: &'static str,
}

/// What minijinja has of its own.
pub(crate) const STANDARD: &[&str] = &[
    "abs",
    "attr",
    "batch",
    "bool",
    "capitalize",
    "chain",
    "count",
    "d",
    "default",
    "dictsort",
    "e",
    "escape",
    "first",
    "float",
    "format",
    "groupby",
    "indent",
    "int",
    "items",
    "join",
    "last",
    "length",
    "lines",
    "list",
    "lower",
    "map",
    "max",
    "min",
    "reject",
    "rejectattr",
    "replace",
    "reverse",
    "round",
    "safe",
    "select",
    "selectattr",
    "slice",
    "sort",
    "split",
    "string",
    "sum",
    "title",
    "trim",
    "unique",
    "upper",
    "zip",
];

macro_rules! filters {
    ($( $(#[doc = $doc:literal])* $name:literal => $filter:expr, )*) => {
        /// The filters, in the order of the reference.
        pub(crate) static FILTERS: &[Filter] = &[ $( Filter { name: $name, meaning: concat!($($doc),*) } ),* ];

        /// Adds them.
        pub(crate) fn add(environment: &mut Environment<'_>) {
            $( environment.add_filter($name, $filter); )*
        }
    };
}

filters! {
    /// Plain text as Markdown that reads the same.
    "plain" => |text: String| markdown::plain(&text),
    /// Plain text as a code span in Markdown.
    "code" => |text: String| markdown::code(&text),
    /// A URL as the target of a link in Markdown.
    "target" => |text: String| markdown::target(&text),
    /// Markdown of the spec for a page in Markdown: raw HTML is shown and not obeyed, and headings stand below that of
    /// the level given, 3 without one.
    "block" => |text: String, under: Option<usize>| markdown::block(&text, under.unwrap_or(markdown::UNDER)),
    /// Markdown of the spec for a cell of a table in Markdown.
    "cell" => |text: String| markdown::cell(&text),
    /// Markdown as a quotation: each line after `> `.
    "quote" => |text: String| prefixed(&text, "> "),
    /// Markdown for an item of a list: further lines are indented.
    "indent_lines" => |text: String| prefixed(&text, "  ").trim_start().to_owned(),
    /// Markdown as text without marks.
    "plain_text" => |text: String| markdown::text(&text),
    /// Markdown of the spec as HTML; headings as with `block`.
    "html" => |text: String, under: Option<usize>| {
        Value::from_safe_string(markdown::html(&text, under.unwrap_or(markdown::UNDER)))
    },
    /// Markdown of a single paragraph as HTML within a line.
    "inline" => |text: String| Value::from_safe_string(markdown::inline_html(&text)),
    /// Markdown whose links within the page are their text alone, for a page without these anchors.
    "unlinked" => |text: String| unlinked(&text),
    /// Text that goes on after other words: its first letter is small, unless its first word is an abbreviation or stands
    /// in the text given.
    "continued" => |text: String, names: Option<String>| continued(&text, &names.unwrap_or_default()),
    /// Text in which a site generator's Liquid finds nothing to do.
    "liquid" => |text: String| liquid(&text),
    /// A value as it stands in YAML, on one line.
    "yaml" => |value: Value| yaml(&value),
}

fn prefixed(text: &str, prefix: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| format!("{prefix}{line}").trim_end().to_owned()).collect();
    lines.join("\n")
}

pub(crate) fn continued(text: &str, names: &str) -> String {
    let text = text.trim();
    let word: String = text.chars().take_while(|c| c.is_alphanumeric()).collect();
    let is_name = names.split_whitespace().any(|name| name == word) || word.chars().skip(1).any(char::is_uppercase);
    let mut chars = text.chars();
    match chars.next() {
        Some(first) if !is_name => first.to_lowercase().chain(chars).collect(),
        _ => text.to_owned(),
    }
}

fn liquid(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("{{").into_iter().chain(rest.find("{%")).min() {
        let (before, found) = rest.split_at(at);
        out.push_str(before);
        out.push_str(&format!("{{{{ \"{}\" }}}}", &found[..2]));
        rest = &found[2..];
    }
    out + rest
}

/// What is JSON is YAML; a text that YAML cannot take for anything else goes without quotes.
fn yaml(value: &Value) -> String {
    let json = serde_json::to_value(value).unwrap_or_default();
    json.to_string()
}

#[cfg(test)]
mod tests {
    use super::{continued, liquid, yaml};
    use minijinja::Value;

    #[test]
    fn liquid_is_shown_and_not_run() {
        assert_eq!(liquid("a {{ b }} {% c %}"), "a {{ \"{{\" }} b }} {{ \"{%\" }} c %}");
    }

    #[test]
    fn a_sentence_goes_on_after_other_words() {
        assert_eq!(continued("The groups.", ""), "the groups.");
        assert_eq!(continued("Desk's groups.", "Desk"), "Desk's groups.");
        assert_eq!(continued("API keys.", ""), "API keys.");
    }

    #[test]
    fn yaml_keeps_types() {
        assert_eq!(yaml(&Value::from("no")), "\"no\"");
        assert_eq!(yaml(&Value::from(false)), "false");
        assert_eq!(yaml(&Value::from(())), "null");
    }
}
