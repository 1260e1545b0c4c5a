//! The names in an expression of a template.

use minijinja::machinery::ast::{Call, CallArg, Expr, Filter};
use tapwright_spec::diagnostic::Diagnostic;
use tapwright_spec::source::Place;

use super::{Known, Walk, place};
use crate::context::Shape;
use crate::filter::{FILTERS, STANDARD};

/// Names that minijinja gives to every place.
const EVERYWHERE: [&str; 8] = ["loop", "range", "dict", "namespace", "super", "self", "caller", "varargs"];

/// Names that one message lists.
const MOST_NAMES: usize = 60;

impl<'t> Walk<'_, '_, 't> {
    /// What an expression gives.
    pub(super) fn expression(&mut self, expr: &Expr<'t>) -> Known {
        match expr {
            Expr::Var(name) => return self.name(name.id, &place(name.span())),
            Expr::GetAttr(member) => {
                let of = self.expression(&member.expr);
                return self.member(&of, member.name, &place(member.span()));
            }
            Expr::GetItem(item) => {
                let of = self.expression(&item.expr);
                if let Expr::Const(name) = &item.subscript_expr
                    && let Some(name) = name.value.as_str()
                {
                    return self.member(&of, name, &place(item.span()));
                }
                self.expression(&item.subscript_expr);
                return of.element();
            }
            Expr::Filter(filter) => return self.filter(filter, &place(filter.span())),
            Expr::IfExpr(choice) => {
                self.expression(&choice.test_expr);
                choice.false_expr.iter().for_each(|other| drop(self.expression(other)));
                return self.expression(&choice.true_expr);
            }
            Expr::Call(call) => self.call(call),
            Expr::Const(_) => {}
            other => self.parts(other),
        }
        Known::Anything
    }

    /// Expressions that are no more than their parts.
    fn parts(&mut self, expr: &Expr<'t>) {
        let mut each = |part: &Expr<'t>| drop(self.expression(part));
        match expr {
            Expr::Slice(slice) => {
                each(&slice.expr);
                [&slice.start, &slice.stop, &slice.step].into_iter().flatten().for_each(each);
            }
            Expr::UnaryOp(one) => each(&one.expr),
            Expr::BinOp(pair) => [&pair.left, &pair.right].into_iter().for_each(each),
            Expr::Compare(row) => {
                each(&row.expr);
                row.ops.iter().for_each(|one| each(&one.expr));
            }
            Expr::Test(test) => {
                each(&test.expr);
                self.given(&test.args);
            }
            Expr::List(list) => list.items.iter().for_each(each),
            Expr::Tuple(list) => list.items.iter().for_each(each),
            Expr::Map(map) => map.keys.iter().chain(&map.values).for_each(each),
            _ => {}
        }
    }

    pub(super) fn call(&mut self, call: &Call<'t>) {
        self.expression(&call.expr);
        self.given(&call.args);
    }

    fn given(&mut self, args: &[CallArg<'t>]) {
        for arg in args {
            let (CallArg::Pos(value)
            | CallArg::Kwarg(_, value)
            | CallArg::PosSplat(value)
            | CallArg::KwargSplat(value)) = arg;
            self.expression(value);
        }
    }

    fn name(&mut self, name: &str, at: &Place) -> Known {
        if let Some(known) = self.scopes.iter().rev().find_map(|scope| scope.get(name)) {
            return known.clone();
        }
        if !EVERYWHERE.contains(&name) {
            let names: Vec<String> = self.scopes.iter().rev().flat_map(|scope| scope.keys().cloned()).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let fault =
                Diagnostic::new(format!("there is no `{name}` here"), at.clone()).nearest(name, names.iter().copied());
            self.fault(fault.help(format!("the names here are {}", listed(&names))));
        }
        Known::Anything
    }

    fn member(&mut self, of: &Known, name: &str, at: &Place) -> Known {
        let Some(record) = of.record() else {
            if let Some(what) = of.single() {
                let fault = Diagnostic::new(format!("{what} has no `{name}`"), at.clone());
                self.fault(fault.help("what each value is stands in docs/reference/template-context.md"));
            }
            return Known::Anything;
        };
        if let Some(field) = record.fields.iter().find(|field| field.name == name) {
            return Known::Shape((field.shape)());
        }
        let names: Vec<&str> = record.fields.iter().map(|field| field.name).collect();
        let fault = Diagnostic::new(format!("a `{}` has no `{name}`", record.name), at.clone());
        self.fault(fault.nearest(name, names.iter().copied()).help(format!("it has {}", listed(&names))));
        Known::Anything
    }

    fn filter(&mut self, filter: &Filter<'t>, at: &Place) -> Known {
        let of = filter.expr.as_ref().map_or(Known::Anything, |of| self.expression(of));
        self.given(&filter.args);
        let known = || FILTERS.iter().map(|one| one.name).chain(STANDARD.iter().copied());
        if !known().any(|name| name == filter.name) {
            let fault = Diagnostic::new(format!("there is no filter `{}`", filter.name), at.clone());
            let names: Vec<&str> = known().collect();
            self.fault(fault.nearest(filter.name, known()).help(format!("the filters are {}", listed(&names))));
        }
        match filter.name {
            "first" | "last" | "min" | "max" => of.element(),
            "sort" | "reverse" | "unique" | "list" | "selectattr" | "rejectattr" | "select" | "reject" | "default"
            | "d" => of,
            "length" | "count" => Known::Shape(Shape::Number),
            _ => Known::Anything,
        }
    }
}

fn listed(names: &[&str]) -> String {
    let shown: Vec<String> = names.iter().take(MOST_NAMES).map(|name| format!("`{name}`")).collect();
    shown.join(", ")
}
