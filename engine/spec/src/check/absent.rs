//! Values that may be absent: an optional config field, and the bookmark on a first run.
//!
//! One expression alone leaves its entry out then; with text beside it, in a path, and where something is computed
//! with it, it must have a value.

use super::names::{Names, Written};
use crate::diagnostic::Diagnostic;
use crate::expression::{Compiled, Lack, Template, Type};
use crate::grammar::Reader;
use crate::language::{ReplicationForm, Stream};
use crate::model::FieldType;
use crate::source::Place;

/// What becomes of an expression without a value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// Its entry is left out.
    Entry,
    /// It must have one.
    Needed,
    /// It must be true or false.
    Condition,
}

impl Names<'_, '_> {
    /// Checks the names of a template, and that it has a value where it needs one.
    pub(super) fn carried(&self, (template, place): (&Template, &Place), standing: Standing, reader: &mut Reader<'_>) {
        let alone = standing == Standing::Entry && template.is_one_expression();
        let text = Written { source: template.source(), place };
        for one in template.expressions() {
            self.known_and_typed(one, &text, reader);
            self.present(one, &text, (standing, alone), reader);
        }
    }

    /// Reports the names in an expression that need a value and may have none.
    pub(super) fn present(
        &self,
        one: &Compiled,
        text: &Written<'_>,
        (standing, alone): (Standing, bool),
        reader: &mut Reader<'_>,
    ) {
        let subject = one.subject();
        for need in one.needs(&|name| self.may_lack(name)) {
            let Some(why) = self.may_be_absent(&need.name).filter(|_| !(alone && need.is_given)) else { continue };
            let is_whole = subject.as_deref() == Some(&need.name) && need.is_given;
            let at = if is_whole { &one.range } else { &need.at };
            let fault = Diagnostic::new(
                format!("`{}` {why}, and here it needs a value", need.name),
                text.part(one, at, reader),
            );
            reader.fault(fault.help(match standing {
                Standing::Entry if alone => left_out(&need.name, &text.inner(one)),
                Standing::Entry => format!(
                    "write the text as one expression, which is left out where it is none: \
                     `{{{{ 'text' ~ {} if {} else none }}}}`",
                    need.name,
                    given(&need.name)
                ),
                Standing::Needed => self.instead(&need.name, is_whole),
                Standing::Condition => {
                    format!("ask first whether it is there, as in `{} and …`", given(&need.name))
                }
            }));
        }
    }

    fn may_lack(&self, name: &str) -> Option<Lack> {
        self.may_be_absent(name)?;
        Some(if name == "since" { Lack::Null } else { Lack::Undefined })
    }

    fn may_be_absent(&self, name: &str) -> Option<&'static str> {
        if name == "since" {
            let begins = self.stream.is_some_and(|stream| self.begins_with_a_time(stream));
            return (!begins).then_some("has no value on a first run");
        }
        // Which fields a user fills then hangs on the field that chooses.
        if self.whole.chosen {
            return None;
        }
        let config = self.whole.spec.config.as_ref()?;
        let field = name.strip_prefix("config.")?;
        let (_, field) = config.0.iter().find(|(known, _)| known.value == field)?;
        let field = field.as_ref()?;
        let optional = field.optional.as_ref().is_some_and(|optional| optional.value);
        (optional && field.said("default").is_none()).then_some("may be left out of the configuration")
    }

    /// What to write where a value must stand.
    fn instead(&self, name: &str, is_whole: bool) -> String {
        if name == "since" {
            return format!("say what stands there instead: `{{{{ {name} if {name} else 'text' }}}}`");
        }
        let chain: Vec<&str> = name.split('.').collect();
        let other = match self.type_of(&chain) {
            Type::Integer | Type::Number => "1",
            Type::Boolean => "false",
            Type::List(_) => "[]",
            _ => "'text'",
        };
        let written = format!("{name} | default({other})");
        let written = if is_whole { format!("{{{{ {written} }}}}") } else { format!("({written})") };
        format!("say what stands there instead: `{written}`")
    }

    /// Whether the first run of a stream has a bookmark to begin from: the default history.
    fn begins_with_a_time(&self, stream: &Stream) -> bool {
        let spec = self.whole.spec;
        // A misspelt key is a fault of its own.
        let schedule = spec.schedule.as_ref().map_or(spec.said("schedule"), |schedule| schedule.said("historical"));
        let Some(ReplicationForm::Form(form)) = &stream.replication else { return true };
        let Some(key) = form.key.as_ref() else { return true };
        let field = stream.fields.iter().flat_map(|fields| &fields.0).find(|(name, _)| name.value == key.value);
        let kind = field.and_then(|(_, field)| field.as_ref()?.0.kind.as_ref());
        let is_time = kind.is_none_or(|kind| matches!(kind.value, FieldType::Timestamp | FieldType::Date));
        schedule.is_some() && is_time
    }
}

/// What asks whether a name has a value.
fn given(name: &str) -> String {
    if name == "since" { name.to_owned() } else { format!("{name} is defined") }
}

/// How an entry is left out that computes with what is not there.
fn left_out(name: &str, expression: &str) -> String {
    let (begins, ends) = if expression.contains(" if ") { ("(", ")") } else { ("", "") };
    let whole = format!("{{{{ {begins}{expression}{ends} if {} else none }}}}", given(name));
    let default = if name == "since" { "" } else { "; or give the field a `default`" };
    format!("leave it out where there is none: `{whole}`{default}")
}
