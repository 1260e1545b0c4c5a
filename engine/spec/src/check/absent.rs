//! Values that may be absent: an optional config field, and the bookmark on a first run.
//!
//! One expression alone leaves its entry out then; with text beside it, and in a path, it must have a value.

use super::names::Names;
use crate::diagnostic::Diagnostic;
use crate::expression::Template;
use crate::grammar::{Reader, part_of};
use crate::language::{ReplicationForm, Stream};
use crate::model::FieldType;
use crate::source::Place;

/// What becomes of a template without a value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// Its entry is left out.
    Entry,
    /// It must have one.
    Needed,
}

impl Names<'_, '_> {
    /// Checks the names of a template that a request carries, and that it has a value where it needs one.
    pub(super) fn carried(&self, (template, place): (&Template, &Place), standing: Standing, reader: &mut Reader<'_>) {
        self.template(template, place, reader);
        if standing == Standing::Entry && template.is_one_expression() {
            return;
        }
        for (name, range) in template.subjects() {
            let Some(why) = self.may_be_absent(&name) else { continue };
            let place = part_of(reader.source, place, template.source(), range);
            let fault = Diagnostic::new(format!("`{name}` {why}, and here it needs a value"), place);
            let given = if name == "since" { "since" } else { &format!("{name} is defined") };
            reader.fault(match standing {
                Standing::Entry => fault.help(format!(
                    "write the text as one expression, which is left out where it is none: \
                     `{{{{ 'text' ~ {name} if {given} else none }}}}`"
                )),
                Standing::Needed => {
                    fault.help(format!("say what stands there instead: `{{{{ {name} if {given} else 'text' }}}}`"))
                }
            });
        }
    }

    fn may_be_absent(&self, name: &str) -> Option<&'static str> {
        if name == "since" {
            let begins = self.stream.is_some_and(|stream| self.begins_with_a_time(stream));
            return (!begins).then_some("has no value on a first run");
        }
        let config = self.whole.spec.config.as_ref()?;
        let field = name.strip_prefix("config.")?;
        let (_, field) = config.0.iter().find(|(known, _)| known.value == field)?;
        let field = field.as_ref()?;
        let optional = field.optional.as_ref().is_some_and(|optional| optional.value);
        (optional && field.said("default").is_none()).then_some("may be left out of the configuration")
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
