//! What a connector is: YAML in, a checked model out, or every fault at once, each with its place.

pub mod anchors;
mod check;
pub mod constructs;
pub mod diagnostic;
pub mod exact;
pub mod expression;
mod grammar;
mod keep;
mod language;
pub mod model;
mod pairs;
pub mod path;
pub mod reference;
pub mod schema;
pub mod settings;
pub mod source;
pub mod time;
mod tree;
mod words;

pub use check::check;
pub use diagnostic::Diagnostics;
pub use grammar::size;
pub use keep::Kept;
pub use model::Connector;
pub use pairs::{Pair, pairs};
pub use source::Source;
pub use words::{agreeing, counted};

/// Whether `text` may name a connector, a stream or a config field.
pub fn is_name(text: &str) -> bool {
    <grammar::Name as grammar::Kind>::parse(text).is_ok()
}

/// The name that is most like `wrong`, if one is near enough to be meant.
pub fn nearest<'a>(wrong: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wrong = wrong.to_lowercase();
    let near = |name: &&str| name.len().abs_diff(wrong.len()) <= (name.len().max(wrong.len()) / 3).max(1);
    names
        .into_iter()
        .filter(near)
        .map(|name| (strsim::damerau_levenshtein(&wrong, &name.to_lowercase()), name))
        .filter(|(distance, name)| *distance <= (name.len().max(wrong.len()) / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}
