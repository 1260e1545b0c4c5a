//! Hooks: what a spec says of them, who uses them, and the columns that they tell of.

use super::absent::Standing;
use super::names::Names;
use super::scope::Scope;
use super::{Whole, named, names};
use crate::diagnostic::Diagnostic;
use crate::grammar::{At, Map, Reader, Text, list_names};
use crate::language::{self, FieldForm, FieldList, FieldTypeText, HookForm, Spec, Stream};
use crate::model::{
    Capability, Dynamic, Hook, HookEffect, HookLimits, HookPlaces, JsonTemplate, Loaded, NamedHook, OnError, Unlisted,
    UsedHook,
};
use crate::source::Place;

/// How long a call may take, where the spec says nothing.
const TIME: std::time::Duration = std::time::Duration::from_secs(1);
/// How much memory a hook may have, where the spec says nothing.
const MEMORY: u64 = 64 << 20;

/// The hooks of a spec.
pub(super) fn hooks(whole: &Whole<'_>, loaded: &Loaded, reader: &mut Reader<'_>) -> Vec<Hook> {
    let forms = whole.spec.hooks.iter().flat_map(|hooks| &hooks.0);
    forms
        .filter_map(|(name, form)| {
            let changes = streams(whole.spec).any(|(_, stream)| names_hook(stream, &name.value));
            named::use_of(whole, name, form.as_ref().map(|form| &form.0), changes, reader);
            let hook = hook(whole, name, &form.as_ref()?.0, reader)?;
            let about = loaded.about.iter().find(|(known, _)| *known == hook.name).map(|(_, about)| about.clone());
            Some(Hook { about, ..hook })
        })
        .collect()
}

fn hook(whole: &Whole<'_>, name: &At<String>, form: &language::Hook, reader: &mut Reader<'_>) -> Option<Hook> {
    names::is_name(name, "hook", reader);
    let options = form.options.as_ref();
    let names = Names { whole, stream: None, scope: Scope::Options };
    for (template, place) in options.iter().flat_map(|options| options.tree.templates()) {
        names.carried((template, place), Standing::Entry, reader);
    }
    let given = form.given.iter().flat_map(|given| &given.0);
    let given =
        given.filter_map(|(name, stream)| Some((name.value.clone(), given_stream(whole, stream.as_ref()?, reader))));
    let given = given.collect();
    let limits = form.limits.as_ref();
    let time = limits.and_then(|limits| limits.time.as_ref()).map_or(TIME, |time| time.value.as_std());
    let memory = limits.and_then(|limits| limits.memory.as_ref()).map_or(MEMORY, |memory| memory.value);
    let component = form.component.as_ref()?;
    beside_the_spec(component, reader);
    Some(Hook {
        name: name.value.clone(),
        component: component.value.clone(),
        sha256: form.sha256.as_ref().map(|sha256| sha256.value.clone()),
        options: options.map_or_else(|| JsonTemplate::Object(Vec::new()), |options| options.tree.tree.clone()),
        given,
        allow: form.allow.iter().flatten().map(|capability: &At<Capability>| capability.value).collect(),
        limits: HookLimits { time, memory },
        on_error: form.on_error.as_ref().map_or(OnError::SetAside, |policy| policy.value),
        places: HookPlaces {
            name: name.place.clone(),
            component: component.place.clone(),
            sha256: form.sha256.as_ref().map(|sha256| sha256.place.clone()),
            options: options.iter().flat_map(|options| &options.names).map(place_of).collect(),
            allow: form.said("allow").cloned(),
        },
        about: None,
    })
}

fn place_of(name: &At<String>) -> (String, Place) {
    (name.value.clone(), name.place.clone())
}

/// Reports a component that others would not find.
fn beside_the_spec(component: &Text<crate::grammar::Plain>, reader: &mut Reader<'_>) {
    let elsewhere = component.value.contains("://") || std::path::Path::new(&component.value).is_absolute();
    if elsewhere {
        let message = format!("`{}` is no path seen from the spec's file", component.value);
        let fault = Diagnostic::new(message, component.place.clone());
        reader.fault(fault.help("keep the component with the spec, as in `../connectors/desk/custom_fields.wasm`"));
    }
}

