//! `{{ … }}` expressions: minijinja's expression language, strict, without statements.
//!
//! A [`Template`] is text with expressions in it, a [`Condition`] one expression that is true or
//! false. Both are compiled when the spec is read; [`names`](Template::names) tells the checker which
//! variables they read.

mod filters;
mod words;

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, LazyLock};

use minijinja::value::Serde;
use minijinja::{ErrorKind, Expression, Value};

pub use filters::FILTERS;

use filters::ENVIRONMENT;
use words::{Word, Words, lone_equals, tokens};

/// Words and signs of one expression: its parser goes one deeper with each operator.
const MAX_TOKENS: usize = 400;

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

/// The names in scope and their values, where an expression is computed.
#[derive(Debug, Clone, Default)]
pub struct Scope(Vec<(&'static str, Value)>);

impl Scope {
    /// No names.
    pub fn new() -> Scope {
        Scope::default()
    }

    /// The scope with one more name; a name given twice has its last value.
    #[must_use]
    pub fn with<T: serde::Serialize>(mut self, name: &'static str, value: &T) -> Scope {
        self.0.retain(|(known, _)| *known != name);
        self.0.push((name, Value::from(Serde(value))));
        self
    }

    fn context(&self) -> Value {
        Value::from_pairs(self.0.iter().cloned())
    }
}

/// One compiled expression with its place in the text.
#[derive(Clone)]
struct Compiled {
    expression: Arc<Expression<'static, 'static>>,
    names: Vec<String>,
    range: Range<usize>,
}

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
            Part::Expression(one) => one.names.iter().map(|name| (name.as_str(), one.range.clone())).collect(),
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
                serde_json::to_value(Serde(&value).0).map_err(|error| ExpressionFault {
                    message: format!("the value cannot be written as JSON: {error}"),
                    range: one.range.clone(),
                    help: None,
                })
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

    /// The variables that it reads; see [`Template::names`].
    pub fn names(&self) -> impl Iterator<Item = (&str, Range<usize>)> {
        self.compiled.names.iter().map(|name| (name.as_str(), self.compiled.range.clone()))
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
        bool::try_from(value.clone()).map_err(|_| ExpressionFault {
            message: format!("the condition gives {}, not true or false", value.kind()),
            range: self.compiled.range.clone(),
            help: None,
        })
    }
}

impl Compiled {
    fn eval(&self, context: &Value) -> Result<Value, ExpressionFault> {
        let fault = |message| ExpressionFault { message, range: self.range.clone(), help: None };
        let undefined = || format!("`{}` is undefined here", self.names.join("` or `"));
        match self.expression.eval(context.clone()) {
            Ok(value) if value.is_undefined() => Err(fault(undefined())),
            Ok(value) => Ok(value),
            Err(error) => Err(fault(match error.kind() {
                ErrorKind::UndefinedError => undefined(),
                ErrorKind::OutOfFuel => "the expression takes too long".to_owned(),
                _ => error.detail().map_or_else(|| error.kind().to_string(), str::to_owned),
            })),
        }
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

enum Piece {
    Text(String),
    Expression(String, Range<usize>),
}

/// Cuts a text at `{{` and `}}`; a quoted brace inside an expression does not close it.
fn split(source: &str) -> Result<Vec<Piece>, ExpressionFault> {
    let chars: Vec<char> = source.chars().collect();
    let mut pieces = Vec::new();
    let mut text = String::new();
    let mut at = 0;
    while at < chars.len() {
        match (chars[at], chars.get(at + 1)) {
            ('{', Some('{')) => {
                let end = end_of_expression(&chars, at + 2).ok_or_else(|| ExpressionFault {
                    message: "`{{` is not closed".into(),
                    range: at..chars.len(),
                    help: Some("close the expression with `}}`".into()),
                })?;
                if !text.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut text)));
                }
                pieces.push(Piece::Expression(chars[at + 2..end].iter().collect(), at..end + 2));
                at = end + 2;
            }
            ('{', Some(mark @ ('%' | '#'))) => {
                return Err(ExpressionFault {
                    message: format!("`{{{mark}` is not part of the language"),
                    range: at..at + 2,
                    help: Some("only expressions `{{ … }}` are; `{{ a if b else c }}` chooses".into()),
                });
            }
            (c, _) => {
                text.push(c);
                at += 1;
            }
        }
    }
    if !text.is_empty() || pieces.is_empty() {
        pieces.push(Piece::Text(text));
    }
    Ok(pieces)
}

