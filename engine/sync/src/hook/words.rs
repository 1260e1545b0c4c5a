//! What spec and component say of each other, from the words of the one into those of the other.

use tapwright_hook::{Effect, Field, Job};
use tapwright_spec::Connector;
use tapwright_spec::model::{FieldType, HookEffect, HookField, Stream};

/// What a job is, of the hook that has it.
pub(super) fn does(job: Job) -> &'static str {
    match job {
        Job::Records => "changes records",
        Job::Sign => "signs requests",
        Job::Paginate => "chooses pages",
        Job::Slices => "cuts slices",
    }
}

/// A stream as a hook is told of it.
pub(super) fn described(connector: &Connector, stream: &Stream) -> tapwright_hook::Stream {
    let fields = stream.fields.iter().filter(|field| field.hook.is_none() && !field.added);
    tapwright_hook::Stream {
        name: stream.name.clone(),
        fields: fields
            .map(|field| Field {
                name: field.name.clone(),
                kind: kind(&field.kind),
                description: field.description.clone(),
            })
            .collect(),
        primary_key: stream.primary_key.clone(),
        routes: connector.routed_from(&stream.name).map(|routed| routed.name.clone()).collect(),
    }
}

fn kind(kind: &FieldType) -> String {
    match kind {
        FieldType::List(inner) => format!("[{}]", self::kind(inner)),
        FieldType::Object(_) | FieldType::Pairs(_) => "json".to_owned(),
        single => single.to_string(),
    }
}

/// What a hook says that it does to a stream.
///
/// # Errors
/// A type that is none.
pub(super) fn effect(stream: &Stream, hook: &str, effect: &Effect) -> Result<HookEffect, String> {
    let field = |field: &Field| {
        let kind = parsed(&field.kind).ok_or_else(|| {
            format!(
                "gives `{}` the type `{}`, which is none; the types are string, integer, number, boolean, decimal, timestamp, \
                 date, time, json, and lists such as [string]",
                field.name, field.kind
            )
        });
        Ok(HookField { name: field.name.clone(), kind: kind?, description: field.description.clone() })
    };
    Ok(HookEffect {
        stream: stream.name.clone(),
        hook: hook.to_owned(),
        fields: effect.fields.iter().map(field).collect::<Result<_, String>>()?,
        others: effect.others.clone(),
        notes: effect.notes.clone(),
    })
}

fn parsed(text: &str) -> Option<FieldType> {
    if let Some(inner) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return match parsed(inner)? {
            FieldType::List(_) => None,
            single => Some(FieldType::List(Box::new(single))),
        };
    }
    FieldType::named(text)
}
