//! Hooks: what a spec says of a component, and what the component says of itself.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{FieldType, JsonTemplate};
use crate::source::Place;

/// A WebAssembly component with what the spec says of it.
#[derive(Debug, Clone)]
pub struct Hook {
    /// Its name in the spec.
    pub name: String,
    /// The component's file, seen from the spec's.
    pub component: String,
    /// SHA-256 that the file must have, in lower case hex.
    pub sha256: Option<String>,
    /// What it is told: an object. Its expressions read `config`.
    pub options: JsonTemplate,
    /// The records that it is handed: the name by which it knows them, and the stream.
    pub given: Vec<(String, String)>,
    /// What it may ask for.
    pub allow: Vec<Capability>,
    /// Bounds of each call.
    pub limits: HookLimits,
    /// What becomes of a record that it cannot change.
    pub on_error: OnError,
    /// Where the spec says what loading may find wrong.
    pub places: HookPlaces,
    /// What the component says of itself; nothing until it is loaded.
    pub about: Option<HookAbout>,
}

/// What a hook may ask of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Capability {
    /// To write lines for whoever runs the sync.
    Log,
}

/// What becomes of a record that a hook cannot change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnError {
    /// It is set aside.
    SetAside,
    /// The stream fails.
    Fail,
}

/// Bounds of a hook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HookLimits {
    /// Of one call.
    pub time: Duration,
    /// Of its memory, in bytes.
    pub memory: u64,
}

/// Where the spec says what loading may find wrong.
#[derive(Debug, Clone)]
pub struct HookPlaces {
    /// The name.
    pub name: Place,
    /// The component's file.
    pub component: Place,
    /// The SHA-256.
    pub sha256: Option<Place>,
    /// The names of its options.
    pub options: Vec<(String, Place)>,
    /// The key `allow`.
    pub allow: Option<Place>,
}

impl HookPlaces {
    /// Where an option stands, or the hook that should have it.
    pub fn option(&self, name: &str) -> Place {
        let known = self.options.iter().find(|(known, _)| known == name);
        known.map_or(&self.name, |(_, place)| place).clone()
    }
}

/// What a component says of itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HookAbout {
    /// What it does, in one sentence.
    pub summary: String,
    /// JSON Schema of its options.
    pub options: serde_json::Value,
}

/// What a hook does to the records of a stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HookEffect {
    /// The stream, or the family of streams that only the API can tell.
    pub stream: String,
    /// The hook.
    pub hook: String,
    /// The columns that it gives.
    pub fields: Vec<HookField>,
    /// Columns that only the records will tell, in a reader's words.
    pub others: Option<String>,
    /// What whoever runs the sync should know.
    pub notes: Vec<String>,
}

/// A column that a hook gives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HookField {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: FieldType,
    /// What it says.
    pub description: Option<String>,
}

/// A hook of a stream.
#[derive(Debug, Clone, PartialEq)]
pub struct UsedHook {
    /// Its name.
    pub name: String,
    /// Where the stream names it.
    pub place: Place,
    /// What it does to the stream's records; nothing until it is loaded.
    pub effect: Option<HookEffect>,
}

/// A hook where something else than records is its business.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedHook {
    /// Its name.
    pub name: String,
    /// Where the spec names it.
    pub place: Place,
}

/// What a hook is named for, beside records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HookWork {
    /// It signs requests.
    Sign,
    /// It chooses the next page.
    Paginate,
    /// It cuts a stream into slices.
    Slices,
}

/// What the components of a connector say, once they are loaded.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Loaded {
    /// Of themselves, by name of the hook.
    pub about: Vec<(String, HookAbout)>,
    /// Of the streams that use them.
    pub effects: Vec<HookEffect>,
}
