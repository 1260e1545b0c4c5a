//! Hooks that are named where they sign, choose pages or cut slices; and those that nothing names.

use super::Whole;
use crate::diagnostic::Diagnostic;
use crate::grammar::{At, Map, Plain, Reader, Text, list_names};
use crate::language::{self, Each, Stream};
use crate::model::{NamedHook, Of};

/// A hook that something names, if it is declared.
pub(super) fn named(whole: &Whole<'_>, name: &Text<Plain>, reader: &mut Reader<'_>) -> NamedHook {
    let known = || whole.spec.hooks.iter().flat_map(Map::names);
    reader.hooks_named.insert(name.value.clone());
    let unread = whole.spec.hooks.is_none() && whole.spec.said("hooks").is_some();
    if !unread && !known().any(|known| known == name.value) {
        // The one that was meant is used as soon as the name is right.
        reader.hooks_named.extend(crate::nearest(&name.value, known()).map(str::to_owned));
        let fault = Diagnostic::new(format!("there is no hook `{}`", name.value), name.place.clone())
            .nearest(&name.value, known());
        let help = match known().next() {
            Some(_) => format!("the hooks are {}", list_names(known())),
            None => format!("declare it beside `streams`, as in `hooks: {{{}: FILE.wasm}}`", name.value),
        };
        reader.fault(fault.help(help));
    }
    NamedHook { name: name.value.clone(), place: name.place.clone() }
}

/// Reports a hook that nothing uses, and what is said of one as if it changed records.
pub(super) fn use_of(
    whole: &Whole<'_>,
    name: &At<String>,
    form: Option<&language::Hook>,
    changes: bool,
    reader: &mut Reader<'_>,
) {
    if !whole.all_read || changes {
        return;
    }
    if !reader.hooks_named.contains(&name.value) {
        let fault = Diagnostic::new(format!("nothing uses the hook `{}`", name.value), name.place.clone());
        let help = format!(
            "name it in a stream, as `hooks: {0}`, or as `{{hook: {0}}}` in `auth`, `pagination` or `for_each`; or take it \
             out",
            name.value
        );
        return reader.fault(fault.help(help));
    }
    for key in ["given", "on_error"] {
        if let Some(place) = form.and_then(|form| form.said(key)) {
            let message = format!("`{key}` is about records, and no stream has `{}` change its own", name.value);
            let fault = Diagnostic::new(message, place.clone());
            reader
                .fault(fault.help(format!("take `{key}` out, or name the hook in a stream: `hooks: {}`", name.value)));
        }
    }
}

/// The slices that a hook cuts, in a `for_each`.
pub(super) fn slices_of(
    whole: &Whole<'_>,
    (form, each): (&Stream, &Each),
    hook: &Text<Plain>,
    reader: &mut Reader<'_>,
) -> Option<Of> {
    let hook = named(whole, hook, reader);
    // It is told all that is no secret.
    let is_open = |form: &language::Config| form.secret.as_ref().is_none_or(|secret| !secret.value);
    let config = whole.spec.config.iter().flat_map(|config| &config.0);
    let open = config.filter(|(_, form)| form.as_ref().is_some_and(is_open)).map(|(name, _)| name.value.clone());
    reader.config_read.extend(open);
    if let Some(place) = each.said("as") {
        let fault = Diagnostic::new("what a hook cuts has several names, not one", place.clone());
        reader.fault(fault.help("list them: `{hook: NAME, names: [from, to]}`"));
    }
    let mut parts = form.for_each.iter().flat_map(|for_each| &for_each.parts);
    if parts.find_map(|part| part.said("hook")).is_some_and(|first| Some(first) != each.said("hook")) {
        let fault = Diagnostic::new("two hooks would cut one stream", hook.place.clone());
        reader.fault(fault.help("one of them should cut it into all its slices"));
    }
    let streams = form.for_each.iter().flat_map(|for_each| &for_each.parts).find_map(|part| part.said("stream"));
    if let Some(place) = streams {
        let fault = Diagnostic::new("a hook cuts when the run begins, and knows of no parent", place.clone());
        reader.fault(fault.help("go through the records of the stream, or through what the hook cuts"));
    }
    let names = each.names.as_ref();
    let (Some(names), false) = (names, names.is_some_and(Vec::is_empty)) else {
        if each.said("names").is_none() || names.is_some() {
            let fault = Diagnostic::new("expressions need the names by which they read the slices", hook.place.clone());
            reader.fault(fault.help("list what each slice has: `{hook: NAME, names: [from, to]}`"));
        }
        return None;
    };
    for (at, name) in names.iter().enumerate() {
        if names[..at].iter().any(|earlier| earlier.value == name.value) {
            let fault = Diagnostic::new(format!("`{}` stands here twice", name.value), name.place.clone());
            reader.fault(fault.help("name each member of a slice once"));
        }
    }
    Some(Of::Slices { hook, names: names.iter().map(|name| name.value.clone()).collect() })
}