/// The streams, and the patterns of those that only the API can tell, by name of their family.
fn streams(spec: &Spec) -> impl Iterator<Item = (&str, &Stream)> {
    let listed = spec.streams.iter().flat_map(|streams| &streams.0);
    let listed = listed.filter_map(|(name, stream)| Some((name.value.as_str(), stream.as_ref()?)));
    let families = spec.dynamic_streams.iter().flat_map(|families| &families.0);
    let patterns = families.filter_map(|(name, form)| Some((name.value.as_str(), form.as_ref()?.stream.as_ref()?)));
    listed.chain(patterns)
}

fn names_hook(stream: &Stream, name: &str) -> bool {
    stream.hooks.iter().flat_map(|hooks| &hooks.0).any(|hook| hook.value == name)
}

/// The name of a stream whose records can be given to a hook.
fn given_stream(whole: &Whole<'_>, name: &Text<crate::grammar::Plain>, reader: &mut Reader<'_>) -> String {
    let unread = whole.spec.streams.is_none();
    if !unread && !whole.is_stream(&name.value) {
        let fault = Diagnostic::new(format!("there is no stream `{}`", name.value), name.place.clone())
            .nearest(&name.value, whole.stream_names());
        reader.fault(fault.help(format!("the streams are {}", list_names(whole.stream_names()))));
    } else if let Some(stream) = whole.stream(&name.value) {
        let why = match () {
            () if stream.said("for_each").is_some() => Some("is read for records or values that are not known yet"),
            () if stream.said("routed_from").is_some() => Some("has no requests of its own"),
            () if stream.said("job").is_some() => Some("needs a job"),
            () => None,
        };
        if let Some(why) = why {
            let message = format!("`{}` {why}, so its records cannot be given to a hook", name.value);
            let fault = Diagnostic::new(message, name.place.clone());
            reader.fault(
                fault.help(
                    "what is given is read before all else: name a stream that needs nothing but its own requests",
                ),
            );
        }
    }
    name.value.clone()
}

/// The hooks of a stream.
pub(super) fn used(whole: &Whole<'_>, form: &Stream, reader: &mut Reader<'_>) -> Vec<UsedHook> {
    let mut used: Vec<UsedHook> = Vec::new();
    for text in form.hooks.iter().flat_map(|hooks| &hooks.0) {
        let NamedHook { name, place } = named::named(whole, text, reader);
        if used.iter().any(|one| one.name == name) {
            let fault = Diagnostic::new(format!("the hook `{name}` stands here twice"), place.clone());
            reader.fault(fault.help("name each hook once"));
        }
        used.push(UsedHook { name, place, effect: None });
    }
    used
}

/// Adds the columns that hooks give to those that the spec lists.
pub(super) fn add(spec: &mut Spec, loaded: &Loaded, reader: &mut Reader<'_>) {
    let shared = spec.http.as_ref().is_some_and(|http| http.said("unlisted").is_some());
    let given: Vec<String> = match &spec.hooks {
        Some(hooks) => {
            hooks.0.iter().filter(|(_, form)| is_given(form.as_ref())).map(|(name, _)| name.value.clone()).collect()
        }
        None => Vec::new(),
    };
    let listed = spec.streams.iter_mut().flat_map(|streams| &mut streams.0);
    let listed = listed.filter_map(|(name, stream)| Some((name.value.clone(), stream.as_mut()?)));
    let families = spec.dynamic_streams.iter_mut().flat_map(|families| &mut families.0);
    let patterns = families.filter_map(|(name, form)| Some((name.value.clone(), form.as_mut()?.stream.as_mut()?)));
    for (name, stream) in listed.chain(patterns) {
        let effects: Vec<&HookEffect> = loaded.effects.iter().filter(|effect| effect.stream == name).collect();
        let untold = effects.iter().find(|effect| effect.others.is_some() && !given.contains(&effect.hook));
        if let (Some(effect), true, None, false) = (untold, stream.fields.is_some(), stream.said("unlisted"), shared) {
            dropped(stream, effect, reader);
        }
        add_fields(stream, &effects, reader);
    }
}

