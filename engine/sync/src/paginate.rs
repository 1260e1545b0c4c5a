//! What follows a page: the next request, a new walk from the last key, or why the walk is over.
//!
//! Pure: a [`Paginator`] sees the facts of each page and nothing else. Only a positive sign ends a
//! walk, the same page twice is an error, and a count that does not add up is told.

mod ahead;
mod end;
mod guard;
mod lead;
pub(crate) mod link;
mod turn;

use serde_json::Value;
use tapwright_spec::counted;
use tapwright_spec::model::{Carrier, NamedHook, Next, Pagination, Stop, Token};
use url::Url;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::http::{Origins, Request};
use end::{MOST_EMPTY, MOST_REREADS};
use guard::Guard;
use lead::{count, members, next_text, token};

pub use end::{End, PagingFault, StopReason};
pub use turn::{Carried, Chosen, Delta, Facts, Key, Turn};

/// Asks a hook what follows a page.
pub type Choose<'c> = dyn FnMut(&NamedHook) -> Result<Chosen, PagingFault> + Send + 'c;

/// Goes through the pages of one walk.
#[derive(Debug)]
pub struct Paginator<'a> {
    rules: &'a Pagination,
    origins: Origins,
    pages: u64,
    records: u64,
    part: Part,
    guard: Guard,
    /// Records of the last page that stood on the one before.
    overlapped: u64,
    /// The key that is read again because it fills more than a page, its pages but the last, and how often.
    reread: Option<(Key, u64, u32)>,
}

/// The walk since it began, or began anew from a key.
#[derive(Debug, Default)]
struct Part {
    since: Option<Key>,
    pages: u64,
    records: u64,
    empty: u32,
    total: Option<u64>,
    moved: Option<String>,
    last_key: Option<Key>,
    /// What tells the last record from others.
    last: Option<u64>,
    /// A record came on two of its pages.
    repeats: bool,
    /// Hash of the pages, and of those before the last one.
    content: u64,
    before: u64,
}

