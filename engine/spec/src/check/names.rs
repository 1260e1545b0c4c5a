//! Which names an expression may read where it stands.

use std::ops::Range;

use super::Whole;
use super::absent::Standing;
use super::scope::{ROOTS, Scope, is_reserved};
use crate::diagnostic::Diagnostic;
use crate::expression::{Compiled, Condition, ExpressionFault, Template};
use crate::grammar::{At, Map, Reader, list_names, part_of};
use crate::language::{Each, ForEachForm, Stream};
use crate::source::Place;

const RESPONSE: [&str; 3] = ["status", "headers", "body"];
const PAGE: [&str; 2] = ["number", "records"];

/// Checks the names of expressions at a place, for the stream that they belong to.
pub(super) struct Names<'a, 'w> {
    pub(super) whole: &'w Whole<'a>,
    pub(super) stream: Option<&'a Stream>,
    pub(super) scope: Scope,
}

impl Names<'_, '_> {
    /// Checks the names of a template that must have a value.
    pub(super) fn template(&self, template: &Template, place: &Place, reader: &mut Reader<'_>) {
        self.carried((template, place), Standing::Needed, reader);
    }

    pub(super) fn condition(&self, condition: &Condition, place: &Place, reader: &mut Reader<'_>) {
        let (one, text) = (condition.expression(), Written { source: condition.source(), place });
        self.chains(one, &text, reader);
        self.told(one, one.mistyped_condition(text.source, &|chain| self.type_of(chain)), &text, reader);
        self.present(one, &text, (Standing::Condition, false), reader);
    }

    /// Checks the names of an expression, and that their types go together.
    pub(super) fn known_and_typed(&self, one: &Compiled, text: &Written<'_>, reader: &mut Reader<'_>) {
        self.chains(one, text, reader);
        self.told(one, one.mistyped(text.source, &|chain| self.type_of(chain)), text, reader);
    }

    fn chains(&self, one: &Compiled, text: &Written<'_>, reader: &mut Reader<'_>) {
        for chain in one.chains() {
            let places: Vec<Place> = chain.iter().map(|(_, at)| text.part(one, at, reader)).collect();
            let names: Vec<&str> = chain.iter().map(|(name, _)| *name).collect();
            self.name(&names, &places, reader);
        }
    }

    fn told(&self, one: &Compiled, faults: Vec<ExpressionFault>, text: &Written<'_>, reader: &mut Reader<'_>) {
        for fault in faults {
            let told = Diagnostic::new(fault.message, text.part(one, &fault.range, reader));
            reader.fault(match fault.help {
                Some(help) => told.help(help),
                None => told,
            });
        }
    }

    fn name(&self, names: &[&str], places: &[Place], reader: &mut Reader<'_>) {
        let [root, ..] = names else { return };
        let member = names.get(1).copied().unwrap_or_default();
        let root_place = places[0].clone();
        let member_place = places.get(1).unwrap_or(&root_place).clone();
        let root = *root;
        if root == "object" && self.whole.object {
            return;
        }
        if let Some(each) = self.each(root).filter(|_| !is_reserved(root)) {
            return self.part(each, (root, member), (&root_place, &member_place), reader);
        }
        if !self.scope.names().contains(&root) || (root == "job" && self.stream.is_none()) {
            return self.misplaced(root, &root_place, reader);
        }
        match root {
            "config" => {
                reader.config_read.insert(member.to_owned());
                // The field that was meant is read as soon as the name is right.
                let meant = crate::nearest(member, self.whole.config.iter().copied());
                reader.config_read.extend(meant.map(str::to_owned));
                if self.whole.config_known {
                    self.member(root, member, &self.whole.config, &member_place, reader);
                }
            }
            "response" => self.member(root, member, &RESPONSE, &member_place, reader),
            "page" => self.member(root, member, &PAGE, &member_place, reader),
            "job" => self.job(member, (&root_place, &member_place), reader),
            "since" | "until" if !self.incremental() => {
                let fault =
                    Diagnostic::new(format!("`{root}` stands here, and the stream is not incremental"), root_place);
                let help = format!("give it `replication: {{method: incremental, …}}`, or take `{root}` out");
                reader.fault(fault.help(help));
            }
            "until" if !self.is_timed() => {
                let fault = Diagnostic::new("`until` stands here, and the replication key is no time", root_place);
                reader.fault(fault.help("take `until` out, or make the key's type `timestamp` or `date`"));
            }
            _ => {}
        }
    }