fn is_given(form: Option<&HookForm>) -> bool {
    form.is_some_and(|form| form.0.said("given").is_some())
}

/// Reports columns of a hook that would be lost, since only the records tell of them.
fn dropped(stream: &Stream, effect: &HookEffect, reader: &mut Reader<'_>) {
    let others = effect.others.as_deref().unwrap_or_default();
    let message = format!(
        "the hook `{}` gives columns that only the records tell ({others}), and none of them would be loaded",
        effect.hook
    );
    let fault = Diagnostic::new(message, place_in(stream, &effect.hook));
    reader.fault(
        fault.help("say what becomes of them: `unlisted: add` makes columns of them, `unlisted: drop` leaves them out"),
    );
}

/// Where a stream names a hook.
fn place_in(stream: &Stream, hook: &str) -> Place {
    let named = stream.hooks.iter().flat_map(|hooks| &hooks.0).find(|name| name.value == hook);
    named.map_or(stream.place.clone(), |name| name.place.clone())
}

fn add_fields(stream: &mut Stream, effects: &[&HookEffect], reader: &mut Reader<'_>) {
    let mut made: Vec<(At<String>, Option<FieldForm>)> = Vec::new();
    let mut kinds: Vec<(&str, &crate::model::HookField)> = Vec::new();
    for effect in effects {
        let place = place_in(stream, &effect.hook);
        for field in &effect.fields {
            if stream.fields.iter().flat_map(|fields| fields.names()).any(|listed| listed == field.name) {
                continue;
            }
            if let Some((other, first)) = kinds.iter().find(|(_, known)| known.name == field.name) {
                if first.kind != field.kind {
                    let message = format!(
                        "`{other}` gives `{}` as {}, and `{}` as {}",
                        field.name, first.kind, effect.hook, field.kind
                    );
                    let fault = Diagnostic::new(message, place.clone());
                    reader.fault(fault.help("declare it under `fields` with the type that it should have"));
                }
                continue;
            }
            kinds.push((&effect.hook, field));
            let mut form = FieldForm::of(FieldTypeText { value: field.kind.clone(), place: place.clone() });
            form.0.description = field.description.clone().map(|text| Text::made(text, place.clone()));
            made.push((At { value: field.name.clone(), place: place.clone() }, Some(form)));
        }
    }
    if made.is_empty() {
        return;
    }
    if stream.fields.is_none() && stream.unlisted.is_none() {
        // All members of its records are columns, and stay so.
        stream.unlisted = Some(At { value: Unlisted::Add, place: stream.place.clone() });
    }
    stream.fields.get_or_insert_with(|| FieldList::of(Map(Vec::new()))).listed.0.extend(made);
}

/// Marks the columns that hooks give, and notes what else they do.
pub(super) fn mark(loaded: &Loaded, streams: &mut [crate::model::Stream], dynamic: &mut [Dynamic]) {
    let patterns = dynamic.iter_mut().map(|family| &mut family.pattern);
    for stream in streams.iter_mut().chain(patterns) {
        for effect in loaded.effects.iter().filter(|effect| effect.stream == stream.name) {
            for field in stream.fields.iter_mut().filter(|field| !field.added && field.from.is_none()) {
                if field.hook.is_none() && effect.fields.iter().any(|given| given.name == field.name) {
                    field.hook = Some(effect.hook.clone());
                }
            }
            if let Some(used) = stream.hooks.iter_mut().find(|used| used.name == effect.hook) {
                used.effect = Some(effect.clone());
            }
        }
    }
}
