//! Lists of names with values: columns as of an open object that has these names.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::convert::cut;
use super::plan::{Action, NONE, Visit};
use super::read::{Reading, Refusal, unquote};
use crate::reshape::text_at;

impl<'a> Reading<'_, 'a> {
    /// Reads a list of names with values as if it were an object of them.
    pub(super) fn pairs(&mut self, at: usize, raw: &'a str) -> Result<(), Refusal> {
        let node = self.plan.pairs[at].node;
        let label = self.plan.nodes[node].label.clone();
        if raw == "null" {
            return self.empty(Action::Pairs(at));
        }
        if !raw.starts_with('[') {
            return Err(Refusal::Reason(format!("field `{label}`: {} is no list of pairs", cut(raw))));
        }
        let elements: Vec<&'a RawValue> = serde_json::from_str(raw)?;
        self.deeper()?;
        self.plan.visit += 1;
        let mut visit = Visit { after: NONE, number: self.plan.visit };
        for element in elements {
            let pairs = &self.plan.pairs[at];
            let (key, value) = (text_at(element.get(), &pairs.key), text_at(element.get(), &pairs.value));
            let name = match key.map(|key| (key.as_bytes().first(), key)) {
                Some((Some(b'"'), key)) => unquote(key)?,
                Some((Some(b'n' | b'{' | b'['), _)) | None => {
                    return Err(Refusal::Reason(format!(
                        "field `{label}`: a pair has no name that is a text or a number"
                    )));
                }
                Some((_, key)) => Cow::Borrowed(key),
            };
            let entered = self.plan.enter(node, &name, visit);
            visit.after = entered.position;
            if entered.again {
                return Err(Refusal::Reason(format!("field `{label}`: the name `{name}` comes twice in the record")));
            }
            if let Some(value) = value {
                self.text(entered.action, value)?;
            }
        }
        self.depth -= 1;
        Ok(())
    }
}