    /// What the stream is fetched for, where the expression belongs to one.
    pub(super) fn for_each(&self) -> Option<&ForEachForm> {
        self.stream.filter(|_| self.scope != Scope::Shared)?.for_each.as_ref()
    }

    /// The part of the `for_each` that expressions here read by this name.
    pub(super) fn each(&self, name: &str) -> Option<&Each> {
        let for_each = self.for_each()?;
        match self.scope {
            Scope::Parent => for_each.of_streams().filter(|each| each.one_called() == name),
            _ => for_each.part(name),
        }
    }

    /// The names that this stream can read here.
    fn known(&self) -> impl Iterator<Item = &str> {
        let offered = |name: &&str| match *name {
            "job" => self.stream.is_some_and(|stream| stream.said("job").is_some()),
            "since" => self.incremental(),
            "until" => self.incremental() && self.is_timed(),
            _ => true,
        };
        let known = self.scope.names().iter().copied().filter(offered);
        let single = |each: &&Each| self.scope != Scope::Record || each.said("batch").is_none();
        let parts = self.for_each().into_iter().flat_map(|for_each| &for_each.parts);
        let object = self.whole.object.then_some("object");
        let (parent, parts) = match self.scope {
            Scope::Parent => (self.for_each().and_then(ForEachForm::of_streams).map(Each::one_called), None),
            _ => (None, Some(parts.filter(single).flat_map(Each::known_as))),
        };
        known.chain(parent).chain(parts.into_iter().flatten()).chain(object)
    }

    fn misplaced(&self, root: &str, place: &Place, reader: &mut Reader<'_>) {
        let child = self.stream.is_some_and(|stream| stream.said("for_each").is_some());
        // A name of a `for_each` that could not be read is no further fault.
        if child && self.for_each().is_none_or(ForEachForm::is_unread) {
            return;
        }
        if root == "parent" && self.stream.is_some() && !child {
            let fault = Diagnostic::new("`parent` stands here, and the stream has no parent", place.clone());
            return reader.fault(fault.help("name the parent stream: `for_each: STREAM`"));
        }
        let here = list_names(self.known());
        let fault = if ROOTS.contains(&root) {
            Diagnostic::new(format!("`{root}` is not known {}", self.scope.what()), place.clone())
        } else {
            Diagnostic::new(format!("there is no `{root}`"), place.clone()).nearest(root, self.known())
        };
        reader.fault(fault.help(format!("the names here are {here}")));
    }

    fn member(&self, root: &str, member: &str, known: &[&str], place: &Place, reader: &mut Reader<'_>) {
        if known.contains(&member) {
            return;
        }
        let what = if member.is_empty() {
            format!("`{root}` alone has no value")
        } else {
            format!("`{root}` has no `{member}`")
        };
        let fault = Diagnostic::new(what, place.clone()).nearest(member, known.iter().copied());
        reader.fault(match known {
            [] => fault,
            _ => fault.help(format!("`{root}` has {}", list_names(known.iter().copied()))),
        });
    }

    /// A name that `for_each` gives.
    fn part(
        &self,
        each: &Each,
        (name, member): (&str, &str),
        (place, member_place): (&Place, &Place),
        reader: &mut Reader<'_>,
    ) {
        if self.scope == Scope::Record && each.said("batch").is_some() {
            let fault = Diagnostic::new(format!("`{name}` is not known {}", self.scope.what()), place.clone());
            return reader.fault(fault.help(
                "a request for several parents does not tell for which of them a record came: the record must say it",
            ));
        }
        if let Some(fault) = super::for_each::misread(self.whole, each, (name, member), member_place) {
            reader.fault(fault);
        }
    }

