//! Finds, before anything runs, where the types of an expression do not go together.
//!
//! What is not known is not reported: only what would fail, or could never hold, with every value.

use super::filters::{Argument, Filter, Gives};
use super::kind::{Kinds, Type};
use super::tree::{Node, Part};
use super::{ExpressionFault, TESTS};

/// Types the expressions of a place.
pub(crate) struct Types<'a> {
    /// The template or condition.
    source: &'a str,
    /// The type of `a.b.c`.
    known: &'a dyn Fn(&[&str]) -> Type,
    faults: Vec<ExpressionFault>,
}

impl<'a> Types<'a> {
    pub(super) fn new(source: &'a str, known: &'a dyn Fn(&[&str]) -> Type) -> Types<'a> {
        Types { source, known, faults: Vec::new() }
    }

    /// What was found.
    pub(super) fn faults(self) -> Vec<ExpressionFault> {
        self.faults
    }

    /// A condition must be true or false.
    pub(super) fn condition(&mut self, node: &Node) {
        let found = self.of(node);
        if found.kinds().meets(Kinds::BOOLEAN) {
            return;
        }
        let text = self.text(node);
        let help = match found {
            Type::List(_) | Type::Object => format!("ask something of it, as in `{text} | length > 0`"),
            Type::Integer | Type::Number | Type::Numeral => format!("compare it, as in `{text} != 0`"),
            _ => format!("compare it, as in `{text} != ''`, or ask whether it is there: `{text} is not none`"),
        };
        self.fault(node, format!("a condition is true or false, and `{text}` is {found}"), Some(help));
    }

    /// The type of a part, with the faults in it noted.
    pub(super) fn of(&mut self, node: &Node) -> Type {
        match &node.part {
            Part::Literal(value) => literal(value),
            Part::Name(_) | Part::Member(..) => self.chain(node),
            Part::Item(of, which) => self.item(of, which),
            Part::Slice(of) => {
                let found = self.of(of);
                self.takes(of, &found, Kinds::TEXT.or(Kinds::LIST), "a slice `[a:b]`");
                if found.is_text() { Type::Text } else { found }
            }
            Part::List(nodes) => {
                let found: Vec<Type> = nodes.iter().map(|node| self.of(node)).collect();
                Type::List(Box::new(found.into_iter().reduce(Type::or).unwrap_or(Type::Unknown)))
            }
            Part::Object(nodes) => {
                nodes.iter().for_each(|node| drop(self.of(node)));
                Type::Object
            }
            Part::Not(of) => {
                self.of(of);
                Type::Boolean
            }
            Part::Negative(of) => {
                let found = self.of(of);
                self.takes(of, &found, Kinds::NUMBER, "`-`");
                found
            }
            Part::Arithmetic(sign, pair) => self.arithmetic(node, sign, pair),
            Part::Comparison(sign, pair) => {
                self.comparison(node, sign, pair);
                Type::Boolean
            }
            Part::All(nodes) | Part::Any(nodes) => {
                let found: Vec<Type> = nodes.iter().map(|node| self.of(node)).collect();
                found.into_iter().reduce(Type::or).unwrap_or(Type::Unknown)
            }
            Part::Choice(test, then, other) => {
                self.of(test);
                let then = self.of(then);
                other.as_ref().map_or(Type::Unknown, |other| then.or(self.of(other)))
            }
            Part::Filter(name, of, given) => self.filter(node, name, of, given),
            Part::Test(name, of, given) => {
                self.of(of);
                if *given > 0 && TESTS.contains(&name.as_str()) {
                    self.fault(node, format!("the test `{name}` takes no arguments"), None);
                }
                Type::Boolean
            }
            Part::Call(of) => {
                self.of(of);
                Type::Unknown
            }
        }
    }

    fn chain(&mut self, node: &Node) -> Type {
        if let Some(chain) = node.chain() {
            let names: Vec<&str> = chain.iter().map(|(name, _)| *name).collect();
            let found = (self.known)(&names);
            if found != Type::Unknown {
                return found;
            }
        }
        let Part::Member(of, name, _) = &node.part else { return Type::Unknown };
        let found = self.of(of);
        if !found.kinds().meets(Kinds::OBJECT) {
            let text = self.text(of);
            self.fault(node, format!("`{text}` is {found}, and has no member `{name}`"), None);
        }
        Type::Unknown
    }

    fn item(&mut self, of: &Node, which: &Node) -> Type {
        let (found, index) = (self.of(of), self.of(which));
        self.takes(of, &found, Kinds::LIST.or(Kinds::OBJECT).or(Kinds::TEXT), "`[…]`");
        match found {
            Type::List(inner) => {
                self.takes(which, &index, Kinds::NUMBER, "the place in a list");
                *inner
            }
            _ => Type::Unknown,
        }
    }

    fn arithmetic(&mut self, node: &Node, sign: &str, pair: &[Node; 2]) -> Type {
        let [left, right] = [self.of(&pair[0]), self.of(&pair[1])];
        let whole = left == Type::Integer && right == Type::Integer;
        if sign == "~" {
            for (node, found) in pair.iter().zip([&left, &right]) {
                self.takes(node, found, Kinds::SCALAR, "`~`");
            }
            return Type::Text;
        }
        let alike = match sign {
            "+" => same(&left, &right, Kinds::NUMBER.or(Kinds::TEXT).or(Kinds::LIST)),
            "*" if !left.kinds().meets(Kinds::NUMBER) => {
                left.kinds().meets(Kinds::TEXT.or(Kinds::LIST)) && right.kinds().meets(Kinds::NUMBER)
            }
            _ => left.kinds().meets(Kinds::NUMBER) && right.kinds().meets(Kinds::NUMBER),
        };
        if !alike {
            self.mismatch(node, sign, pair, [&left, &right]);
            return Type::Unknown;
        }
        match sign {
            "/" => Type::Number,
            _ if whole => Type::Integer,
            "+" if left == right => left,
            "+" | "*" if !(left.is_number() && right.is_number()) => Type::Unknown,
            _ if left.is_number() && right.is_number() => Type::Number,
            _ => Type::Unknown,
        }
    }

    fn comparison(&mut self, node: &Node, sign: &str, pair: &[Node; 2]) {
        let [left, right] = [self.of(&pair[0]), self.of(&pair[1])];
        let goes = match sign {
            "in" | "not in" => match &right {
                Type::List(inner) => same(&left, inner, Kinds::ANY),
                Type::Text | Type::Time(_) => left.kinds().meets(Kinds::TEXT),
                other => other.kinds().meets(Kinds::LIST.or(Kinds::OBJECT)),
            },
            "==" | "!=" => same(&left, &right, Kinds::ANY),
            _ => same(&left, &right, Kinds::NUMBER.or(Kinds::TEXT)),
        };
        if !goes {
            self.mismatch(node, sign, pair, [&left, &right]);
        }
    }

    fn mismatch(&mut self, node: &Node, sign: &str, pair: &[Node; 2], found: [&Type; 2]) {
        let [left, right] = [self.text(&pair[0]), self.text(&pair[1])];
        let [one, other] = found;
        let wanted = match (sign, other) {
            ("in" | "not in", Type::List(inner)) => inner.kinds(),
            ("in" | "not in", _) => Kinds::TEXT,
            _ => other.kinds(),
        };
        let moment = [(&left, one), (&right, other)].into_iter().find(|(_, found)| **found == Type::moment());
        let help = match (sign, moment) {
            ("+" | "-", Some((text, _))) => Some(format!("`{text} | add_time('1 day')` moves a timestamp")),
            ("+", None) if one.is_text() || other.is_text() => Some("`~` puts texts together".to_owned()),
            ("*", _) => None,
            ("==" | "!=", _) if is_literal(&pair[1]) => remedy(&right, other, one.kinds()),
            ("==" | "!=" | "in" | "not in", _) => remedy(&left, one, wanted),
            _ if is_literal(&pair[0]) => remedy(&right, other, Kinds::NUMBER),
            _ => remedy(&left, one, Kinds::NUMBER).or_else(|| remedy(&right, other, Kinds::NUMBER)),
        };
        self.fault(node, format!("`{left}` is {one}, `{right}` is {other}, and `{sign}` does not take the two"), help);
    }

    fn filter(&mut self, node: &Node, name: &str, of: &Node, given: &[Node]) -> Type {
        let found = self.of(of);
        let arguments: Vec<Type> = given.iter().map(|node| self.of(node)).collect();
        let Some(filter) = Filter::named(name) else { return Type::Unknown };
        self.takes(of, &found, filter.takes, &format!("`{name}`"));
        if given.len() != filter.arguments.len() {
            let help = format!("it is written `| {}`", filter.call());
            self.fault(node, filter.miscounted(given.len()), Some(help));
            return result(filter, found, None, Type::Unknown);
        }
        for ((node, found), argument) in given.iter().zip(&arguments).zip(filter.arguments) {
            self.argument(node, found, (*argument, filter));
        }
        let written = given.first().and_then(|node| match &node.part {
            Part::Literal(serde_json::Value::String(text)) => crate::time::TimeFormat::parse(text).ok(),
            _ => None,
        });
        result(filter, found, written, arguments.into_iter().next().unwrap_or(Type::Unknown))
    }

    fn argument(&mut self, node: &Node, found: &Type, (argument, filter): (Argument, &Filter)) {
        self.takes(node, found, argument.takes(), &format!("the argument of `{}`", filter.name));
        if let Part::Literal(serde_json::Value::String(text)) = &node.part
            && let Some(wrong) = argument.refuses(text)
        {
            self.fault(node, wrong, None);
        }
    }

    /// Notes that `what` takes no such value.
    fn takes(&mut self, node: &Node, found: &Type, kinds: Kinds, what: &str) {
        if !found.kinds().meets(kinds) {
            let text = self.text(node);
            let help = remedy(&text, found, kinds);
            self.fault(node, format!("{what} takes {kinds}, and `{text}` is {found}"), help);
        }
    }

    fn text(&self, node: &Node) -> String {
        self.source.chars().skip(node.at.start).take(node.at.len()).collect()
    }

    fn fault(&mut self, node: &Node, message: String, help: Option<String>) {
        self.faults.push(ExpressionFault { message, range: node.at.clone(), help });
    }
}

