//! The page's texts, the schedule and the config fields.

use crate::diagnostic::Diagnostic;
use crate::grammar::{At, Reader, list_names};
use crate::language::{self, AnyValue, Config, ConfigTypeWord as Word, Spec};
use crate::model::{About, Author, Change, ConfigField, ConfigType, Notice, Schedule, Status, Step, Supports, Trouble};
use crate::settings;

fn line<K: crate::grammar::Kind<Value = String>>(text: Option<&crate::grammar::Text<K>>) -> Option<String> {
    text.map(|text| text.value.clone())
}

pub(super) fn about(spec: &Spec, reader: &mut Reader<'_>) -> Option<About> {
    let about = spec.about.as_ref()?;
    newest_change(spec, about, reader);
    newest_first(about, reader);
    Some(About {
        summary: about.summary.as_ref()?.value.clone(),
        description: line(about.description.as_ref()),
        status: about.status.as_ref().map_or(Status::Alpha, |status| status.value),
        category: about.category.as_ref().map(|category| category.value),
        certified: about.certified.as_ref().is_some_and(|certified| certified.value),
        tier: line(about.tier.as_ref()),
        keywords: about.keywords.iter().flatten().map(|word| word.value.clone()).collect(),
        author: about
            .author
            .as_ref()
            .and_then(|author| Some(Author { name: line(author.name.as_ref())?, url: line(author.url.as_ref()) })),
        links: about
            .links
            .iter()
            .flat_map(|links| &links.0)
            .filter_map(|(name, url)| Some((name.value.clone(), url.as_ref()?.value.clone())))
            .collect(),
        notice: about
            .notice
            .as_ref()
            .and_then(|notice| Some(Notice { level: notice.level.as_ref()?.value, text: line(notice.text.as_ref())? })),
        requirements: about.requirements.iter().flatten().map(|item| item.value.clone()).collect(),
        setup: setup(spec, about, reader),
        notes: line(about.notes.as_ref()),
        limits: line(about.limits.as_ref()),
        troubleshooting: about
            .troubleshooting
            .iter()
            .flatten()
            .filter_map(|one| {
                Some(Trouble { symptom: line(one.symptom.as_ref())?, remedy: line(one.remedy.as_ref())? })
            })
            .collect(),
        changelog: about.changelog.iter().flatten().filter_map(change).collect(),
        icon: line(about.icon.as_ref()),
    })
}

fn change(change: &language::Change) -> Option<Change> {
    Some(Change {
        version: line(change.version.as_ref())?,
        date: line(change.date.as_ref()),
        text: line(change.text.as_ref())?,
    })
}

/// The numbers of a version, to compare.
fn numbers(version: &str) -> Vec<u64> {
    version.split('.').filter_map(|number| number.parse().ok()).collect()
}

fn newest_first(about: &language::About, reader: &mut Reader<'_>) {
    let versions: Vec<_> = about.changelog.iter().flatten().filter_map(|change| change.version.as_ref()).collect();
    for pair in versions.windows(2) {
        if let [above, below] = pair
            && numbers(&below.value) >= numbers(&above.value)
        {
            let message = format!("{} stands below {} in the changelog", below.value, above.value);
            reader.fault(Diagnostic::new(message, below.place.clone()).help("order the entries newest first"));
        }
    }
}

fn newest_change(spec: &Spec, about: &language::About, reader: &mut Reader<'_>) {
    let newest = about.changelog.as_ref().and_then(|changes| changes.first()?.version.as_ref());
    if let (Some(newest), Some(version)) = (newest, &spec.version)
        && newest.value != version.value
    {
        let message =
            format!("the changelog begins with {}, and the connector's version is {}", newest.value, version.value);
        reader
            .fault(Diagnostic::new(message, newest.place.clone()).help("add an entry for this version, newest first"));
    }
}

fn setup(spec: &Spec, about: &language::About, reader: &mut Reader<'_>) -> Vec<Step> {
    let known: Vec<&str> = spec.config.iter().flat_map(crate::grammar::Map::names).collect();
    let mut anchors: Vec<String> = Vec::new();
    let mut steps = Vec::new();
    for step in about.setup.iter().flatten() {
        let (Some(title), Some(text), Some(anchor)) = (&step.title, &step.text, step.anchored()) else { continue };
        if anchors.contains(&anchor) {
            let place = step.anchor.as_ref().map_or(title.place.clone(), |anchor| anchor.place.clone());
            let fault = Diagnostic::new(format!("two steps have the anchor `{anchor}`"), place);
            reader.fault(fault.help("give one of them an `anchor` of its own"));
        }
        let fills = step.fills.iter().flat_map(|fills| &fills.0);
        let unread = spec.config.is_none() && spec.said("config").is_some();
        for field in fills.clone().filter(|field| !unread && !known.contains(&field.value.as_str())) {
            let message = format!("this step fills `{}`, and no config field is called so", field.value);
            let fault = Diagnostic::new(message, field.place.clone()).nearest(&field.value, known.iter().copied());
            reader.fault(fault.help(format!("the config fields are {}", list_names(known.iter().copied()))));
        }
        let fills = fills.map(|field| field.value.clone()).collect();
        steps.push(Step { title: title.value.clone(), anchor: anchor.clone(), text: text.value.clone(), fills });
        anchors.push(anchor);
    }
    steps
}

