//! The names in a template: each must be one that its place offers, also where no page comes by.

mod expression;

use std::collections::BTreeMap;

use minijinja::machinery::ast::{Expr, Macro, Stmt};
use minijinja::machinery::{Span, parse};
use tapwright_spec::diagnostic::Diagnostic;
use tapwright_spec::source::Place;

use crate::context::{Record, Shape};

/// What is known of a value.
#[derive(Clone)]
enum Known {
    Shape(Shape),
    /// A template made it.
    Anything,
}

impl Known {
    /// The record, also one that may be none.
    fn record(&self) -> Option<Record> {
        let mut shape = match self {
            Known::Shape(shape) => shape.clone(),
            Known::Anything => return None,
        };
        while let Shape::Maybe(inner) = shape {
            shape = *inner;
        }
        if let Shape::Record(record) = shape { Some(record) } else { None }
    }

    /// What it is, where that has no names.
    fn single(&self) -> Option<&'static str> {
        let Known::Shape(shape) = self else { return None };
        match shape {
            Shape::Text => Some("a text"),
            Shape::Number => Some("a number"),
            Shape::Flag => Some("what is true or false"),
            Shape::List(_) => Some("a list"),
            Shape::Maybe(inner) => Known::Shape((**inner).clone()).single(),
            Shape::Record(_) => None,
        }
    }

    /// One of its elements.
    fn element(&self) -> Known {
        match self {
            Known::Shape(Shape::List(element)) => Known::Shape((**element).clone()),
            Known::Shape(Shape::Maybe(inner)) => Known::Shape((**inner).clone()).element(),
            _ => Known::Anything,
        }
    }
}

/// Which files pages take, and what is wrong in them.
#[derive(Default)]
pub(crate) struct Review {
    /// Names of the files.
    pub(crate) used: Vec<String>,
    /// Faults by file.
    pub(crate) faults: BTreeMap<String, Vec<Diagnostic>>,
}

/// The files of a template by name, read as far as that went.
pub(crate) struct Files<'t> {
    texts: BTreeMap<&'t str, &'t str>,
    trees: BTreeMap<&'t str, Stmt<'t>>,
}

impl<'t> Files<'t> {
    /// Reads the files; what cannot be read is a fault of the review.
    pub(crate) fn read(texts: impl Iterator<Item = (&'t String, &'t String)>, review: &mut Review) -> Files<'t> {
        let texts: BTreeMap<&str, &str> = texts.map(|(name, text)| (name.as_str(), text.as_str())).collect();
        let mut trees = BTreeMap::new();
        for (name, text) in &texts {
            let syntax = crate::render::syntax();
            match syntax.and_then(|syntax| parse(text, name, syntax)) {
                Ok(tree) => drop(trees.insert(*name, tree)),
                Err(error) => {
                    let message = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
                    let place = line(text, error.line().unwrap_or(1));
                    review.fault(name, Diagnostic::new(message, place));
                }
            }
        }
        Files { texts, trees }
    }
}

/// Where a line stands in a text.
fn line(text: &str, number: usize) -> Place {
    let start = text.split_inclusive('\n').take(number.saturating_sub(1)).map(str::len).sum();
    start..start + text[start..].lines().next().map_or(0, str::len)
}

impl Review {
    /// Reviews the page `name` of a template, which is given the names of `root`.
    pub(crate) fn page<'t>(&mut self, files: &Files<'t>, name: &'t str, root: &Record) {
        let scope = root.fields.iter().map(|field| (field.name.to_owned(), Known::Shape((field.shape)()))).collect();
        let mut walk = Walk {
            files,
            review: self,
            scopes: vec![scope],
            open: Vec::new(),
            blocks: BTreeMap::new(),
            met: Vec::new(),
        };
        walk.file(name);
        let (blocks, met) = (walk.blocks, walk.met);
        for (name, block) in blocks.into_iter().filter(|(name, _)| !met.contains(name)) {
            let message = format!("what this file extends has no block `{name}`");
            let fault = Diagnostic::new(message, block.place).nearest(name, met.iter().copied());
            self.fault(block.file, fault);
        }
    }

    fn fault(&mut self, file: &str, fault: Diagnostic) {
        let faults = self.faults.entry(file.to_owned()).or_default();
        if !faults.iter().any(|known| known.place == fault.place && known.message == fault.message) {
            faults.push(fault);
        }
    }
}

/// A block that takes the place of one in a file that is extended.
#[derive(Clone)]
struct Replacement<'r, 't> {
    file: &'t str,
    body: &'r [Stmt<'t>],
    place: Place,
}

struct Walk<'v, 'r, 't> {
    files: &'r Files<'t>,
    review: &'v mut Review,
    scopes: Vec<BTreeMap<String, Known>>,
    /// The files around this place, the innermost last.
    open: Vec<&'t str>,
    /// Blocks of files that extend others, by name.
    blocks: BTreeMap<&'t str, Replacement<'r, 't>>,
    /// Names of the blocks that were met.
    met: Vec<&'t str>,
}

fn place(span: Span) -> Place {
    span.start_offset as usize..span.end_offset as usize
}

