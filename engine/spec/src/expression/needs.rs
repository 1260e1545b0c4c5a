//! Which names an expression cannot do without: where one has no value, it fails, or says what nobody means.

use std::ops::Range;

use super::filters::Filter;
use super::kind::{Kinds, Type};
use super::tree::{Node, Part};

/// How a name has no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lack {
    /// It is not there, as an optional config field that was left out: only `default` and `is defined` take it.
    Undefined,
    /// It is null, as `since` on a first run: filters hand it on, and nothing can be computed with it.
    Null,
}

/// A name that needs a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Need {
    /// `config.size`
    pub(crate) name: String,
    /// Where it stands in the template, in chars.
    pub(crate) at: Range<usize>,
    /// Whether the expression as a whole has no value where the name has none, and does not fail.
    pub(crate) is_given: bool,
}

/// The names in a tree that need a value and may have none, as `lacks` says; each once, where it stands first.
pub(super) fn needs(tree: &Node, lacks: &dyn Fn(&str) -> Option<Lack>) -> Vec<Need> {
    let mut walk = Walk { lacks, excluded: Vec::new(), found: Vec::new() };
    let given = walk.subject(tree);
    walk.note(given, true);
    walk.found.sort_by_key(|need| need.at.start);
    let mut told: Vec<Need> = Vec::new();
    for need in walk.found {
        if told.iter().all(|earlier| earlier.name != need.name) {
            told.push(need);
        }
    }
    told
}

/// A name that may have no value, where it stands.
#[derive(Clone)]
struct Missing {
    name: String,
    at: Range<usize>,
    lack: Lack,
}

struct Walk<'a> {
    lacks: &'a dyn Fn(&str) -> Option<Lack>,
    /// What cannot be here, since a condition around it holds.
    excluded: Vec<(String, Lack)>,
    found: Vec<Need>,
}

impl Walk<'_> {
    /// What may make the whole have no value: of a name with filters the name, see [`Compiled::given`].
    ///
    /// [`Compiled::given`]: super::Compiled::given
    fn subject(&mut self, node: &Node) -> Vec<Missing> {
        match &node.part {
            Part::Filter(name, of, given) if Filter::named(name).is_none_or(|filter| filter.takes != Kinds::ANY) => {
                given.iter().for_each(|argument| self.used(argument));
                self.subject(of)
            }
            _ => self.value(node),
        }
    }

    /// What may make a part have no value. What makes it fail is noted.
    fn value(&mut self, node: &Node) -> Vec<Missing> {
        match &node.part {
            Part::Name(_) | Part::Member(..) if node.chain().is_some() => return self.name(node),
            Part::All(nodes) => return self.row(nodes, true),
            Part::Any(nodes) => return self.row(nodes, false),
            Part::Choice(test, then, other) => {
                self.truth(test);
                let mut missing = self.within(facts(test, true), then);
                missing.extend(other.iter().flat_map(|other| self.within(facts(test, false), other)));
                return missing;
            }
            Part::Filter(name, of, given) => return self.filter(name, of, given),
            Part::Test(_, of, _) => drop(self.value(of)),
            Part::Not(of) => self.truth(of),
            Part::Comparison(_, pair) => pair.iter().for_each(|node| self.truth(node)),
            _ => node.children().into_iter().for_each(|child| self.used(child)),
        }
        Vec::new()
    }

    fn name(&mut self, node: &Node) -> Vec<Missing> {
        let chain = node.chain().unwrap_or_default();
        let mut name = String::new();
        for (index, (part, _)) in chain.iter().enumerate() {
            name.extend((index > 0).then_some('.'));
            name.push_str(part);
            let Some(lack) = (self.lacks)(&name) else { continue };
            if self.excluded.contains(&(name.clone(), lack)) {
                return Vec::new();
            }
            let missing = vec![Missing { name, at: node.at.clone(), lack }];
            if index + 1 == chain.len() {
                return missing;
            }
            self.note(missing, false);
            return Vec::new();
        }
        Vec::new()
    }

    /// `a and b` or `a or b`: each but the last decides whether the next is looked at.
    fn row(&mut self, nodes: &[Node], holds: bool) -> Vec<Missing> {
        let Some((last, before)) = nodes.split_last() else { return Vec::new() };
        let known = self.excluded.len();
        for node in before {
            self.truth(node);
            self.excluded.extend(facts(node, holds));
        }
        let missing = self.value(last);
        self.excluded.truncate(known);
        missing
    }

    fn within(&mut self, facts: Vec<(String, Lack)>, node: &Node) -> Vec<Missing> {
        let known = self.excluded.len();
        self.excluded.extend(facts);
        let missing = self.value(node);
        self.excluded.truncate(known);
        missing
    }

    fn filter(&mut self, name: &str, of: &Node, given: &[Node]) -> Vec<Missing> {
        let missing = self.value(of);
        given.iter().for_each(|argument| self.used(argument));
        let (undefined, null): (Vec<_>, Vec<_>) = missing.into_iter().partition(|one| one.lack == Lack::Undefined);
        if name == "default" {
            return null;
        }
        self.note(undefined, false);
        let Some(filter) = Filter::named(name) else { return Vec::new() };
        match filter.gives {
            _ if filter.takes == Kinds::ANY => self.note(null, false),
            super::filters::Gives::Is(of) if of() == Type::Boolean => {}
            _ => return null,
        }
        Vec::new()
    }

    /// Where null is a value like others: as good as false, and less than all else.
    fn truth(&mut self, node: &Node) {
        let missing = self.value(node);
        self.note(missing.into_iter().filter(|one| one.lack == Lack::Undefined), false);
    }

    fn used(&mut self, node: &Node) {
        let missing = self.value(node);
        self.note(missing, false);
    }

    fn note(&mut self, missing: impl IntoIterator<Item = Missing>, is_given: bool) {
        let needs = missing.into_iter().map(|Missing { name, at, .. }| Need { name, at, is_given });
        self.found.extend(needs);
    }
}

