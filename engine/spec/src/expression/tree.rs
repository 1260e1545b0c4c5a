//! An expression as a tree in which every part knows its place. The only file here that reads minijinja's own.

use std::ops::Range;

use minijinja::machinery::ast::{BinOpKind, CallArg, CompareOpKind, Expr, UnaryOpKind};
use minijinja::value::{Serde, ValueKind};

/// A part of an expression.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) part: Part,
    /// Where in the template, in chars.
    pub(crate) at: Range<usize>,
}

/// What a part is.
#[derive(Debug, Clone)]
pub(crate) enum Part {
    Name(String),
    /// `x.name` and `x['name']`, with the place of the name.
    Member(Box<Node>, String, Range<usize>),
    Item(Box<Node>, Box<Node>),
    Slice(Box<Node>),
    Literal(serde_json::Value),
    List(Vec<Node>),
    Object(Vec<Node>),
    Not(Box<Node>),
    Negative(Box<Node>),
    /// `a + b`, and the others that give a number, a text or a list.
    Arithmetic(&'static str, Box<[Node; 2]>),
    /// `a < b`, `a == b`, `a in b`.
    Comparison(&'static str, Box<[Node; 2]>),
    /// `a and b`, and several comparisons in a row.
    All(Vec<Node>),
    /// `a or b`.
    Any(Vec<Node>),
    Choice(Box<Node>, Box<Node>, Option<Box<Node>>),
    Filter(String, Box<Node>, Vec<Node>),
    Test(String, Box<Node>, usize),
    /// A function or a method: not part of the language.
    Call(Box<Node>),
}

impl Node {
    /// The parts directly within.
    pub(crate) fn children(&self) -> Vec<&Node> {
        match &self.part {
            Part::Name(_) | Part::Literal(_) => Vec::new(),
            Part::Member(of, ..) | Part::Slice(of) | Part::Not(of) | Part::Negative(of) => vec![of],
            Part::Test(_, of, _) | Part::Call(of) => vec![of],
            Part::Item(of, which) => vec![of, which],
            Part::List(nodes) | Part::Object(nodes) | Part::All(nodes) | Part::Any(nodes) => nodes.iter().collect(),
            Part::Arithmetic(_, pair) | Part::Comparison(_, pair) => pair.iter().collect(),
            Part::Choice(test, then, other) => [test, then].into_iter().chain(other).map(|node| &**node).collect(),
            Part::Filter(_, of, given) => std::iter::once(&**of).chain(given).collect(),
        }
    }

    /// The name and the constant members of `a.b.c`, each with its place, if it is such a chain.
    pub(crate) fn chain(&self) -> Option<Vec<(&str, Range<usize>)>> {
        match &self.part {
            Part::Name(name) => Some(vec![(name, self.at.clone())]),
            Part::Member(of, name, at) => {
                let mut chain = of.chain()?;
                chain.push((name, at.clone()));
                Some(chain)
            }
            _ => None,
        }
    }

    /// Whether it is written there, and no number.
    pub(crate) fn is_no_number(&self) -> bool {
        matches!(&self.part, Part::Literal(literal) if !literal.is_number())
    }

    /// Every longest chain in it.
    pub(crate) fn chains(&self) -> Vec<Vec<(&str, Range<usize>)>> {
        match self.chain() {
            Some(chain) => vec![chain],
            None => self.children().into_iter().flat_map(Node::chains).collect(),
        }
    }
}

/// Turns minijinja's trees into ours.
pub(super) struct Planter<'t> {
    pub(super) text: &'t str,
    /// Where the text begins in the template, in chars.
    pub(super) start: usize,
}

impl Planter<'_> {
    pub(super) fn node(&self, expr: &Expr<'_>) -> Node {
        let boxed = |expr| Box::new(self.node(expr));
        let part = match expr {
            Expr::Var(name) => Part::Name(name.id.to_owned()),
            Expr::Const(literal) => Part::Literal(json(&literal.value)),
            Expr::Slice(slice) => Part::Slice(boxed(&slice.expr)),
            Expr::UnaryOp(one) => match one.op {
                UnaryOpKind::Not => Part::Not(boxed(&one.expr)),
                UnaryOpKind::Neg => Part::Negative(boxed(&one.expr)),
            },
            Expr::BinOp(pair) => operation(pair.op, self.node(&pair.left), self.node(&pair.right)),
            Expr::Compare(row) => self.row(row),
            Expr::IfExpr(choice) => {
                Part::Choice(boxed(&choice.test_expr), boxed(&choice.true_expr), choice.false_expr.as_ref().map(boxed))
            }
            Expr::Filter(filter) => match &filter.expr {
                Some(of) => Part::Filter(filter.name.to_owned(), boxed(of), self.given(&filter.args)),
                None => Part::Literal(serde_json::Value::Null),
            },
            Expr::Test(test) => Part::Test(test.name.to_owned(), boxed(&test.expr), test.args.len()),
            Expr::GetAttr(member) => return self.member(&member.expr, member.name, self.place(expr)),
            Expr::GetItem(item) => match &item.subscript_expr {
                Expr::Const(name) if name.value.as_str().is_some() => {
                    let name = name.value.as_str().unwrap_or_default().to_owned();
                    return self.member(&item.expr, &name, self.place(expr));
                }
                which => Part::Item(boxed(&item.expr), boxed(which)),
            },
            Expr::Call(call) => Part::Call(boxed(&call.expr)),
            Expr::List(list) => Part::List(list.items.iter().map(|item| self.node(item)).collect()),
            Expr::Tuple(list) => Part::List(list.items.iter().map(|item| self.node(item)).collect()),
            Expr::Map(map) => Part::Object(map.values.iter().map(|value| self.node(value)).collect()),
        };
        let node = Node { part, at: self.place(expr) };
        // Of some signs minijinja keeps only the place of the first word.
        let within = node.children().into_iter().map(|child| child.at.clone());
        let at = within.fold(node.at.clone(), |at, child| at.start.min(child.start)..at.end.max(child.end));
        Node { at, ..node }
    }