impl<'r, 't> Walk<'_, 'r, 't> {
    fn file(&mut self, name: &'t str) {
        if !self.review.used.iter().any(|used| used == name) {
            self.review.used.push(name.to_owned());
        }
        let files = self.files;
        let Some(Stmt::Template(tree)) = files.trees.get(name) else { return };
        self.open.push(name);
        let parent = tree.children.iter().find_map(|one| if let Stmt::Extends(one) = one { Some(one) } else { None });
        for one in &tree.children {
            match one {
                Stmt::Block(block) if parent.is_some() => {
                    let new = Replacement { file: name, body: &block.body, place: place(block.span()) };
                    self.blocks.entry(block.name).or_insert(new);
                }
                Stmt::Extends(_) => {}
                other => self.statement(other),
            }
        }
        if let Some(parent) = parent {
            self.other(&parent.name);
        }
        self.open.pop();
    }

    /// A file that another one names.
    fn other(&mut self, name: &Expr<'t>) {
        let Expr::Const(written) = name else {
            return self.fault(Diagnostic::new("a file is named by a text in quotes", place(name.span())));
        };
        let wanted = written.value.as_str().unwrap_or_default();
        let Some((known, _)) = self.files.texts.get_key_value(wanted) else {
            let names = self.files.texts.keys().copied();
            let listed: Vec<&str> = self.files.texts.keys().copied().collect();
            let fault = Diagnostic::new(format!("there is no file `{wanted}`"), place(name.span()));
            return self.fault(fault.nearest(wanted, names).help(format!("the files are {}", listed.join(", "))));
        };
        if self.open.contains(known) {
            return self.fault(Diagnostic::new(format!("`{wanted}` would hold itself"), place(name.span())));
        }
        self.file(known);
    }

    fn fault(&mut self, fault: Diagnostic) {
        let file = self.open.last().copied().unwrap_or_default();
        self.review.fault(file, fault);
    }

    fn statements(&mut self, all: &'r [Stmt<'t>]) {
        for one in all {
            self.statement(one);
        }
    }

    /// Statements with names of their own.
    fn within(&mut self, names: BTreeMap<String, Known>, body: &'r [Stmt<'t>]) {
        self.scopes.push(names);
        self.statements(body);
        self.scopes.pop();
    }

    fn statement(&mut self, one: &'r Stmt<'t>) {
        match one {
            Stmt::Template(_) | Stmt::EmitRaw(_) | Stmt::Extends(_) => {}
            Stmt::EmitExpr(emit) => drop(self.expression(&emit.expr)),
            Stmt::ForLoop(each) => {
                let element = self.expression(&each.iter).element();
                self.scopes.push(BTreeMap::new());
                self.bind(&each.target, &element);
                each.filter_expr.iter().for_each(|filter| drop(self.expression(filter)));
                self.statements(&each.body);
                self.scopes.pop();
                self.statements(&each.else_body);
            }
            Stmt::IfCond(choice) => {
                self.expression(&choice.expr);
                self.statements(&choice.true_body);
                self.statements(&choice.false_body);
            }
            Stmt::WithBlock(with) => {
                self.scopes.push(BTreeMap::new());
                for (target, value) in &with.assignments {
                    let value = self.expression(value);
                    self.bind(target, &value);
                }
                self.statements(&with.body);
                self.scopes.pop();
            }
            Stmt::Set(set) => {
                let value = self.expression(&set.expr);
                self.bind(&set.target, &value);
            }
            other => self.larger(other),
        }
    }

    /// Statements around others, and those that bring other files in.
    fn larger(&mut self, one: &'r Stmt<'t>) {
        match one {
            Stmt::SetBlock(set) => {
                self.within(BTreeMap::new(), &set.body);
                set.filter.iter().for_each(|filter| drop(self.expression(filter)));
                self.bind(&set.target, &Known::Anything);
            }
            Stmt::AutoEscape(escape) => {
                self.expression(&escape.enabled);
                self.statements(&escape.body);
            }
            Stmt::FilterBlock(block) => {
                self.expression(&block.filter);
                self.statements(&block.body);
            }
            Stmt::Block(block) => {
                self.met.push(block.name);
                self.within(BTreeMap::new(), &block.body);
                if let Some(new) = self.blocks.get(block.name).cloned() {
                    self.open.push(new.file);
                    self.within(BTreeMap::new(), new.body);
                    self.open.pop();
                }
            }
            Stmt::Include(include) => self.other(&include.name),
            Stmt::Import(import) => {
                self.other(&import.expr);
                self.bind(&import.name, &Known::Anything);
            }
            Stmt::FromImport(import) => {
                self.other(&import.expr);
                import.names.iter().for_each(|(name, new)| self.bind(new.as_ref().unwrap_or(name), &Known::Anything));
            }
            Stmt::Macro(made) => {
                self.declare(made.name, &Known::Anything);
                self.body_of(made);
            }
            Stmt::CallBlock(block) => {
                self.call(&block.call);
                self.body_of(&block.macro_decl);
            }
            Stmt::Do(call) => self.call(&call.call),
            _ => {}
        }
    }

    fn body_of(&mut self, made: &'r Macro<'t>) {
        made.defaults.iter().for_each(|default| drop(self.expression(default)));
        self.scopes.push(BTreeMap::new());
        made.args.iter().for_each(|name| self.bind(name, &Known::Anything));
        self.statements(&made.body);
        self.scopes.pop();
    }

    fn declare(&mut self, name: &str, value: &Known) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.insert(name.to_owned(), value.clone());
        }
    }

    fn bind(&mut self, target: &Expr<'t>, value: &Known) {
        match target {
            Expr::Var(name) => self.declare(name.id, value),
            Expr::List(names) => names.items.iter().for_each(|name| self.bind(name, &Known::Anything)),
            Expr::Tuple(names) => names.items.iter().for_each(|name| self.bind(name, &Known::Anything)),
            other => drop(self.expression(other)),
        }
    }
}