/// What cannot be missing where a condition holds, or does not.
fn facts(node: &Node, holds: bool) -> Vec<(String, Lack)> {
    let named = |node: &Node, lacks: &[Lack]| {
        let name: Option<Vec<&str>> = node.chain().map(|chain| chain.into_iter().map(|(name, _)| name).collect());
        let name = name.map(|name| name.join("."));
        name.iter().flat_map(|name| lacks.iter().map(|lack| (name.clone(), *lack))).collect()
    };
    match (&node.part, holds) {
        (Part::Not(of), _) => facts(of, !holds),
        (Part::All(nodes), true) | (Part::Any(nodes), false) => {
            nodes.iter().flat_map(|one| facts(one, holds)).collect()
        }
        (Part::Test(test, of, 0), true) if test == "defined" => named(of, &[Lack::Undefined]),
        (Part::Test(test, of, 0), false) if test == "none" => named(of, &[Lack::Null]),
        (Part::Name(_) | Part::Member(..), true) => named(node, &[Lack::Undefined, Lack::Null]),
        (Part::Name(_) | Part::Member(..), false) => named(node, &[Lack::Undefined]),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Scope, Template};
    use super::Lack;
    use serde_json::json;

    fn needs(source: &str, name: &str, lack: Lack) -> Vec<bool> {
        let template = Template::compile(&format!("{{{{ {source} }}}}")).expect(source);
        let one = template.expressions().next().expect("an expression").clone();
        one.needs(&|known| (known == name).then_some(lack)).into_iter().map(|need| need.is_given).collect()
    }

    /// What it gives where the name has no value: an error, nothing, or something.
    fn sent(source: &str) -> Result<Option<serde_json::Value>, String> {
        let scope = Scope::new().with("config", &json!({"n": 1, "s": "a", "l": ["a"]})).with("since", &json!(null));
        Template::compile(&format!("{{{{ {source} }}}}")).expect(source).sent(&scope).map_err(|fault| fault.message)
    }

    #[test]
    fn what_fails_without_a_value_is_what_needs_one() {
        for source in [
            "config.x * 2",
            "config.x ~ 'a'",
            "-config.x",
            "config.x + 1 if config.n > 0 else 3",
            "config.x | int | default(3)",
            "config.s | replace('a', config.x)",
            "config.s | default(config.x)",
            "config.n | default(config.x)",
            "config.x or 'a'",
            "'a' if config.x else 'b'",
            "not config.x",
            "config.x > config.n",
            "config.x == config.n",
            "config.x == 3",
            "config.x == 'a'",
            "config.x in ['a', 'b']",
            "'a' in config.x",
            "'b' if config.x is defined else config.x * 2",
            "(config.x | lower) if config.n == 1 else 'b'",
            "config.x is defined or config.x > 2",
            "[config.x | int]",
            "config.x[0]",
            "config.x[:1]",
            "config.x.y | default(1)",
            "config.x < 3 < config.n",
        ] {
            assert_eq!(needs(source, "config.x", Lack::Undefined).first(), Some(&false), "{source}");
            assert!(sent(source).is_err(), "{source}: {:?}", sent(source));
        }
    }

    #[test]
    fn what_provides_for_it_needs_none() {
        for source in [
            "config.x | default(3) * 2",
            "(config.x | default(3)) ~ 'a'",
            "config.x * 2 if config.x is defined else none",
            "none if config.x is not defined else config.x * 2",
            "config.x is defined and config.x > 2",
            "config.x is not defined or config.x > 2",
            "config.x > 2 if config.x is defined and config.n == 1 else false",
            "config.x is defined and config.x in ['a', 'b']",
            "config.s if config.n == 1 else config.x",
        ] {
            assert!(needs(source, "config.x", Lack::Undefined).iter().all(|given| *given), "{source}");
            assert!(sent(source).is_ok(), "{source}: {:?}", sent(source));
        }
    }

    #[test]
    fn what_is_alone_is_given_or_not() {
        for source in ["config.x", "config.x | lower", "config.x if config.n == 1 else 'a'"] {
            assert_eq!(needs(source, "config.x", Lack::Undefined), [true], "{source}");
            assert_eq!(sent(source), Ok(None), "{source}");
        }
    }

    #[test]
    fn nothing_can_be_computed_with_null() {
        for source in ["'changed>' ~ since", "(since | unix) - 3600", "since | to_json", "[since]"] {
            assert_eq!(needs(source, "since", Lack::Null).first(), Some(&false), "{source}");
        }
        for source in [
            "since | format_time('date')",
            "'a' ~ since if since else none",
            "since ~ 'a' if since is not none else none",
        ] {
            assert!(needs(source, "since", Lack::Null).iter().all(|given| *given), "{source}");
            assert_eq!(sent(source), Ok(None), "{source}");
        }
    }
}