    fn job(&self, member: &str, (root_place, member_place): (&Place, &Place), reader: &mut Reader<'_>) {
        let Some(stream) = self.stream else { return };
        let Some(job) = &stream.job else {
            if stream.said("job").is_none() {
                let fault = Diagnostic::new("`job` stands here, and the stream has no job", root_place.clone());
                reader.fault(fault.help("describe the job under `job:`, or take the expression out"));
            }
            return;
        };
        let done = !matches!(self.scope, Scope::Poll | Scope::Job);
        let result = (done && job.said("result").is_some()).then_some("result");
        let known: Vec<&str> = job.keep.iter().flat_map(Map::names).chain(result).collect();
        if member == "result" && job.said("result").is_some() && !done {
            let fault = Diagnostic::new("`job.result` is known only when the job is done", member_place.clone());
            return reader.fault(fault.help("what the answer to `create` says can be kept: `keep: {id: $.id}`"));
        }
        // A `keep` that could not be read may have it.
        if job.keep.is_some() || job.said("keep").is_none() {
            self.member("job", member, &known, member_place, reader);
        }
    }

    fn incremental(&self) -> bool {
        use crate::language::{Method, ReplicationForm};
        let Some(stream) = self.stream else { return false };
        match &stream.replication {
            Some(ReplicationForm::Form(form)) => {
                form.method.as_ref().is_none_or(|method| method.value == Method::Incremental)
            }
            Some(ReplicationForm::FullTable) => false,
            // One that could not be read is no reason for further faults.
            None => stream.said("replication").is_some(),
        }
    }

    /// Whether the replication key may be a time, as far as its type could be read.
    fn is_timed(&self) -> bool {
        use crate::model::FieldType;
        let Some(stream) = self.stream else { return false };
        let Some(crate::language::ReplicationForm::Form(form)) = &stream.replication else { return true };
        let field = form.key.as_ref().and_then(|key| {
            let named = |(name, _): &&(At<String>, _)| name.value == key.value;
            stream.fields.as_ref()?.0.iter().find(named)?.1.as_ref()?.0.kind.as_ref()
        });
        field.is_none_or(|kind| matches!(kind.value, FieldType::Timestamp | FieldType::Date))
    }
}

/// A text with expressions as it stands in the file.
pub(super) struct Written<'t> {
    pub(super) source: &'t str,
    pub(super) place: &'t Place,
}

impl Written<'_> {
    /// The text of one of its expressions, without its braces.
    pub(super) fn inner(&self, one: &Compiled) -> String {
        let text: String = self.source.chars().skip(one.range.start).take(one.range.len()).collect();
        text.trim_start_matches("{{").trim_end_matches("}}").trim().to_owned()
    }

    /// The place of a part of one of its expressions; of the whole expression where lines are folded in it.
    pub(super) fn part(&self, one: &Compiled, part: &Range<usize>, reader: &Reader<'_>) -> Place {
        let whole = part_of(reader.source, self.place, self.source, one.range.clone());
        let text: String = self.source.chars().skip(one.range.start).take(one.range.len()).collect();
        if reader.source.text().get(whole.clone()) != Some(&*text) {
            return whole;
        }
        let byte = |char: usize| {
            let within = char.saturating_sub(one.range.start);
            text.char_indices().nth(within).map_or(text.len(), |(at, _)| at)
        };
        whole.start + byte(part.start)..whole.start + byte(part.end)
    }
}

/// Reports a config field that nothing reads: the page would ask for it in vain.
pub(super) fn unused_config(whole: &Whole<'_>, reader: &mut Reader<'_>) {
    if !whole.all_read {
        return;
    }
    let fields = whole.spec.config.iter().flat_map(|config| &config.0);
    let unused: Vec<&At<String>> =
        fields.map(|(name, _)| name).filter(|name| !reader.config_read.contains(&name.value)).collect();
    for name in unused {
        let message = format!("nothing reads the config field `{}`", name.value);
        let help = format!("use it as {{{{ config.{} }}}}, or take it out: users would fill it in vain", name.value);
        reader.fault(Diagnostic::new(message, name.place.clone()).help(help));
    }
}

/// Reports a name of the author's own that is not lower case letters, digits and `_`.
pub(super) fn is_name(name: &At<String>, what: &str, reader: &mut Reader<'_>) {
    let first = name.value.chars().next().is_some_and(|c| c.is_ascii_lowercase());
    if first && name.value.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_') {
        return;
    }
    let fault = Diagnostic::new(format!("`{}` is no name for a {what}", name.value), name.place.clone());
    reader.fault(fault.help("a name has lower case letters, digits and `_`, a letter first"));
}

/// `token_secret` -> `Token secret`
pub(super) fn spoken(name: &str) -> String {
    let spaced = name.replace('_', " ");
    let mut chars = spaced.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
