//! Pages that can be asked for before the one that leads to them has come.

use tapwright_spec::model::Next;

use super::lead::count;
use super::{Carried, Delta, Paginator};

impl Paginator<'_> {
    /// What the request carries for the page that comes `distance` pages after the next, if every page until then
    /// is full. `None` before the first page has come, beyond the last as far as it is known, and where only a
    /// page says what follows it.
    pub fn ahead(&self, distance: u64) -> Option<Vec<Carried>> {
        let part = &self.part;
        if part.pages == 0 || self.rules.max_pages.is_some_and(|most| self.pages + distance >= most) {
            return None;
        }
        let full = match &self.rules.size {
            Some(size) => size.value,
            None => part.records.div_ceil(part.pages),
        };
        let back = u64::from(self.rules.overlaps() && part.records > 0);
        let before = match &self.rules.next {
            Next::PageNumber { .. } => (part.pages + distance).saturating_mul(full),
            _ => (part.records - back).saturating_add(distance.saturating_mul(full.saturating_sub(back))),
        };
        if part.total.is_some_and(|total| before + back >= total) {
            return None;
        }
        let (send, value) = match &self.rules.next {
            Next::PageNumber { send, first } => (send, count(*first, part.pages + distance)),
            Next::Offset { send, first, .. } => (send, count(*first, before)),
            _ => return None,
        };
        match self.carry(send, value) {
            Delta::Values(values) => Some(values),
            Delta::Url(_) | Delta::Request(_) => None,
        }
    }
}