/// Whether two values can be of one kind, and that one of `kinds`.
fn same(one: &Type, other: &Type, kinds: Kinds) -> bool {
    let both = |kind: Kinds| kinds.meets(kind) && one.kinds().meets(kind) && other.kinds().meets(kind);
    [Kinds::BOOLEAN, Kinds::NUMBER, Kinds::TEXT, Kinds::LIST, Kinds::OBJECT].into_iter().any(both)
}

fn result(filter: &Filter, found: Type, written: Option<crate::time::TimeFormat>, argument: Type) -> Type {
    match filter.gives {
        Gives::Is(of) => of(),
        Gives::Same => found,
        Gives::Element => match found {
            Type::List(inner) => *inner,
            Type::Text | Type::Time(_) => Type::Text,
            _ => Type::Unknown,
        },
        Gives::Either => found.or(argument),
        Gives::Written => written.map_or(Type::Text, Type::Time),
    }
}

fn is_literal(node: &Node) -> bool {
    matches!(node.part, Part::Literal(_))
}

/// What makes of a value one that is wanted.
fn remedy(text: &str, found: &Type, wanted: Kinds) -> Option<String> {
    let bare = text.trim_matches(['\'', '"']);
    let way = match found {
        Type::Integer | Type::Number if text.parse::<f64>().is_ok() && wanted.meets(Kinds::TEXT) => {
            format!("put it in quotes: `'{text}'`")
        }
        Type::Text if bare != text && wanted.meets(Kinds::NUMBER) => {
            let whole = bare.parse::<f64>().is_ok();
            return whole.then(|| format!("take the quotes off: `{bare}`"));
        }
        Type::Time(format) if wanted.meets(Kinds::MOMENT) => {
            format!("`{text} | parse_time('{}')` reads it", format.name())
        }
        Type::Integer | Type::Number if wanted == Kinds::MOMENT => {
            format!("`{text} | parse_time('unix')` reads the seconds since 1970")
        }
        Type::Time(_) if wanted.meets(Kinds::DIGITS.or(Kinds::NUMBER)) && found.kinds().meets(Kinds::MOMENT) => {
            format!("`{text} | unix` gives its seconds since 1970")
        }
        Type::Text | Type::Time(_) if wanted.meets(Kinds::NUMBER) => {
            format!("`{text} | int` or `{text} | float` reads a number from a text")
        }
        Type::Text if wanted.meets(Kinds::LIST) => format!("`{text} | split(',')` makes a list of a text"),
        Type::Integer | Type::Number | Type::Boolean if wanted.meets(Kinds::TEXT) => {
            format!("`{text} | string` makes a text of it")
        }
        Type::List(_) if wanted.meets(Kinds::TEXT) => format!("`{text} | join(',')` makes a text of a list"),
        Type::Object if wanted.meets(Kinds::TEXT) => format!("`{text} | to_json` makes a text of an object"),
        _ => return None,
    };
    Some(way)
}

fn literal(value: &serde_json::Value) -> Type {
    match value {
        serde_json::Value::Null => Type::Null,
        serde_json::Value::Bool(_) => Type::Boolean,
        serde_json::Value::Number(number) if number.is_f64() => Type::Number,
        serde_json::Value::Number(_) => Type::Integer,
        serde_json::Value::String(_) => Type::Text,
        serde_json::Value::Array(_) => Type::List(Box::new(Type::Unknown)),
        serde_json::Value::Object(_) => Type::Object,
    }
}