fn end_of_expression(chars: &[char], start: usize) -> Option<usize> {
    let mut quote = None;
    let mut depth = 0_usize;
    let mut at = start;
    while at < chars.len() {
        match (quote, chars[at]) {
            (Some(_), '\\') => at += 1,
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, c @ ('"' | '\'')) => quote = Some(c),
            (None, '{') => depth += 1,
            (None, '}') if depth > 0 => depth -= 1,
            (None, '}') if chars.get(at + 1) == Some(&'}') => return Some(at),
            _ => {}
        }
        at += 1;
    }
    None
}

fn compile(text: &str, range: Range<usize>) -> Result<Compiled, ExpressionFault> {
    let fault = |message: String, help| ExpressionFault { message, range: range.clone(), help };
    if text.trim().is_empty() {
        return Err(fault("the expression is empty".into(), None));
    }
    // The text of `{{ … }}` begins after its braces, that of a bare condition at once.
    let braces = (range.len() - text.chars().count()) / 2;
    let tokens = tokens(text, braces);
    if tokens.len() > MAX_TOKENS {
        let help = "what takes so much computing belongs into a hook".to_owned();
        return Err(fault(format!("the expression has more than {MAX_TOKENS} words and signs"), Some(help)));
    }
    let equals = lone_equals(&tokens);
    let words = Words::of(tokens);
    let of_word = |word: &Word, message: String, help: String| ExpressionFault {
        message,
        range: range.start + word.at.start..range.start + word.at.end,
        help: Some(help),
    };
    let filters = || FILTERS.iter().map(|(name, _)| *name);
    if let Some(unknown) = words.filters.iter().find(|word| !filters().any(|known| known == word.text)) {
        let message = format!("there is no filter `{}`", unknown.text);
        return Err(of_word(unknown, message, suggestion(&unknown.text, filters())));
    }
    if let Some(unknown) = words.tests.iter().find(|word| !TESTS.contains(&&*word.text)) {
        let message = format!("there is no test `{}`", unknown.text);
        return Err(of_word(unknown, message, suggestion(&unknown.text, TESTS)));
    }
    if let Some(call) = words.calls.first() {
        let help = "there are no functions and no methods, only filters: `x | lower`".to_owned();
        return Err(of_word(call, format!("`{}(…)` is not part of the language", call.text), help));
    }
    let expression = ENVIRONMENT.compile_expression_owned(text.trim().to_owned()).map_err(|error| {
        let message = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
        match &equals {
            Some(sign) => of_word(sign, message, "two values are compared with `==`".to_owned()),
            None => fault(message, None),
        }
    })?;
    let mut names: Vec<String> = dotted(text).map_or_else(
        || expression.undeclared_variables(true).into_iter().collect(),
        |dotted| dotted.undeclared_variables(true).into_iter().collect(),
    );
    names.sort_unstable();
    Ok(Compiled { expression: Arc::new(expression), names, range })
}

/// The tests that `is` may be followed by.
const TESTS: [&str; 2] = ["defined", "none"];

fn suggestion<'a>(unknown: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> String {
    match crate::nearest(unknown, known.clone()) {
        Some(name) => format!("did you mean `{name}`?"),
        None => format!("there are {}", crate::grammar::list_names(known)),
    }
}

/// The expression with `x['name']` written as `x.name`, which is the same, for the analysis of names.
fn dotted(text: &str) -> Option<Expression<'static, 'static>> {
    static SUBSCRIPT: LazyLock<Option<regex::Regex>> =
        LazyLock::new(|| regex::Regex::new(r#"([\w\])])\s*\[\s*(?:'([A-Za-z_]\w*)'|"([A-Za-z_]\w*)")\s*\]"#).ok());
    let subscript = SUBSCRIPT.as_ref()?;
    if !subscript.is_match(text) {
        return None;
    }
    let dotted = subscript.replace_all(text, "$1.$2$3").into_owned();
    ENVIRONMENT.compile_expression_owned(dotted.trim().to_owned()).ok()
}

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
