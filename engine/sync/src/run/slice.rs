//! One slice of a stream: its pages, and beside them the children of the records on them.
//!
//! The walk goes on while children run, a few pages ahead of them. What a page and its children brought is
//! taken for read in the order of the pages.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

use futures_util::future::{BoxFuture, join, try_join_all};
use futures_util::stream::FuturesOrdered;
use futures_util::{FutureExt, StreamExt, stream};
use jiff::Timestamp;
use tapwright_spec::model::Replication;
use tokio::sync::{SemaphorePermit, mpsc};

use super::bookmark::raise;
use super::family::{Broken, Visit};
use super::load::{Arrived, Message, Reached};
use super::parents::{Found, Parents};
use super::recent::Recent;
use crate::extract::{Page, Slice, StopReason};
use crate::plan::{Names, Occasion, Step, window};
use crate::report::{Phase, Progress};
use crate::state::KeyValue;

/// Pages of parents that may be ahead of the first whose children are not all read.
const AHEAD: usize = 16;

/// Slices of a stream that may fail before no more are begun, where each has a bookmark of its own.
const MOST_FAILURES: u64 = 10;

/// Notes of a stream's slices that are told.
const NOTES: usize = 3;

/// How a read of a slice ended.
pub(super) struct ReadEnd {
    pub(super) bounded: bool,
    /// Whether it was read to its end, with the dependents that hang on it.
    pub(super) is_whole: bool,
    pub(super) reason: String,
    pub(super) slid: Option<String>,
    pub(super) pages: u64,
    /// Greatest replication key that its records had, where children hang on it.
    pub(super) key: Option<KeyValue>,
    /// The end of the window that was read, if it was one.
    pub(super) until: Option<Timestamp>,
    /// Keys that came on two pages only show that newer records came before them.
    pub(super) pushed_on: bool,
    /// What the user should know of it.
    pub(super) note: Option<String>,
}

/// What hangs on the records of a page.
struct Brood {
    /// For each child stream, what it is fetched for.
    occasions: Vec<Vec<Occasion>>,
    /// Greatest key up to this page.
    key: Option<KeyValue>,
    /// Whether the page moves the bookmark, once its children are read.
    moves: bool,
}

/// A walk and what it has come to.
struct UnderWay<'r> {
    names: Option<Names>,
    /// Its number.
    walk: u64,
    /// The API may count more records than it is asked for.
    partly: bool,
    recent: Option<Recent>,
    parents: Parents<'r>,
    broods: mpsc::Sender<Brood>,
    /// From where the next run goes on, as far as is known.
    key: Option<KeyValue>,
    is_feed: bool,
    /// The last page of a feed said nothing of it.
    untold: bool,
}

impl UnderWay<'_> {
    /// Leaves out what is older than the bookmark; gives the reason to stop where nothing newer is to come.
    fn sift(&mut self, page: &mut Page, progress: &Progress) -> Option<StopReason> {
        let recent = self.recent.as_mut()?;
        let sifted = recent.sift(page);
        progress.leave_out(sifted.left_out);
        sifted.is_last.then(|| StopReason::AllOlder(recent.since().to_string()))
    }

    async fn hatch(&self, brood: Brood) -> Result<(), Broken> {
        self.broods.send(brood).await.map_err(|_| Broken::Loader)
    }

    /// After the last page: the rest of a batch, and the token that a feed must have told.
    async fn ended(&mut self) -> Result<(), Broken> {
        if self.untold {
            let what = "the feed's last page brings no token, from which the next run would go on".to_owned();
            return Err(Broken::Failed(what));
        }
        if self.parents.is_even() {
            return Ok(());
        }
        let brood = Brood { occasions: self.parents.rest(), key: self.key.clone(), moves: false };
        self.hatch(brood).await
    }
}

/// A walk that is to begin.
#[derive(Clone, Copy)]
pub(super) struct Begin<'a> {
    pub(super) occasion: &'a Occasion,
    number: u64,
}

