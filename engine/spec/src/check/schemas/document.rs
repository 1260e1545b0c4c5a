//! A file with a JSON Schema: every part of it with its place, and where its references lead.

use std::cell::RefCell;
use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::grammar::At;
use crate::language::FieldForm;
use crate::source::{Place, Source};
use crate::tree::{self, Node, Value};

/// References that are followed one after another.
const MOST_REFERENCES: usize = 20;

/// A schema that was read, and what was found wrong in it.
pub(super) struct Document {
    source: Arc<Source>,
    root: Node,
    faults: RefCell<Vec<Diagnostic>>,
}

impl Document {
    /// Reads the text of a schema.
    ///
    /// # Errors
    /// What makes it no JSON, at least one fault.
    pub(super) fn read(source: Arc<Source>) -> Result<Document, Vec<Diagnostic>> {
        if let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(source.text()) {
            let at = source.offset(error.line(), error.column());
            let said = error.to_string();
            let said = said.split(" at line").next().unwrap_or_default();
            return Err(vec![Diagnostic::new(format!("this is no JSON: {said}"), at..at + 1).of(&source)]);
        }
        // JSON is YAML, except that some readers of YAML mind tabulators between values.
        let spaced = Source::new(source.name(), source.text().replace('\t', " "));
        let (root, faults) = tree::read(&spaced);
        let faults: Vec<Diagnostic> = faults.into_iter().map(|fault| fault.of(&source)).collect();
        match root {
            Some(root) if faults.is_empty() => Ok(Document { source, root, faults: RefCell::default() }),
            _ => Err(faults),
        }
    }

    /// Notes what is wrong with a part.
    pub(super) fn fault(&self, fault: Diagnostic) {
        self.faults.borrow_mut().push(fault.of(&self.source));
    }

    /// What was found wrong.
    pub(super) fn faults(self) -> Vec<Diagnostic> {
        self.faults.into_inner()
    }

    /// The columns without those of the spec's `own`, at the place in the spec that names the file; none if the file
    /// describes no object.
    pub(super) fn columns(&self, own: &[&str], place: &Place) -> Option<Vec<(At<String>, Option<FieldForm>)>> {
        let root = self.resolved(&self.root)?;
        super::property::columns(self, root, (own, place))
    }

    /// What a part says, or that to which it refers.
    pub(super) fn resolved<'d>(&'d self, mut node: &'d Node) -> Option<&'d Node> {
        for _ in 0..MOST_REFERENCES {
            let Some(reference) = member(node, "$ref") else { return Some(node) };
            let Value::Scalar(text) = &reference.value else { return None };
            match self.at(&text.text) {
                Some(found) => node = found,
                None => {
                    let fault =
                        Diagnostic::new(format!("`{}` is not in this file", text.text), reference.place.clone());
                    self.fault(fault.help("a reference leads to a part of the same file, as in `#/$defs/address`"));
                    return None;
                }
            }
        }
        let fault = Diagnostic::new("this refers to itself", node.place.clone());
        self.fault(fault.help("make it `json` under `also` of the spec"));
        None
    }

    /// What stands at a JSON pointer within the file.
    fn at(&self, reference: &str) -> Option<&Node> {
        let pointer = reference.strip_prefix('#')?;
        let mut steps = pointer.split('/');
        steps.next().filter(|before| before.is_empty())?;
        steps.try_fold(&self.root, |node, step| member(node, &step.replace("~1", "/").replace("~0", "~")))
    }
}

/// The value of a key.
pub(super) fn member<'n>(node: &'n Node, name: &str) -> Option<&'n Node> {
    match &node.value {
        Value::Map(entries) => entries.iter().find(|(key, _)| key.text == name).map(|(_, value)| value),
        _ => None,
    }
}

/// The text of a key, if one stands there.
pub(super) fn text<'n>(node: &'n Node, name: &str) -> Option<&'n str> {
    match &member(node, name)?.value {
        Value::Scalar(scalar) => Some(&scalar.text),
        _ => None,
    }
}