fn default_of(
    lowered: &ConfigField,
    default: &AnyValue,
    field: &Config,
    reader: &mut Reader<'_>,
) -> Option<serde_json::Value> {
    match settings::node_value(lowered, &default.0) {
        Ok(Some(value)) => Some(value),
        Ok(None) => {
            let place = field.said("default").cloned().unwrap_or(default.0.place.clone());
            let fault = Diagnostic::new(format!("the default of `{}` is nothing", lowered.name), place);
            reader.fault(fault.help("write `optional: true` for a field that may be left out"));
            None
        }
        Err(reason) => {
            let message = format!("the default of `{}` is wrong: {reason}", lowered.name);
            reader.fault(Diagnostic::new(message, default.0.place.clone()));
            None
        }
    }
}

pub(super) fn supports(spec: &Spec) -> Supports {
    let supports = spec.supports.as_ref();
    let says = |key: Option<&At<bool>>, default: bool| key.map_or(default, |key| key.value);
    Supports {
        table_selection: says(supports.and_then(|s| s.table_selection.as_ref()), true),
        column_selection: says(supports.and_then(|s| s.column_selection.as_ref()), false),
    }
}

pub(super) fn schedule(spec: &Spec) -> Schedule {
    let schedule = spec.schedule.as_ref();
    Schedule {
        frequency: schedule.and_then(|s| Some(s.frequency.as_ref()?.value.clone())),
        historical: schedule.and_then(|s| Some(s.historical.as_ref()?.value.clone())),
        anchor: schedule.and_then(|s| s.anchor.as_ref()).is_some_and(|anchor| anchor.value),
    }
}

pub(super) fn config(spec: &Spec, reader: &mut Reader<'_>) -> Vec<ConfigField> {
    let fields = spec.config.iter().flat_map(|config| &config.0);
    fields.filter_map(|(name, field)| config_field(name, field.as_ref()?, reader)).collect()
}

fn config_field(name: &At<String>, field: &Config, reader: &mut Reader<'_>) -> Option<ConfigField> {
    super::names::is_name(name, "config field", reader);
    let word = field.kind.as_ref()?;
    let values: Vec<String> = field.values.iter().flatten().map(|value| value.value.clone()).collect();
    if word.value == Word::Enum && values.is_empty() && (field.values.is_some() || field.said("values").is_none()) {
        let fault = Diagnostic::new(format!("the enum `{}` has no `values`", name.value), word.place.clone());
        reader.fault(fault.help("list them: `values: [a, b]`"));
    }
    if let (Some(first), true) = (field.values.as_ref().and_then(|values| values.first()), word.value != Word::Enum) {
        let fault = Diagnostic::new("only an `enum` has `values`", first.place.clone());
        reader.fault(fault.help("write `type: enum`, or take `values` out"));
    }
    let secret = field.secret.as_ref().is_some_and(|secret| secret.value);
    if let (true, Some(default)) = (secret, &field.default) {
        let fault = Diagnostic::new(format!("the secret `{}` has a default", name.value), default.0.place.clone());
        reader.fault(fault.help("a secret in a spec is no secret; leave the default out"));
    }
    let textual = matches!(word.value, Word::String | Word::Url | Word::Date | Word::Timestamp);
    if let (Some(pattern), false) = (&field.pattern, textual) {
        let fault = Diagnostic::new("only a text has a pattern", pattern.place.clone());
        reader.fault(fault.help("take `pattern` out, or make the type `string`"));
    }
    let kind = match word.value {
        Word::String => ConfigType::String,
        Word::Integer => ConfigType::Integer,
        Word::Number => ConfigType::Number,
        Word::Boolean => ConfigType::Boolean,
        Word::Date => ConfigType::Date,
        Word::Timestamp => ConfigType::Timestamp,
        Word::Url => ConfigType::Url,
        Word::Enum => ConfigType::Enum(values),
        Word::List => ConfigType::List,
    };
    let mut lowered = ConfigField {
        name: name.value.clone(),
        title: line(field.title.as_ref()).unwrap_or_else(|| super::names::spoken(&name.value)),
        description: line(field.description.as_ref()),
        kind,
        secret,
        required: field.default.is_none() && !field.optional.as_ref().is_some_and(|optional| optional.value),
        default: None,
        example: line(field.example.as_ref()),
        pattern: line(field.pattern.as_ref()),
    };
    let choices = !matches!(&lowered.kind, ConfigType::Enum(values) if values.is_empty());
    if let Some(default) = field.default.as_ref().filter(|_| !secret && choices) {
        lowered.default = default_of(&lowered, default, field, reader);
    }
    Some(lowered)
}