    fn row(&self, row: &minijinja::machinery::ast::Compare<'_>) -> Part {
        let mut left = self.node(&row.expr);
        let mut parts = Vec::new();
        for op in &row.ops {
            let right = self.node(&op.expr);
            let at = left.at.start..right.at.end;
            let pair = Box::new([left, right.clone()]);
            parts.push(Node { part: Part::Comparison(sign(op.op), pair), at });
            left = right;
        }
        match (parts.len(), parts.pop()) {
            (1, Some(only)) => only.part,
            (_, last) => Part::All(parts.into_iter().chain(last).collect()),
        }
    }

    fn given(&self, args: &[CallArg<'_>]) -> Vec<Node> {
        args.iter().map(|arg| self.node(expr_of(arg))).collect()
    }

    fn member(&self, of: &Expr<'_>, name: &str, at: Range<usize>) -> Node {
        let of = self.node(of);
        let at = of.at.start..at.end.max(of.at.end);
        let behind: String = self.text.chars().skip(of.at.end - self.start).take(at.end - of.at.end).collect();
        let skipped = behind.find(name).map_or(0, |byte| behind[..byte].chars().count());
        let start = of.at.end + skipped;
        let place = start..start + name.chars().count();
        Node { part: Part::Member(Box::new(of), name.to_owned(), place), at }
    }

    fn place(&self, expr: &Expr<'_>) -> Range<usize> {
        let span = expr.span();
        let chars = |byte: u32| {
            let byte = (byte as usize).min(self.text.len());
            self.start + self.text.char_indices().take_while(|(at, _)| *at < byte).count()
        };
        chars(span.start_offset)..chars(span.end_offset)
    }
}

fn expr_of<'a, 's>(arg: &'a CallArg<'s>) -> &'a Expr<'s> {
    match arg {
        CallArg::Pos(expr) | CallArg::Kwarg(_, expr) | CallArg::PosSplat(expr) | CallArg::KwargSplat(expr) => expr,
    }
}

fn json(value: &minijinja::Value) -> serde_json::Value {
    match value.kind() {
        ValueKind::Undefined => serde_json::Value::Null,
        _ => serde_json::to_value(Serde(value).0).unwrap_or_default(),
    }
}

fn operation(op: BinOpKind, left: Node, right: Node) -> Part {
    let pair = Box::new([left, right]);
    match op {
        BinOpKind::ScAnd => Part::All(Vec::from(*pair)),
        BinOpKind::ScOr => Part::Any(Vec::from(*pair)),
        BinOpKind::Eq => Part::Comparison("==", pair),
        BinOpKind::Ne => Part::Comparison("!=", pair),
        BinOpKind::Lt => Part::Comparison("<", pair),
        BinOpKind::Lte => Part::Comparison("<=", pair),
        BinOpKind::Gt => Part::Comparison(">", pair),
        BinOpKind::Gte => Part::Comparison(">=", pair),
        BinOpKind::In => Part::Comparison("in", pair),
        BinOpKind::Add => Part::Arithmetic("+", pair),
        BinOpKind::Sub => Part::Arithmetic("-", pair),
        BinOpKind::Mul => Part::Arithmetic("*", pair),
        BinOpKind::Div => Part::Arithmetic("/", pair),
        BinOpKind::FloorDiv => Part::Arithmetic("//", pair),
        BinOpKind::Rem => Part::Arithmetic("%", pair),
        BinOpKind::Pow => Part::Arithmetic("**", pair),
        BinOpKind::Concat => Part::Arithmetic("~", pair),
    }
}

fn sign(op: CompareOpKind) -> &'static str {
    match op {
        CompareOpKind::Eq => "==",
        CompareOpKind::Ne => "!=",
        CompareOpKind::Lt => "<",
        CompareOpKind::Lte => "<=",
        CompareOpKind::Gt => ">",
        CompareOpKind::Gte => ">=",
        CompareOpKind::In => "in",
        CompareOpKind::NotIn => "not in",
    }
}