impl<'a> Paginator<'a> {
    /// A walk by `rules` that began with the records from `since` on.
    pub fn new(rules: &'a Pagination, origins: Origins, since: Option<Key>) -> Paginator<'a> {
        let part = Part { since, ..Part::default() };
        Paginator { rules, origins, pages: 0, records: 0, part, guard: Guard::default(), overlapped: 0, reread: None }
    }

    /// What the first request of a walk carries, also of one that begins anew.
    pub fn first(&self) -> Vec<Carried> {
        let place = match &self.rules.next {
            Next::PageNumber { send, first } | Next::Offset { send, first, .. } => {
                Some(Carried { carrier: send.clone(), value: (*first).into() })
            }
            _ => None,
        };
        self.size().into_iter().chain(place).collect()
    }

    fn size(&self) -> Option<Carried> {
        let size = self.rules.size.as_ref()?;
        Some(Carried { carrier: size.send.clone(), value: size.value.into() })
    }

    /// Whether all before the last key is read for sure: its pages are not being read again.
    pub fn is_settled(&self) -> bool {
        self.reread.is_none()
    }

    /// Records at the beginning of the last page that stood on the one before.
    pub fn overlapped(&self) -> u64 {
        self.overlapped
    }

    /// What follows a page, where no hook chooses it.
    ///
    /// # Errors
    /// A circle, a foreign host, a next link that is none, or pages that contradict themselves.
    pub fn turn(&mut self, page: &Facts<'_>) -> Result<Turn, PagingFault> {
        self.turn_by(page, &mut |_| Err(PagingFault::Next("no hook is there to choose it".to_owned())))
    }

    /// What follows a page; `choose` asks the hook of this name, where nothing else says that the walk is over.
    ///
    /// # Errors
    /// The same, and a hook that cannot choose.
    pub fn turn_by(&mut self, page: &Facts<'_>, choose: &mut Choose<'_>) -> Result<Turn, PagingFault> {
        self.count(page);
        if page.records > 0 {
            self.guard.page(page.content, self.part.pages)?;
        }
        let turn = match self.reason_to_end(page)? {
            Some(reason) => Turn::End(self.end(reason)),
            None => self.led(page, choose).map_err(|fault| fault.of(self.rules.hook()))?,
        };
        let turn = self.settled(turn)?;
        Ok(match (self.bound(), turn) {
            (Some(reason), Turn::Go(_) | Turn::Restart(_)) => Turn::End(End { bounded: true, ..self.end(reason) }),
            (_, turn) => turn,
        })
    }

    /// The cap of the spec that this page reached.
    fn bound(&self) -> Option<StopReason> {
        let pages = self.rules.max_pages.filter(|most| self.pages >= *most).map(StopReason::MaxPages);
        pages.or_else(|| self.rules.max_records.filter(|most| self.records >= *most).map(StopReason::MaxRecords))
    }

    fn count(&mut self, page: &Facts<'_>) {
        self.pages += 1;
        let part = &mut self.part;
        part.pages += 1;
        self.overlapped = u64::from(page.ends.is_some_and(|(first, _)| part.last == Some(first)));
        if self.overlapped == 0 && part.last.is_some() && self.rules.overlaps() {
            part.moved = Some("a page did not begin with the last record of the one before".to_owned());
        }
        part.repeats |= page.repeats;
        part.last = page.ends.map(|(_, last)| last).or(part.last);
        part.records += page.records - self.overlapped;
        self.records += page.records - self.overlapped;
        part.before = part.content;
        part.content = xxh3_64_with_seed(&page.content.to_le_bytes(), part.before);
        part.empty = if page.records == self.overlapped { part.empty + 1 } else { 0 };
        if let (Some(before), Some(now)) = (part.total, page.total)
            && before != now
        {
            part.moved = Some(format!("the total moved from {before} to {now} while its pages were read"));
        }
        part.total = page.total.or(part.total);
    }

    /// A positive sign that this page is the last, beside what leads on from it.
    fn reason_to_end(&self, page: &Facts<'_>) -> Result<Option<StopReason>, PagingFault> {
        if page.stop {
            return Ok(Some(StopReason::Condition));
        }
        if page.more == Some(false) {
            return Ok(Some(StopReason::NoMore));
        }
        let stops_at = |wanted: fn(&Stop) -> bool| self.rules.stop.iter().any(wanted);
        let counted = matches!(self.rules.next, Next::PageNumber { .. } | Next::Offset { .. });
        let part = &self.part;
        if let Some(total) = part.total
            && (counted || stops_at(|stop| matches!(stop, Stop::Total)))
            && part.records >= total
            && page.more.is_none()
        {
            return Ok(Some(StopReason::TotalReached(total)));
        }
        let there_is_more = page.more.is_some() || (counted && part.total.is_some());
        if there_is_more {
            // The API says so: neither an empty nor a short page is the end.
            return match part.empty >= MOST_EMPTY && counted {
                true => Err(PagingFault::EmptyPages { read: part.records, total: part.total }),
                false => Ok(None),
            };
        }
        let by_itself = counted && self.rules.stop.is_empty();
        if page.records == self.overlapped && (by_itself || stops_at(|stop| matches!(stop, Stop::EmptyPage))) {
            return Ok(Some(StopReason::EmptyPage));
        }
        let asked = self.rules.size.as_ref().map_or(1, |size| size.value);
        if page.records < asked && stops_at(|stop| matches!(stop, Stop::ShortPage)) {
            return Ok(Some(StopReason::ShortPage));
        }
        Ok(None)
    }

    /// On, where something leads on from this page.
    fn led(&mut self, page: &Facts<'_>, choose: &mut Choose<'_>) -> Result<Turn, PagingFault> {
        Ok(match self.lead(page, choose)? {
            Ok(delta) => self.go(page, delta)?,
            Err(reason) => Turn::End(self.end(reason)),
        })
    }

    /// What leads on from this page; `Err` says why nothing does.
    fn lead(&mut self, page: &Facts<'_>, choose: &mut Choose<'_>) -> Result<Result<Delta, StopReason>, PagingFault> {
        let next = page.next.as_ref();
        let rules = self.rules;
        let delta = match &rules.next {
            Next::Single => return Ok(Err(StopReason::SinglePage)),
            Next::NextUrl { .. } => match next_text(next)? {
                Some(target) => Some(self.resolve(page.url, &target)?),
                None => None,
            },
            Next::LinkHeader => match page.link.and_then(link::next) {
                Some(target) => Some(self.resolve(page.url, target)?),
                None => None,
            },
            Next::Cursor { token: Token::Last(keys), send } => match (token(next)?, page.records) {
                (Some(token), _) => Some(self.carry(send, token)),
                (None, 0) => None,
                (None, _) => return Err(PagingFault::NoLast(keys.join("."))),
            },
            Next::Cursor { send, .. } => token(next)?.map(|token| self.carry(send, token)),
            Next::Hook(hook) => match choose(hook)? {
                Chosen::Stop(_) if page.more == Some(true) => None,
                Chosen::Stop(why) => return Ok(Err(StopReason::Hook { hook: hook.name.clone(), why })),
                Chosen::Next { before, next } => {
                    self.guard.came_of(&before);
                    Some(Delta::Request(self.trusted(next)?))
                }
            },
            Next::Merge { .. } => members(next)?.map(|members| self.with_size(members)),
            Next::PageNumber { send, first } => Some(self.carry(send, count(*first, self.part.pages))),
            Next::Offset { send, first, .. } => {
                let back = u64::from(self.rules.overlaps() && self.part.records > 0);
                Some(self.carry(send, count(*first, self.part.records - back)))
            }
        };
        match delta {
            Some(delta) => Ok(Ok(delta)),
            None if page.more == Some(true) => Err(PagingFault::MoreWithoutNext),
            None if matches!(self.rules.next, Next::Cursor { token: Token::Last(_), .. }) => {
                Ok(Err(StopReason::EmptyPage))
            }
            None => Ok(Err(StopReason::NoNext)),
        }
    }

    fn carry(&self, carrier: &Carrier, value: Value) -> Delta {
        self.with_size(vec![Carried { carrier: carrier.clone(), value }])
    }

    fn with_size(&self, values: Vec<Carried>) -> Delta {
        Delta::Values(self.size().into_iter().chain(values).collect())
    }

    fn resolve(&self, page: &Url, target: &str) -> Result<Delta, PagingFault> {
        let url = page.join(target).map_err(|error| PagingFault::Next(format!("`{target}` is no URL: {error}")))?;
        self.trusted(Box::new(Request::get(url))).map(|request| Delta::Url(request.url))
    }

    /// A request that may carry the credentials.
    fn trusted(&self, request: Box<Request>) -> Result<Box<Request>, PagingFault> {
        match self.origins.trusts(&request.url) {
            true => Ok(request),
            false => Err(PagingFault::ForeignHost {
                host: request.url.origin().ascii_serialization(),
                home: self.origins.home(),
            }),
        }
    }

    /// On along the pages, or anew from the last key.
    fn go(&mut self, page: &Facts<'_>, delta: Delta) -> Result<Turn, PagingFault> {
        if let Some(restart) = self.rules.restart_after {
            self.ascends(page)?;
            if self.part.pages >= restart.pages
                && let Some(key) = &page.last_key
                && self.has_moved(key)
            {
                return Ok(Turn::Restart(key.clone()));
            }
        }
        // The offset stands still after an empty page, which is asked for again, a bounded number of times.
        if page.records > self.overlapped || !matches!(self.rules.next, Next::Offset { .. }) {
            self.guard.next(&delta)?;
        }
        Ok(Turn::Go(delta))
    }

    /// A key that fills more than a page is walked by its pages, and a record that changes meanwhile moves
    /// away and lets those behind it slide past. Such a key is left only when its pages, but for the last,
    /// were read twice alike, each record on one of them: then nothing moved between the two, and the API keeps
    /// to one order among equals.
    fn settled(&mut self, turn: Turn) -> Result<Turn, PagingFault> {
        let next = match &turn {
            Turn::Go(_) => return Ok(turn),
            Turn::Restart(key) => Some(key.clone()),
            Turn::End(_) => None,
        };
        let spread = self.rules.restart_after.is_some_and(|restart| self.part.pages > restart.pages);
        let Some(since) = self.part.since.clone().filter(|_| spread) else {
            return Ok(self.leave(next, turn));
        };
        let times = match &self.reread {
            Some((key, before, _)) if *key == since && *before == self.part.before && !self.part.repeats => {
                return Ok(self.leave(next, turn));
            }
            Some((key, _, times)) if *key == since => times + 1,
            _ => 1,
        };
        if times >= MOST_REREADS {
            return Err(PagingFault::Slides(since.value.to_string()));
        }
        self.reread = Some((since.clone(), self.part.before, times));
        self.guard.read_again();
        self.part = Part { since: Some(since.clone()), ..Part::default() };
        Ok(Turn::Restart(since))
    }

    /// Leaves what was read since the last key.
    fn leave(&mut self, next: Option<Key>, turn: Turn) -> Turn {
        self.reread = None;
        if let Some(key) = next {
            self.guard.begin_anew();
            self.part = Part { since: Some(key), ..Part::default() };
        }
        turn
    }

    fn ascends(&mut self, page: &Facts<'_>) -> Result<(), PagingFault> {
        let Some(key) = &page.last_key else {
            return Ok(());
        };
        if let Some(before) = &self.part.last_key
            && key.value < before.value
        {
            return Err(PagingFault::Unordered { before: before.value.to_string(), after: key.value.to_string() });
        }
        self.part.last_key = Some(key.clone());
        Ok(())
    }

    fn has_moved(&self, key: &Key) -> bool {
        self.part.since.as_ref().is_none_or(|since| key.value > since.value && key.sent != since.sent)
    }

    pub(crate) fn end(&self, reason: StopReason) -> End {
        let part = &self.part;
        let at_the_last_page = matches!(
            reason,
            StopReason::SinglePage
                | StopReason::NoNext
                | StopReason::NoMore
                | StopReason::Hook { .. }
                | StopReason::EmptyPage
                | StopReason::ShortPage
        );
        let missing = part
            .total
            .filter(|total| at_the_last_page && *total > part.records)
            .map(|total| format!("the API counts {}, {} came", counted(total, "record"), part.records));
        End { slid: missing.or_else(|| part.moved.clone()), bounded: false, reason }
    }
}

#[cfg(test)]
mod tests;
