//! A page in its templates.

use std::error::Error as _;
use std::fmt;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Error, Value};
use tapwright_spec::Connector;

use crate::filter;
use crate::page::{Index, Page};
use crate::template::Template;

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

/// A template could not be rendered.
#[derive(Debug)]
pub struct RenderFault(Error);

impl fmt::Display for RenderFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a template is at fault: {}", self.0)?;
        let mut cause = self.0.source();
        while let Some(one) = cause {
            write!(f, "\n  {one}")?;
            cause = one.source();
        }
        Ok(())
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
/// If the template is at fault.
pub fn render(connector: &Connector, template: &Template, format: Format) -> Result<String, RenderFault> {
    fill(template, ("page", format), Value::from(Serde(&Page::of(connector))))
}

/// The list of all connectors, in the order of their titles, if the template has one.
///
/// # Errors
/// If the template is at fault.
pub fn render_index(
    connectors: &[Connector],
    template: &Template,
    format: Format,
) -> Result<Option<String>, RenderFault> {
    if !template.has("index", format) {
        return Ok(None);
    }
    let mut sorted: Vec<&Connector> = connectors.iter().collect();
    sorted.sort_by_key(|connector| (connector.title.to_lowercase(), connector.name.clone()));
    let index = Index { pages: sorted.into_iter().map(Page::of).collect() };
    fill(template, ("index", format), Value::from(Serde(&index))).map(Some)
}

fn fill(template: &Template, (page, format): (&str, Format), values: Value) -> Result<String, RenderFault> {
    let environment = environment(template, format)?;
    let text = environment.get_template(&format!("{page}.{}", format.extension()))?.render(values)?;
    Ok(match format {
        Format::Markdown => single_blank_lines(&text),
        Format::Html => text,
    })
}

/// How templates are written: a line with a statement alone leaves nothing behind.
pub(crate) fn syntax() -> Result<SyntaxConfig, Error> {
    SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build()
}

fn environment(template: &Template, format: Format) -> Result<Environment<'_>, Error> {
    let mut environment = Environment::new();
    environment.set_syntax(syntax()?);
    environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
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
    filter::add(&mut environment);
    for (name, text) in template.files() {
        environment.add_template(name, text)?;
    }
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
