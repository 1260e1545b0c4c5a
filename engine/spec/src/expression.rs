//! `{{ … }}` expressions: minijinja's expression language, strict, without statements.
//!
//! A [`Template`] is text with expressions in it, a [`Condition`] one expression that is true or
//! false. Both are compiled when the spec is read; [`names`](Template::names) tells which variables they
//! read, and their trees tell the checker where types do not go together.

mod compile;
mod digits;
mod filters;
mod host;
mod kind;
mod needs;
mod pieces;
mod place;
mod scope;
mod sent;
mod tree;
mod types;
mod words;

use std::fmt;
use std::ops::Range;

use minijinja::Value;

pub(crate) use compile::Compiled;
pub use filters::{FILTERS, Filter};
pub(crate) use kind::Type;
pub(crate) use needs::Lack;
pub use place::PathTemplate;
pub use scope::Scope;

use compile::{TESTS, compile};
use pieces::{Piece, split};

/// Why a text is no template, or why a template could not be computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpressionFault {
    /// What is wrong, one sentence without a full stop.
    pub message: String,
    /// Where in the text, in chars.
    pub range: Range<usize>,
    /// What to do about it, if there is something to say.
    pub help: Option<String>,
}

impl fmt::Display for ExpressionFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ExpressionFault {}

#[derive(Clone)]
enum Part {
    Text(String),
    Expression(Compiled),
}

/// Text with `{{ … }}` in it.
#[derive(Clone)]
pub struct Template {
    source: String,
    parts: Vec<Part>,
}

impl Template {
    /// A text that is what it says; braces in it mean nothing.
    pub fn literal(text: &str) -> Template {
        Template { source: text.to_owned(), parts: vec![Part::Text(text.to_owned())] }
    }

    /// Compiles a text.
    ///
    /// # Errors
    /// The first fault in it: a brace that is not closed, a statement, a syntax error, an unknown filter.
    pub fn compile(source: &str) -> Result<Template, ExpressionFault> {
        let parts = split(source)?
            .into_iter()
            .map(|piece| match piece {
                Piece::Text(text) => Ok(Part::Text(text)),
                Piece::Expression(text, range) => compile(&text, range).map(Part::Expression),
            })
            .collect::<Result<_, _>>()?;
        Ok(Template { source: source.to_owned(), parts })
    }

    /// The text as it was written.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The text, if there is nothing to compute.
    pub fn as_literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// The variables that it reads, dotted as far as they are constant (`parent.id`), with the place
    /// (in chars) of the expression that reads them.
    pub fn names(&self) -> impl Iterator<Item = (&str, Range<usize>)> {
        self.parts.iter().flat_map(|part| match part {
            Part::Text(_) => Vec::new(),
            Part::Expression(one) => one.names().collect(),
        })
    }

    /// The expressions in it, in order.
    pub(crate) fn expressions(&self) -> impl Iterator<Item = &Compiled> {
        self.parts.iter().filter_map(|part| match part {
            Part::Text(_) => None,
            Part::Expression(one) => Some(one),
        })
    }

    /// The texts between the expressions.
    pub(crate) fn literals(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Text(text) => Some(text.as_str()),
            Part::Expression(_) => None,
        })
    }

    /// Whether it reads `root` or something in it.
    pub fn reads(&self, root: &str) -> bool {
        self.names().any(|(name, _)| name.split('.').next() == Some(root))
    }

    /// The texts of the expressions that read one of `members` of `root`, and nothing outside of `root`.
    pub(crate) fn made_of(&self, root: &str, members: &[&str], scope: &Scope) -> Vec<String> {
        let context = scope.context();
        let reads = |one: &&Compiled| {
            let chains = one.chains();
            let is_member = |chain: &Vec<(&str, _)>| chain.get(1).is_some_and(|(name, _)| members.contains(name));
            chains.iter().all(|chain| chain[0].0 == root) && chains.iter().any(is_member)
        };
        let made = self.expressions().filter(reads).filter_map(|one| one.eval(&context).ok());
        made.filter_map(|value| value.as_str().map(str::to_owned)).collect()
    }

    /// Computes the text.
    ///
    /// # Errors
    /// An undefined name, a wrong type, or an expression without end.
    pub fn render(&self, scope: &Scope) -> Result<String, ExpressionFault> {
        if let Some(text) = self.as_literal() {
            return Ok(text.to_owned());
        }
        let context = scope.context();
        let mut out = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Expression(one) => write_value(&mut out, &one.eval(&context)?),
            }
        }
        Ok(out)
    }

    /// Computes the value: of a single expression as it is (a number stays one, null is null), of
    /// anything else the text.
    ///
    /// # Errors
    /// As [`render`](Template::render).
    pub fn value(&self, scope: &Scope) -> Result<serde_json::Value, ExpressionFault> {
        match self.parts.as_slice() {
            [Part::Expression(one)] => {
                let value = one.eval(&scope.context())?;
                one.tree_of(&value)
            }
            _ => self.render(scope).map(serde_json::Value::String),
        }
    }
}

fn write_value(out: &mut String, value: &Value) {
    use fmt::Write;
    if value.is_none() {
        return;
    }
    // Writing into a String cannot fail.
    let _ = write!(out, "{value}");
}

/// One expression that is true or false.
#[derive(Clone)]
pub struct Condition {
    source: String,
    compiled: Compiled,
}

