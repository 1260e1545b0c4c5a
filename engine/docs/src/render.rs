//! A page in its templates.

use std::error::Error as _;
use std::fmt;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Error, Value};
use serde::Serialize;
use tapwright_spec::Connector;

use crate::filter;
use crate::page::Page;
use crate::template::Template;

/// The formats of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// CommonMark with tables, for a repository.
    Markdown,
    /// HTML files with a style sheet and a script, for a site.
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
    Renderer::of(template)?.fill(("page", format), &Page::of(&template.telling(connector)))
}

/// A template that is ready for any number of pages.
#[derive(Debug)]
pub(crate) struct Renderer<'t> {
    template: &'t Template,
    /// In the order of [`Format::ALL`].
    environments: [Environment<'t>; 2],
}

impl<'t> Renderer<'t> {
    /// A template, read.
    ///
    /// # Errors
    /// If it is at fault.
    pub(crate) fn of(template: &'t Template) -> Result<Renderer<'t>, RenderFault> {
        let [markdown, html] = Format::ALL.map(|format| environment(template, format));
        Ok(Renderer { template, environments: [markdown?, html?] })
    }

    /// Whether there is a file for a page in a format.
    pub(crate) fn has(&self, page: &str, format: Format) -> bool {
        self.template.has(page, format)
    }

    /// The template.
    pub(crate) fn template(&self) -> &'t Template {
        self.template
    }

    /// A page of these values.
    ///
    /// # Errors
    /// If the template is at fault.
    pub(crate) fn fill(&self, (page, format): (&str, Format), values: &impl Serialize) -> Result<String, RenderFault> {
        let [markdown, html] = &self.environments;
        let environment = match format {
            Format::Markdown => markdown,
            Format::Html => html,
        };
        let text =
            environment.get_template(&format!("{page}.{}", format.extension()))?.render(Value::from(Serde(values)))?;
        Ok(match format {
            Format::Markdown => single_blank_lines(&text),
            Format::Html => text,
        })
    }
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
    for (name, text) in template.made() {
        environment.add_template(name, text)?;
    }
    Ok(environment)
}

/// Text as it stands in HTML and XML.
pub(crate) fn escape(text: &str) -> String {
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
