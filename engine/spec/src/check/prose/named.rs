//! Names in prose that nothing has: tables, config fields, permissions, and anchors to which a link leads.
//!
//! Only what can be read without doubt counts: a code span beside the word table, a variable of the environment, a
//! code span that looks like the permissions that streams name, a link within the page.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::{general, place_of, regex};
use crate::anchors;
use crate::check::Whole;
use crate::diagnostic::Diagnostic;
use crate::grammar::{Markdown, Reader, Text, list_names};
use crate::language::FieldForm;

/// A code span with a name in it.
static SPAN: LazyLock<Regex> = LazyLock::new(|| regex(r"`([A-Za-z0-9_.:-]+)`"));
/// Between two names of a list.
static BETWEEN: LazyLock<Regex> = LazyLock::new(|| regex(r"^(?:,\s+|,?\s+(?:and|or)\s+)$"));
/// After the last name, that what was named are tables.
static TABLES_AFTER: LazyLock<Regex> = LazyLock::new(|| regex(r"^\s+(?:tables?|streams?)\b"));
/// Before the first name.
static TABLES_BEFORE: LazyLock<Regex> = LazyLock::new(|| regex(r"(?i)\b(?:tables?|streams?)\s+$"));
static LINK: LazyLock<Regex> = LazyLock::new(|| regex(r"\]\(#([^)\s]+)"));
static VARIABLE: LazyLock<Regex> = LazyLock::new(|| regex(r"\bTAPWRIGHT_([A-Z0-9_]+)\b"));

pub(super) fn contradictions(whole: &Whole<'_>, reader: &mut Reader<'_>) {
    // What seems to be missing may stand below a misspelt key.
    if !whole.all_read {
        return;
    }
    let about = whole.spec.about.as_ref();
    let remedies = about.into_iter().flat_map(|about| about.troubleshooting.iter().flatten());
    let mut texts: Vec<&Text<Markdown>> = about.into_iter().flat_map(general).collect();
    texts.extend(remedies.filter_map(|trouble| trouble.remedy.as_ref()));
    texts.extend(about.and_then(|about| about.notice.as_ref()?.text.as_ref()));
    let settings = whole.spec.config.iter().flat_map(|config| &config.0);
    texts.extend(settings.filter_map(|(_, field)| field.as_ref()?.description.as_ref()));
    for form in whole.streams.iter().filter_map(|(_, form)| form.as_ref()) {
        texts.extend(form.description.iter().chain(&form.notes));
        form.fields.iter().flat_map(|fields| &fields.0).for_each(|(_, field)| described(field.as_ref(), &mut texts));
    }
    let anchors = Anchors::of(whole);
    for text in texts {
        tables(whole, text, reader);
        variables(whole, text, reader);
        anchors.links(text, reader);
    }
    let steps = about.into_iter().flat_map(|about| about.setup.iter().flatten()).filter_map(|step| step.text.as_ref());
    let asked = about.into_iter().flat_map(|about| about.requirements.iter().flatten()).chain(steps);
    let known = permissions(whole);
    for text in asked {
        asks(whole, &known, text, reader);
    }
}

/// The descriptions of a field and of those within it.
fn described<'a>(field: Option<&'a FieldForm>, texts: &mut Vec<&'a Text<Markdown>>) {
    let Some(FieldForm(field)) = field else { return };
    texts.extend(&field.description);
    field.fields.iter().flat_map(|fields| &fields.0).for_each(|(_, inner)| described(inner.as_ref(), texts));
}

/// The names in code spans that the text calls tables.
fn called_tables(text: &str) -> Vec<Range<usize>> {
    let spans: Vec<_> =
        SPAN.captures_iter(text).filter_map(|found| Some((found.get(0)?.range(), found.get(1)?.range()))).collect();
    let mut named = Vec::new();
    let mut first = 0;
    while first < spans.len() {
        let joined = |at: &usize| BETWEEN.is_match(&text[spans[*at].0.end..spans[at + 1].0.start]);
        let last = (first..spans.len() - 1).find(|at| !joined(at)).unwrap_or(spans.len() - 1);
        let before = &text[..spans[first].0.start];
        if TABLES_AFTER.is_match(&text[spans[last].0.end..]) || TABLES_BEFORE.is_match(before) {
            named.extend(spans[first..=last].iter().map(|(_, name)| name.clone()));
        }
        first = last + 1;
    }
    named
}

fn tables(whole: &Whole<'_>, text: &Text<Markdown>, reader: &mut Reader<'_>) {
    if whole.spec.said("dynamic_streams").is_some() {
        return;
    }
    for range in called_tables(&text.value) {
        let name = &text.value[range.clone()];
        // A list has a table of its own, which is named after its stream's.
        let of_stream =
            |stream: &str| name.strip_prefix(stream).is_some_and(|rest| rest.is_empty() || rest.starts_with("__"));
        if name.starts_with('_') || whole.stream_names().any(of_stream) {
            continue;
        }
        let fault = Diagnostic::new(
            format!("the text names a table `{name}`, and there is none"),
            place_of(text, range.clone(), reader),
        );
        let fault = fault.nearest(name, whole.stream_names());
        reader.fault(fault.help(format!("the tables are {}", list_names(whole.stream_names()))));
    }
}

