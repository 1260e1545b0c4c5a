//! A page in its templates.

use std::fmt;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Error, Value, context};
use tapwright_spec::Connector;

use crate::markdown;
use crate::page::Page;

const STYLE: &str = include_str!("../templates/style.css");

/// The formats of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// CommonMark with tables, for a repository.
    Markdown,
    /// One self-contained HTML file, for a site.
    Html,
}

impl Format {
    /// Both formats.
    pub const ALL: [Format; 2] = [Format::Markdown, Format::Html];

    /// The extension of a file in this format.
    pub fn extension(self) -> &'static str {
        match self {
            Format::Markdown => "md",
            Format::Html => "html",
        }
    }
}

/// A template could not be rendered: a fault of this program, never of a spec.
#[derive(Debug)]
pub struct RenderFault(Error);

impl fmt::Display for RenderFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a page template is at fault: {}", self.0)
    }
}

impl std::error::Error for RenderFault {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

impl From<Error> for RenderFault {
    fn from(error: Error) -> RenderFault {
        RenderFault(error)
    }
}

/// The page of a connector.
///
/// # Errors
/// If a template is at fault.
pub fn render(connector: &Connector, format: Format) -> Result<String, RenderFault> {
    let page = Page::of(connector);
    fill(format, "page", context! { style => style(), ..Value::from(Serde(&page)) })
}

/// The list of all connectors, in the order of their titles.
///
/// # Errors
/// If a template is at fault.
pub fn render_index(connectors: &[Connector], format: Format) -> Result<String, RenderFault> {
    let mut sorted: Vec<&Connector> = connectors.iter().collect();
    sorted.sort_by_key(|connector| (connector.title.to_lowercase(), connector.name.clone()));
    let pages: Vec<Page> = sorted.into_iter().map(Page::of).collect();
    fill(format, "index", context! { style => style(), pages => Value::from(Serde(&pages)) })
}

fn style() -> Value {
    Value::from_safe_string(STYLE.trim_end().to_owned())
}

fn fill(format: Format, template: &str, page: Value) -> Result<String, RenderFault> {
    let source = match (template, format) {
        ("index", Format::Markdown) => include_str!("../templates/index.md"),
        ("index", Format::Html) => include_str!("../templates/index.html"),
        (_, Format::Markdown) => include_str!("../templates/page.md"),
        (_, Format::Html) => include_str!("../templates/page.html"),
    };
    let environment = environment(format)?;
    let text = environment.render_str(source, page)?;
    Ok(match format {
        Format::Markdown => single_blank_lines(&text),
        Format::Html => text,
    })
}

fn environment(format: Format) -> Result<Environment<'static>, Error> {
    let mut environment = Environment::new();
    environment
        .set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build()?);
    environment.set_undefined_behavior(minijinja::UndefinedBehavior::SemiStrict);
    environment.set_auto_escape_callback(move |_| match format {
        Format::Markdown => AutoEscape::None,
        Format::Html => AutoEscape::Html,
    });
    environment.set_formatter(|out, state, value| {
        let escaped = !matches!(state.auto_escape(), AutoEscape::None) && !value.is_safe();
        let text = if value.is_none() { String::new() } else { value.to_string() };
        out.write_str(&if escaped { escape(&text) } else { text })?;
        Ok(())
    });
    environment.add_filter("plain", |text: String| markdown::plain(&text));
    environment.add_filter("code", |text: String| markdown::code(&text));
    environment.add_filter("target", |text: String| markdown::target(&text));
    environment.add_filter("block", |text: String, under: Option<usize>| {
        markdown::block(&text, under.unwrap_or(markdown::UNDER))
    });
    environment.add_filter("cell", |text: String| markdown::cell(&text));
    environment.add_filter("quote", |text: String| prefixed(&text, "> "));
    environment.add_filter("indent_lines", |text: String| prefixed(&text, "  ").trim_start().to_owned());
    environment.add_filter("plain_text", |text: String| markdown::text(&text));
    environment.add_filter("html", |text: String, under: Option<usize>| {
        Value::from_safe_string(markdown::html(&text, under.unwrap_or(markdown::UNDER)))
    });
    environment.add_filter("inline", |text: String| Value::from_safe_string(markdown::inline_html(&text)));
    Ok(environment)
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

fn prefixed(text: &str, prefix: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| format!("{prefix}{line}").trim_end().to_owned()).collect();
    lines.join("\n")
}

/// Optional parts leave blank lines behind; one between two blocks is enough. Code blocks keep theirs.
fn single_blank_lines(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut blank = true;
    let mut fence = false;
    for line in text.lines() {
        fence ^= line.trim_start().starts_with("```");
        let empty = line.trim().is_empty();
        if !(empty && blank && !fence) {
            out.push_str(if fence { line } else { line.trim_end() });
            out.push('\n');
        }
        blank = empty;
    }
    format!("{}\n", out.trim_end())
}
