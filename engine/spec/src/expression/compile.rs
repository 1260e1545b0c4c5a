//! One expression, compiled and known by its parts.

use std::ops::Range;
use std::sync::{Arc, LazyLock};

use minijinja::machinery::parse_expr;
use minijinja::{Environment, ErrorKind, Expression, UndefinedBehavior, Value};

use super::ExpressionFault;
use super::digits::{self, DIVIDED, OPERAND};
use super::filters::{FILTERS, register};
use super::kind::Type;
use super::needs::{Lack, Need, needs};
use super::tree::{Node, Part, Planter};
use super::types::Types;
use super::words::{lone_equals, tokens};

/// Words and signs of one expression: its parser goes one deeper with each operator.
const MAX_TOKENS: usize = 400;
/// Instructions that one evaluation may use, so that no expression hangs.
const FUEL: u64 = 100_000;

/// The tests that `is` may be followed by.
pub(super) const TESTS: [&str; 2] = ["defined", "none"];

static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    register(&mut environment);
    digits::register(&mut environment);
    environment.add_filter("null_is_empty", |value: Value| if value.is_none() { Value::from("") } else { value });
    environment.add_test("defined", minijinja::tests::is_defined);
    environment.add_test("none", minijinja::tests::is_none);
    environment
});

/// One compiled expression with its place in the text.
#[derive(Clone)]
pub(crate) struct Compiled {
    expression: Arc<Expression<'static, 'static>>,
    tree: Arc<Node>,
    names: Vec<(String, Range<usize>)>,
    /// Where it stands, with its braces, in chars.
    pub(crate) range: Range<usize>,
}