fn variables(whole: &Whole<'_>, text: &Text<Markdown>, reader: &mut Reader<'_>) {
    let Some(name) = whole.spec.name.as_ref().filter(|_| whole.config_known) else { return };
    for found in VARIABLE.captures_iter(&text.value) {
        let (Some(all), Some(rest)) = (found.get(0), found.get(1)) else { continue };
        let rest = rest.as_str().to_lowercase();
        let Some(field) = rest.strip_prefix(&format!("{}_", name.value)) else { continue };
        if whole.config.contains(&field) {
            continue;
        }
        let message = format!("the text names the variable of a config field `{field}`, and there is none");
        let fault = Diagnostic::new(message, place_of(text, all.range(), reader));
        let fault = fault.nearest(field, whole.config.iter().copied());
        reader.fault(fault.help(format!("the config fields are {}", list_names(whole.config.iter().copied()))));
    }
}

/// Words such as `orders:read` among what the streams need, and anything else of the spec that runs.
fn permissions(whole: &Whole<'_>) -> Vec<String> {
    let forms = whole.streams.iter().filter_map(|(_, form)| form.as_ref());
    let mut known: Vec<String> = forms
        .filter_map(|form| form.permission.as_ref())
        .flat_map(|text| text.value.split([' ', ',', ';']).map(|word| word.trim_matches('`').to_owned()))
        .filter(|word| separators(word).next().is_some())
        .collect();
    known.sort();
    known.dedup();
    known
}

fn separators(word: &str) -> impl Iterator<Item = char> {
    word.chars().filter(|c| matches!(c, ':' | '_' | '.'))
}

/// Whether a word is written like a permission, and about the same thing or to do the same: `orders:write`,
/// `users:read` beside `orders:read`.
fn is_like(word: &str, permission: &str) -> bool {
    let ends = |word: &str| {
        let mut parts = word.split([':', '_', '.']).map(str::to_owned);
        (parts.next(), parts.next_back())
    };
    let ((first, last), (other_first, other_last)) = (ends(word), ends(permission));
    separators(word).eq(separators(permission)) && (first == other_first || last == other_last)
}

fn asks(whole: &Whole<'_>, known: &[String], text: &Text<Markdown>, reader: &mut Reader<'_>) {
    for found in SPAN.captures_iter(&text.value).filter_map(|found| found.get(1)) {
        let word = found.as_str();
        let is_name = whole.config.contains(&word) || whole.is_stream(word);
        if is_name || known.iter().any(|known| known == word) || runs(whole, word, reader) {
            continue;
        }
        if !known.iter().any(|known| is_like(word, known)) {
            continue;
        }
        let message = format!("the text asks for `{word}`, which no stream needs");
        let fault = Diagnostic::new(message, place_of(text, found.range(), reader));
        let help = format!(
            "the streams need {}: leave it out, or say under `permission` which stream needs it",
            list_names(known.iter().map(String::as_str))
        );
        reader.fault(fault.nearest(word, known.iter().map(String::as_str)).help(help));
    }
}

/// Whether a word stands in what runs, such as the scopes of a login.
fn runs(whole: &Whole<'_>, word: &str, reader: &Reader<'_>) -> bool {
    let about = whole.spec.about.as_ref().map_or(0..0, |about| about.place.clone());
    let text = reader.source.text();
    text.match_indices(word).any(|(at, _)| !about.contains(&at))
}

/// The anchors of the page, as far as they can be known.
struct Anchors<'a> {
    known: Vec<String>,
    whole: &'a Whole<'a>,
}

impl<'a> Anchors<'a> {
    fn of(whole: &'a Whole<'a>) -> Anchors<'a> {
        let mut known: Vec<String> = anchors::SECTIONS.iter().map(|name| (*name).to_owned()).collect();
        known.extend(whole.config.iter().map(|name| anchors::setting(name)));
        let steps = whole.spec.about.iter().flat_map(|about| about.setup.iter().flatten());
        for step in steps {
            known.extend(step.anchored());
        }
        for (name, form) in whole.streams {
            known.push(anchors::stream(&name.value));
            let fields = form.iter().filter_map(|form| form.fields.as_ref());
            known.extend(fields.flat_map(|fields| fields.names()).map(|field| anchors::field(&name.value, field)));
        }
        Anchors { known, whole }
    }

    fn links(&self, text: &Text<Markdown>, reader: &mut Reader<'_>) {
        for found in LINK.captures_iter(&text.value).filter_map(|found| found.get(1)) {
            let wanted = found.as_str();
            // Of streams that the API tells, tables of lists and the step that is added where a person logs in.
            let told = self.whole.spec.said("dynamic_streams").is_some() && wanted.starts_with("stream-");
            if told
                || wanted.starts_with("table-")
                || wanted == anchors::LOG_IN
                || self.known.iter().any(|known| known == wanted)
            {
                continue;
            }
            let fault = Diagnostic::new(
                format!("a link leads to `#{wanted}`, which is nowhere on the page"),
                place_of(text, found.range(), reader),
            );
            let help = "anchors are those of the steps, of the page's sections such as `configuration` or `tables`, `config-FIELD`, \
                        `stream-NAME` and `stream-NAME-field-FIELD`";
            reader.fault(fault.nearest(wanted, self.known.iter().map(String::as_str)).help(help));
        }
    }
}
