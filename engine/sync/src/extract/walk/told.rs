//! Bookmarks that an answer tells: that of the first page of a walk counts.

use serde_json::Value;
use tapwright_spec::exact;
use tapwright_spec::model::{Bookmark, Replication, Token, Told};

use super::Walk;
use crate::extract::ExtractError;
use crate::extract::fault::FaultKind;
use crate::extract::verdict::Accepted;
use crate::state::KeyValue;

impl Walk<'_> {
    /// What the page tells from which the next run goes on: a feed's token, or a bookmark.
    pub(super) fn goes_on_from(&self, accepted: &Accepted, shown: &str) -> Result<Option<KeyValue>, ExtractError> {
        let Replication::Incremental(incremental) = &self.slice.stream.replication else {
            return self.token(accepted, shown);
        };
        match &incremental.bookmark {
            Bookmark::Told(told) if self.number == 1 => self.bookmark(told, accepted, shown).map(Some),
            _ => Ok(None),
        }
    }

    fn bookmark(&self, told: &Told, accepted: &Accepted, shown: &str) -> Result<KeyValue, ExtractError> {
        let place = match &told.at {
            Token::Body(path) => format!("at `{}`", path.source()),
            Token::Header(name) => format!("in the header `{name}`"),
            Token::Last(keys) => format!("at `{}` of the last record", keys.join(".")),
        };
        let missing = || self.fault(FaultKind::Paging, shown, &format!("the answer tells no bookmark {place}"));
        let text = match self.stands_at(accepted, &told.at) {
            Some(Value::String(text)) => text,
            Some(other) => exact::digits(&other).ok_or_else(missing)?,
            None => return Err(missing()),
        };
        let read = match &told.format {
            Some(format) => format.read(text.trim()).map(KeyValue::Timestamp),
            None => text.trim().parse().ok().map(KeyValue::Integer),
        };
        read.ok_or_else(|| {
            let kind = told.format.as_ref().map_or("integer", |format| format.name());
            let what = format!("the bookmark {place} is {text:?}, which is not written as `{kind}`");
            self.fault(FaultKind::Paging, shown, &what)
        })
    }
}
