//! What a hook says that it will do, checked.

use std::collections::HashSet;

use crate::interface::exports::tapwright::hook::records::Effect;
use crate::limits::{NAMES, WORDS};
use crate::meter::shown;

/// The same with its words as they are shown.
///
/// # Errors
/// What is wrong with it.
pub(super) fn checked(effect: Effect) -> Result<Effect, String> {
    let Effect { reads, mut fields, others, notes } = effect;
    few("fields", fields.len())?;
    few("notes", notes.len())?;
    few("names that it reads", reads.as_ref().map_or(0, Vec::len))?;
    each_once("fields", fields.iter().map(|field| &field.name))?;
    each_once("names that it reads", reads.iter().flatten())?;
    for field in &mut fields {
        field.description = field.description.take().map(|text| shown(&text, WORDS));
    }
    let words = |text: String| shown(&text, WORDS);
    Ok(Effect { reads, fields, others: others.map(words), notes: notes.into_iter().map(words).collect() })
}

fn few(what: &str, count: usize) -> Result<(), String> {
    match count > NAMES {
        true => Err(format!("it tells {count} {what}, and there may be {NAMES}")),
        false => Ok(()),
    }
}

fn each_once<'n>(what: &str, names: impl Iterator<Item = &'n String>) -> Result<(), String> {
    let mut seen = HashSet::new();
    for name in names {
        let shown = shown(name, WORDS);
        if name.is_empty() || shown != *name {
            return Err(format!("one of the {what} has the name `{shown}`, which is none"));
        }
        if !seen.insert(name) {
            return Err(format!("`{shown}` is twice among the {what}"));
        }
    }
    Ok(())
}