impl Compiled {
    /// What it gives.
    pub(super) fn eval(&self, context: &Value) -> Result<Value, ExpressionFault> {
        let fault = |message| ExpressionFault { message, range: self.range.clone(), help: None };
        let names: Vec<&str> = self.names().map(|(name, _)| name).collect();
        let undefined = || format!("`{}` is undefined here", names.join("` or `"));
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

    /// A value that it gave, as a tree.
    pub(super) fn tree_of(&self, value: &Value) -> Result<serde_json::Value, ExpressionFault> {
        digits::to_tree(value).map_err(|error| ExpressionFault {
            message: format!("the value cannot be written as JSON: {error}"),
            range: self.range.clone(),
            help: None,
        })
    }

    /// The name and its members, if it is no more than `a.b.c`.
    pub(super) fn path(&self) -> Option<Vec<&str>> {
        Some(self.tree.chain()?.into_iter().map(|(name, _)| name).collect())
    }

    /// The variables that it reads, dotted as far as they are constant, each once, with the place of the first.
    pub(super) fn names(&self) -> impl Iterator<Item = (&str, Range<usize>)> {
        self.names.iter().map(|(name, at)| (name.as_str(), at.clone()))
    }

    /// The name of which it gives the value, filtered or not, if it is no more than that.
    pub(crate) fn subject(&self) -> Option<String> {
        let mut node = &*self.tree;
        while let Part::Filter(name, of, _) = &node.part {
            if name == "default" {
                return None;
            }
            node = of;
        }
        let chain: Vec<&str> = node.chain()?.into_iter().map(|(name, _)| name).collect();
        Some(chain.join("."))
    }

    /// What it gives; nothing for null, and where a name that it is about is not defined.
    pub(super) fn given(&self, context: &Value) -> Result<Option<Value>, ExpressionFault> {
        let member = |value: Value, name: &str| value.get_attr(name).ok();
        let about = self.subject().and_then(|name| name.split('.').try_fold(context.clone(), member));
        match self.expression.eval(context.clone()) {
            Ok(value) if value.is_undefined() || value.is_none() => Ok(None),
            Err(_) if about.is_some_and(|value| value.is_undefined()) => Ok(None),
            _ => self.eval(context).map(Some),
        }
    }

    /// The variables that it reads, name by name, each with its place in chars.
    pub(crate) fn chains(&self) -> Vec<Vec<(&str, Range<usize>)>> {
        self.tree.chains()
    }

    /// The names that need a value here and may have none, as `lacks` says.
    pub(crate) fn needs(&self, lacks: &dyn Fn(&str) -> Option<Lack>) -> Vec<Need> {
        needs(&self.tree, lacks)
    }

    /// Where types do not go together; `source` is the text that it stands in, `known` gives the type of a variable.
    pub(crate) fn mistyped(&self, source: &str, known: &dyn Fn(&[&str]) -> Type) -> Vec<ExpressionFault> {
        let mut types = Types::new(source, known);
        types.of(&self.tree);
        types.faults()
    }

    /// As [`mistyped`](Compiled::mistyped), and that it is true or false.
    pub(crate) fn mistyped_condition(&self, source: &str, known: &dyn Fn(&[&str]) -> Type) -> Vec<ExpressionFault> {
        let mut types = Types::new(source, known);
        types.condition(&self.tree);
        types.faults()
    }
}

/// Compiles the text of an expression that stands, with its braces, at `range`.
pub(super) fn compile(text: &str, range: Range<usize>) -> Result<Compiled, ExpressionFault> {
    let fault = |message: String, help| ExpressionFault { message, range: range.clone(), help };
    if text.trim().is_empty() {
        return Err(fault("the expression is empty".into(), None));
    }
    // The text of `{{ … }}` begins after its braces, that of a bare condition at once.
    let start = range.start + (range.len() - text.chars().count()) / 2;
    let tokens = tokens(text, start);
    if tokens.len() > MAX_TOKENS {
        let help = "what takes so much computing belongs into a hook".to_owned();
        return Err(fault(format!("the expression has more than {MAX_TOKENS} words and signs"), Some(help)));
    }
    let parsed = parse_expr(text).and_then(|tree| {
        let tree = Planter { text, start }.node(&tree);
        let expression = ENVIRONMENT.compile_expression_owned(guarded(&tree, text, start).trim().to_owned())?;
        Ok((tree, expression))
    });
    let (tree, expression) = parsed.map_err(|error| {
        let message = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
        match lone_equals(&tokens) {
            Some(sign) => {
                ExpressionFault { message, range: sign.at, help: Some("two values are compared with `==`".to_owned()) }
            }
            None => fault(message, None),
        }
    })?;
    if let Some(unknown) = unknown(&tree, text, start) {
        return Err(unknown);
    }
    let mut names: Vec<(String, Range<usize>)> = Vec::new();
    for chain in tree.chains() {
        let dotted = chain.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(".");
        let end = chain.last().map_or(range.end, |(_, at)| at.end);
        names.push((dotted, chain[0].1.start..end));
    }
    names.sort_by(|a, b| (&a.0, a.1.start).cmp(&(&b.0, b.1.start)));
    names.dedup_by(|a, b| a.0 == b.0);
    Ok(Compiled { expression: Arc::new(expression), tree: Arc::new(tree), names, range })
}

/// The text of an expression in which `~` takes null for an empty text, as a template does (minijinja would write
/// `None`), and all that computes or compares refuses a number of which it would lose digits.
fn guarded(tree: &Node, text: &str, start: usize) -> String {
    let mut operands: Vec<(&Node, &str)> = Vec::new();
    let mut open = vec![tree];
    while let Some(node) = open.pop() {
        operands.extend(guards(node));
        open.extend(node.children());
    }
    let mut out = String::new();
    for (at, sign) in text.chars().map(Some).chain([None]).enumerate() {
        // What stands within comes behind what it stands in, and ends before it.
        for (_, guard) in operands.iter().rev().filter(|(node, _)| node.at.end == start + at) {
            out.extend([")|", guard, ")"]);
        }
        operands.iter().filter(|(node, _)| node.at.start == start + at).for_each(|_| out.push_str("(("));
        out.extend(sign);
    }
    out
}

/// The operands of a sign that are guarded, each with the filter that does it. What another sign gives needs none.
fn guards(node: &Node) -> Vec<(&Node, &'static str)> {
    let is_text = |node: &Node| matches!(node.part, Part::Arithmetic("~", _));
    let is_number = |node: &Node| matches!(node.part, Part::Arithmetic(..) | Part::Negative(_)) && !is_text(node);
    let operands = node.children();
    let guard = match &node.part {
        Part::Arithmetic("~", _) => "null_is_empty",
        Part::Arithmetic("/", _) => DIVIDED,
        Part::Arithmetic(..) | Part::Negative(_) => OPERAND,
        // A text, null or a boolean is not like any number.
        Part::Comparison(..) if !operands.iter().any(|one| one.is_no_number()) => OPERAND,
        _ => return Vec::new(),
    };
    let is_safe = |one: &Node| match guard {
        DIVIDED => false,
        OPERAND => is_number(one),
        _ => is_text(one),
    };
    operands.into_iter().filter(|one| !is_safe(one)).map(|one| (one, guard)).collect()
}

/// A filter or a test that does not exist, or a call: minijinja would look them up only when it runs.
fn unknown(node: &Node, text: &str, start: usize) -> Option<ExpressionFault> {
    let filters = || FILTERS.iter().map(|filter| filter.name);
    let behind = |of: &Node, name: &str| place_behind(text, start, (of.at.end, name)).unwrap_or(node.at.clone());
    let found = match &node.part {
        Part::Filter(name, of, _) if !filters().any(|known| known == name) => Some(ExpressionFault {
            message: format!("there is no filter `{name}`"),
            range: behind(of, name),
            help: Some(suggestion(name, filters())),
        }),
        Part::Test(name, of, _) if !TESTS.contains(&name.as_str()) => Some(ExpressionFault {
            message: format!("there is no test `{name}`"),
            range: behind(of, name),
            help: Some(suggestion(name, TESTS)),
        }),
        Part::Call(of) => {
            let (name, at) = of.chain().and_then(|mut chain| chain.pop()).unwrap_or(("", of.at.clone()));
            let help = "there are no functions and no methods, only filters: `x | lower`".to_owned();
            let message = format!("`{name}(…)` is not part of the language");
            Some(ExpressionFault { message, range: at, help: Some(help) })
        }
        _ => None,
    };
    found.or_else(|| node.children().into_iter().find_map(|child| unknown(child, text, start)))
}

/// Where `name` stands as a word of its own, from `from` on.
fn place_behind(text: &str, start: usize, (from, name): (usize, &str)) -> Option<Range<usize>> {
    tokens(text, start).into_iter().find(|word| word.at.start >= from && word.text == name).map(|word| word.at)
}

fn suggestion<'a>(unknown: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> String {
    match crate::nearest(unknown, known.clone()) {
        Some(name) => format!("did you mean `{name}`?"),
        None => format!("there are {}", crate::grammar::list_names(known)),
    }
}
