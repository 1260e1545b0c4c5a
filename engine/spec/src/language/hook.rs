//! Hooks: code for what the language cannot say.

use super::body::JsonTree;
use crate::grammar::{self, At, Map, Read, Reader, Shape, Text, record, words};
use crate::model::{Capability, OnError};
use crate::tree::{Key, Node, Value};

type Line = Text<grammar::Plain>;

/// The component's file, or a mapping.
#[derive(Debug, Clone)]
pub(crate) struct HookForm(pub(crate) Hook);

record! {
    /// A WebAssembly component that does what the language cannot say. It sees what is handed to it and nothing else: no
    /// clock, no network, no files. `tapwright check` loads it and tells whatever does not fit.
    Hook = "hook";
    /// The component's file, seen from the spec's: `../connectors/desk/custom_fields.wasm`.
    component: required Line,
    /// SHA-256 of that file, as `sha256sum` prints it; another file is refused.
    sha256: optional Text<grammar::Sha256>,
    /// What the component wants to be told: values that keep to the schema which it brings along. Each text in them is a
    /// template.
    options: optional Options,
    /// Records that it is handed before the first batch, by the name that it knows them by: each of a stream, which is
    /// read for it when a run begins, whole and as the API tells its records, at most 10,000 of them.
    given: optional Map<Line>,
    /// What it may ask of the program beside its work; left out, nothing.
    allow: optional Vec<At<Capability>>,
    /// Bounds of each call. Reaching one is an error that names the hook, the batch and the record.
    limits: optional HookLimits,
    /// What becomes of a record that it refuses or breaks down at; default `set_aside`.
    on_error: optional At<OnError>,
}

record! {
    /// Bounds of a hook.
    HookLimits = "hook_limits";
    /// How long one call may take; default `1 second`.
    time: optional Text<grammar::Duration>,
    /// How much memory it may have; default `64 MiB`.
    memory: optional Text<grammar::Size>,
}

words! {
    /// What a hook may ask of the program.
    Capability = "capability" {
        /// Lines for whoever runs the sync. They stand in the report.
        "log" => Capability::Log,
    }
}

words! {
    /// What becomes of a record that a hook cannot change.
    OnError = "policy" {
        /// It goes to `_sdc_rejected` as it came, with the reason. A hook that breaks down ten times in one stream fails
        /// the stream all the same.
        "set_aside" => OnError::SetAside,
        /// The stream fails.
        "fail" => OnError::Fail,
    }
}

impl Read for HookForm {
    fn shape() -> Shape {
        Shape::Either(vec![Line::shape(), Hook::shape()])
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        if let Value::Map(_) = &node.value {
            return Hook::read(node, reader).map(HookForm);
        }
        let component = Some(Line::read(node, reader)?);
        let said = vec![Key { text: "component".to_owned(), place: node.place.clone() }];
        Some(HookForm(Hook {
            place: node.place.clone(),
            said,
            component,
            sha256: None,
            options: None,
            given: None,
            allow: None,
            limits: None,
            on_error: None,
        }))
    }
}

/// Options, with the places of their names.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    pub(crate) tree: JsonTree,
    pub(crate) names: Vec<At<String>>,
}

impl Read for Options {
    fn shape() -> Shape {
        Shape::Map(Box::new(Shape::Any))
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let entries = reader.entries(node, "a mapping of options to their values")?;
        let name = |key: &Key| At { value: key.text.clone(), place: key.place.clone() };
        let names = entries.iter().map(|(key, _)| name(key)).collect();
        Some(Options { tree: JsonTree::read(node, reader)?, names })
    }
}