impl Condition {
    /// Compiles `{{ … }}`, or the expression alone.
    ///
    /// # Errors
    /// As [`Template::compile`]; also for text beside the braces.
    pub fn compile(source: &str) -> Result<Condition, ExpressionFault> {
        let mut pieces = split(source)?;
        let compiled = match (pieces.len(), pieces.pop()) {
            (1, Some(Piece::Expression(text, range))) => compile(&text, range)?,
            (1, Some(Piece::Text(text))) => compile(&text, 0..text.chars().count())?,
            _ => {
                return Err(ExpressionFault {
                    message: "a condition is one expression with nothing beside it".into(),
                    range: 0..source.chars().count(),
                    help: Some("write it as \"{{ record.status != 'deleted' }}\"".into()),
                });
            }
        };
        Ok(Condition { source: source.to_owned(), compiled })
    }

    /// As it was written.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The expression alone, without braces.
    pub fn bare(&self) -> &str {
        let whole = self.source.trim();
        whole.strip_prefix("{{").and_then(|inner| inner.strip_suffix("}}")).unwrap_or(whole).trim()
    }

    /// The variables that it reads; see [`Template::names`].
    pub fn names(&self) -> impl Iterator<Item = (&str, Range<usize>)> {
        self.compiled.names()
    }

    /// Its one expression.
    pub(crate) fn expression(&self) -> &Compiled {
        &self.compiled
    }

    /// Whether it reads `root` or something in it.
    pub fn reads(&self, root: &str) -> bool {
        self.names().any(|(name, _)| name.split('.').next() == Some(root))
    }

    /// Whether it holds.
    ///
    /// # Errors
    /// An undefined name, a wrong type, or a value that is neither true nor false.
    pub fn holds(&self, scope: &Scope) -> Result<bool, ExpressionFault> {
        let value = self.compiled.eval(&scope.context())?;
        let null = || format!("`{}` is null, neither true nor false; `{0} == true` takes null for false", self.bare());
        bool::try_from(value.clone()).map_err(|_| ExpressionFault {
            message: match value.is_none() && self.compiled.path().is_some() {
                true => null(),
                false => format!("the condition gives {}, not true or false", value.kind()),
            },
            range: self.compiled.range.clone(),
            help: None,
        })
    }
}

impl PartialEq for Template {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl Eq for Template {}

macro_rules! shown_as_source {
    ($($kind:ident),*) => {$(
        impl fmt::Debug for $kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.source, f)
            }
        }
    )*};
}
shown_as_source!(Template, Condition);

#[cfg(test)]
mod tests {
    use super::{Condition, Scope, Template};
    use serde_json::json;

    fn scope() -> Scope {
        Scope::new()
            .with("config", &json!({"site_url": "https://a.example", "n": 3}))
            .with("record", &json!({"href": "/api/v2/users/16", "none": null, "big": 9_007_199_254_740_993_i64}))
    }

    #[test]
    fn text_and_expressions_mix() {
        let template = Template::compile("{{ config.site_url }}/api/{{ '}}' }}").expect("a template");
        assert_eq!(template.render(&scope()).as_deref(), Ok("https://a.example/api/}}"));
        assert_eq!(template.names().map(|(name, _)| name).collect::<Vec<_>>(), ["config.site_url"]);
    }

    #[test]
    fn a_single_expression_keeps_its_type() {
        let value = |source| Template::compile(source).expect("a template").value(&scope());
        assert_eq!(value("{{ record.href | last_segment | int }}"), Ok(json!(16)));
        assert_eq!(value("{{ record.none | last_segment }}"), Ok(json!(null)));
        assert_eq!(value("{{ record.big }}"), Ok(json!(9_007_199_254_740_993_i64)));
        assert_eq!(value("n={{ config.n }}"), Ok(json!("n=3")));
    }

    #[test]
    fn null_is_nothing_where_texts_are_put_together() {
        for (source, given) in [
            ("'a' ~ record.none ~ 'b'", "ab"),
            ("(record.none ~ 'a') | upper ~ (record.none)", "A"),
            ("('a' if record.none is none else 'b') ~ ((record.none or 'c') ~ 1)[0]", "ac"),
            ("['x'][0] ~ {'a': 'y'}.a ~ {'a': 'z'}['a'] ~ -(1) ~ (not (true))", "xyz-1False"),
            ("[1, 2]|join(',') ~ ' ü '|trim ~ (3 - (1)) ~ 'abc'[:(1)]", "1,2ü2a"),
            ("(1 + 2) * (3) ~ 'x' if ('a' ~ 'b') == 'ab' else ''", "9x"),
        ] {
            let template = Template::compile(&format!("ü {{{{ {source} }}}}")).expect(source);
            assert_eq!(template.render(&scope()).expect(source), format!("ü {given}"), "{source}");
        }
    }

    #[test]
    fn what_is_undefined_is_an_error() {
        let template = Template::compile("{{ config.nothing }}").expect("a template");
        assert!(template.render(&scope()).is_err());
    }

    #[test]
    fn faults_say_where() {
        for (source, range) in [("a {{ b", 2..6), ("{% if x %}", 0..2), ("x {{ a | lowr }}", 9..13), ("{{ }}", 0..5)] {
            assert_eq!(Template::compile(source).expect_err(source).range, range, "{source}");
        }
    }

    #[test]
    fn a_condition_is_true_or_false() {
        let holds = |source| Condition::compile(source).expect("a condition").holds(&scope());
        assert_eq!(holds("{{ config.n > 2 }}"), Ok(true));
        assert_eq!(holds("record.none is none"), Ok(true));
        assert!(holds("{{ config.n }}").is_err());
        assert!(Condition::compile("a {{ b }}").is_err());
    }
}