impl<'r> Visit<'r> {
    /// Reads the pages of one slice, and the children of its records. A future that may hold itself.
    pub(super) fn slice<'a>(
        &'a self,
        step: &'a Step,
        begin: Option<Begin<'a>>,
        turn: Option<SemaphorePermit<'a>>,
    ) -> BoxFuture<'a, Result<ReadEnd, Broken>> {
        async move {
            let (broods, hatched) = mpsc::channel(1);
            let pages = async move {
                let end = self.pages(step, begin.as_ref(), broods).await;
                // The children of its last pages may go on while others of its stream are read.
                drop(turn);
                end
            };
            let (end, whole) = join(pages, self.broods(step, hatched)).await;
            let (end, whole) = (end?, whole?);
            Ok(ReadEnd { is_whole: whole && end.is_whole, ..end })
        }
        .boxed()
    }

    async fn pages(
        &self,
        step: &Step,
        begin: Option<&Begin<'_>>,
        broods: mpsc::Sender<Brood>,
    ) -> Result<ReadEnd, Broken> {
        let stream = self.stream(step.stream);
        let progress = &self.reading.progress[step.stream];
        progress.enter(Phase::Running);
        let since = step.since_of(begin.map_or(&[], |begin| &begin.occasion.ids));
        let mut under_way = self.under_way(step, begin, since.as_ref(), broods)?;
        let slice = Slice { stream, since, until: step.until, names: under_way.names.clone() };
        let mut walk = self.reading.source.walk(slice);
        while let Some(mut page) = walk.next().await.map_err(|error| Broken::of(&error))? {
            if let Some(reason) = progress.refusal() {
                return Err(Broken::Failed(reason));
            }
            progress.page(page.records.len() as u64, page.total.filter(|_| !under_way.partly));
            if let Some(reason) = under_way.sift(&mut page, progress) {
                walk.stop(reason);
            }
            self.page(step, &mut under_way, page).await?;
        }
        under_way.ended().await?;
        let end = walk.end().ok_or_else(|| Broken::Failed("the walk broke off without an end".to_owned()))?;
        let recent = under_way.recent.as_ref();
        Ok(ReadEnd {
            bounded: end.bounded,
            is_whole: !end.bounded && end.slid.is_none(),
            reason: end.reason.to_string(),
            slid: end.slid.clone(),
            pages: progress.pages.load(Ordering::Relaxed),
            key: under_way.key,
            until: window(stream).and(step.until),
            pushed_on: recent.is_some_and(Recent::is_in_order),
            note: recent.and_then(Recent::disorder).map(str::to_owned),
        })
    }

    fn under_way(
        &self,
        step: &Step,
        begin: Option<&Begin<'_>>,
        since: Option<&KeyValue>,
        broods: mpsc::Sender<Brood>,
    ) -> Result<UnderWay<'r>, Broken> {
        let stream = self.stream(step.stream);
        let names = begin.map(|begin| Arc::clone(&begin.occasion.names));
        Ok(UnderWay {
            partly: since.is_some() && names.is_some(),
            names,
            walk: begin.map_or(0, |begin| begin.number),
            recent: Recent::of(stream, since).map_err(|fault| Broken::Failed(fault.to_string()))?,
            parents: Parents::new(self.reading, step)?,
            broods,
            key: None,
            is_feed: matches!(stream.replication, Replication::Feed(_)),
            untold: false,
        })
    }

    /// Gives a page to the loader, and to the children what they need of it.
    async fn page(&self, step: &Step, under_way: &mut UnderWay<'r>, mut page: Page) -> Result<(), Broken> {
        under_way.untold = under_way.is_feed && page.token.is_none();
        under_way.key = page.token.take().or(under_way.key.take());
        let Found { occasions, key } = under_way.parents.of(&page, under_way.names.as_ref())?;
        key.iter().for_each(|key| raise(&mut under_way.key, key));
        let moves = page.settled && self.stream(step.stream).moves_bookmark_by_page();
        if step.load || !step.routed.is_empty() {
            let arrived = Arrived { stream: step.stream, page, names: under_way.names.clone(), walk: under_way.walk };
            self.tell(Message::Page(Box::new(arrived))).await?;
        }
        let key = under_way.key.clone();
        if step.children.is_empty() {
            return if moves { self.advance(step, key, None).await } else { Ok(()) };
        }
        // A parent that waits for its batch has its children in a later brood.
        let moves = moves && under_way.parents.is_even();
        under_way.hatch(Brood { occasions, key, moves }).await
    }

    /// Reads the children of page after page, and tells whether those that hang on changes are whole. The next page
    /// is begun as soon as fewer slices are left than may be under way at once.
    async fn broods(&self, step: &Step, mut hatched: mpsc::Receiver<Brood>) -> Result<bool, Broken> {
        let at_once = step.children.iter().map(|child| self.stream(*child).limits.concurrency as usize);
        let at_once = at_once.max().unwrap_or(1).max(1);
        let left = AtomicUsize::new(0);
        let mut under_way = FuturesOrdered::new();
        let (mut more, mut all_whole) = (true, true);
        loop {
            let room = more && under_way.len() < AHEAD;
            // The count changes only while what is under way is polled, which is always before this.
            let few = std::future::poll_fn(|_| match left.load(Ordering::Relaxed) < at_once {
                true => Poll::Ready(()),
                false => Poll::Pending,
            });
            let next = async {
                few.await;
                hatched.recv().await
            };
            tokio::select! {
                biased;
                Some(read) = under_way.next(), if !under_way.is_empty() => {
                    let (brood, whole): (Brood, bool) = read?;
                    all_whole &= whole;
                    if brood.moves && all_whole {
                        self.advance(step, brood.key, None).await?;
                    }
                }
                brood = next, if room => match brood {
                    Some(brood) => {
                        left.fetch_add(brood.occasions.iter().map(Vec::len).sum(), Ordering::Relaxed);
                        under_way.push_back(self.brood(step, brood, &left).boxed());
                    }
                    None => more = false,
                },
                else => return Ok(all_whole),
            }
        }
    }

    async fn brood(&self, step: &Step, brood: Brood, left: &AtomicUsize) -> Result<(Brood, bool), Broken> {
        let children = self.family.children(step).zip(&brood.occasions);
        let read = children.map(|(child, occasions)| self.slices(child, occasions, left));
        let whole = try_join_all(read).await?;
        Ok((brood, whole.into_iter().all(|whole| whole)))
    }

    /// Reads all slices of a stream that has no parent.
    pub(super) async fn all_slices(&self, step: &Step, occasions: &[Occasion]) -> Result<(), Broken> {
        self.slices(step, occasions, &AtomicUsize::new(occasions.len())).await.map(drop)
    }

    /// Reads so many slices of a stream, several at once; tells whether those that hang on changes are whole.
    async fn slices(&self, step: &Step, occasions: &[Occasion], left: &AtomicUsize) -> Result<bool, Broken> {
        let stream = self.stream(step.stream);
        let at_once = stream.limits.concurrency.max(1) as usize;
        let slices: Vec<_> = occasions.iter().map(|occasion| self.one_slice(step, occasion).boxed()).collect();
        let mut slices = stream::iter(slices).buffer_unordered(at_once);
        let mut all_whole = true;
        while let Some(whole) = slices.next().await {
            left.fetch_sub(1, Ordering::Relaxed);
            all_whole &= whole? || !stream.is_changed_only();
        }
        Ok(all_whole)
    }

    /// Reads a slice when it is its turn, and tells whether it is whole. After a failure no more are begun; where
    /// each slice has its own bookmark, after several.
    async fn one_slice(&self, step: &Step, occasion: &Occasion) -> Result<bool, Broken> {
        let turn = self.turns[step.stream].acquire().await.ok();
        let most = if self.stream(step.stream).keeps_slices() { MOST_FAILURES } else { 1 };
        if self.tally(step.stream, |tally| tally.failures >= most) {
            return Ok(false);
        }
        let number = self.walks.fetch_add(1, Ordering::Relaxed);
        let end = match self.spans(step, Begin { occasion, number }, turn).await {
            Err(Broken::Loader) => return Err(Broken::Loader),
            Err(Broken::Failed(reason) | Broken::Expired(reason)) => Err(reason),
            Ok(ReadEnd { slid: Some(slid), .. }) => Err(format!("rows slid between pages: {slid}")),
            Ok(end) => Ok(end),
        };
        let reached = match &end {
            Ok(end) if end.is_whole => {
                Some(Reached { ids: occasion.ids.clone(), key: end.key.clone(), until: end.until })
            }
            _ => None,
        };
        let whole = reached.is_some();
        self.reached(step, number, reached).await?;
        self.tally(step.stream, |tally| match end {
            Ok(end) => {
                tally.slices += 1;
                if end.bounded {
                    tally.bounded = Some(end.reason.clone());
                }
                if let Some(note) = end.note.filter(|note| tally.notes.len() < NOTES && !tally.notes.contains(note)) {
                    tally.notes.push(note);
                }
                tally.last = end.reason;
            }
            Err(reason) => {
                tally.failures += 1;
                tally.failed.get_or_insert(reason);
            }
        });
        Ok(whole)
    }

    /// Tells how far a slice is read, where it has a bookmark of its own.
    async fn reached(&self, step: &Step, walk: u64, reached: Option<Reached>) -> Result<(), Broken> {
        if !self.stream(step.stream).keeps_slices() {
            return Ok(());
        }
        let children = step.dependents.clone();
        self.tell(Message::Slice { stream: step.stream, walk, reached, children }).await
    }
}
