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
use tapwright_spec::model::Replication;
use tokio::sync::{SemaphorePermit, mpsc};

use super::family::{Broken, Family};
use super::load::{Arrived, Message};
use super::parents::{Found, Parent, Parents};
use super::recent::Recent;
use crate::extract::{Slice, StopReason};
use crate::plan::Step;
use crate::report::Phase;
use crate::state::KeyValue;

/// Pages of parents that may be ahead of the first whose children are not all read.
const AHEAD: usize = 16;

/// Notes of a child's slices that are told.
const NOTES: usize = 3;

/// How a read of a slice ended.
pub(super) struct ReadEnd {
    pub(super) bounded: bool,
    pub(super) reason: String,
    pub(super) slid: Option<String>,
    pub(super) pages: u64,
    /// Greatest replication key that its records had, where children hang on it.
    pub(super) key: Option<KeyValue>,
    /// Keys that came on two pages only show that newer records came before them.
    pub(super) pushed_on: bool,
    /// What the user should know of it.
    pub(super) note: Option<String>,
}

/// What hangs on the records of a page.
struct Brood {
    /// For each child stream, the parents on the page.
    parents: Vec<Vec<Parent>>,
    /// Greatest key up to this page.
    key: Option<KeyValue>,
    /// Whether the page moves the bookmark, once its children are read.
    moves: bool,
}

impl Family<'_> {
    /// Reads the pages of one slice, and the children of its records. A future that may hold itself.
    pub(super) fn slice<'a>(
        &'a self,
        step: &'a Step,
        parent: Option<Parent>,
        turn: Option<SemaphorePermit<'a>>,
    ) -> BoxFuture<'a, Result<ReadEnd, Broken>> {
        async move {
            let (broods, hatched) = mpsc::channel(1);
            let pages = async move {
                let end = self.pages(step, parent, broods).await;
                // The children of its last pages may go on while others of its stream are read.
                drop(turn);
                end
            };
            let (end, children) = join(pages, self.broods(step, hatched)).await;
            children.and(end)
        }
        .boxed()
    }

    async fn pages(&self, step: &Step, parent: Option<Parent>, broods: mpsc::Sender<Brood>) -> Result<ReadEnd, Broken> {
        let stream = self.stream(step.stream);
        let progress = &self.reading.progress[step.stream];
        progress.enter(Phase::Running);
        let (since, until) = (step.since.clone(), step.until);
        let mut recent = Recent::of(stream, since.as_ref()).map_err(|fault| Broken::Failed(fault.to_string()))?;
        let own = parent.as_deref().cloned();
        let mut walk = self.reading.source.walk(Slice { stream, since, until, parent: own });
        let mut parents = Parents::new(self.reading, step)?;
        let mut key: Option<KeyValue> = None;
        // The last page of a feed must say from where the next run goes on.
        let is_feed = matches!(stream.replication, Replication::Feed(_));
        let mut untold = false;
        while let Some(mut page) = walk.next().await.map_err(|error| Broken::of(&error))? {
            if let Some(reason) = progress.refusal() {
                return Err(Broken::Failed(reason));
            }
            progress.page(page.records.len() as u64, page.total.filter(|_| step.since.is_none() || parent.is_none()));
            if let Some(recent) = &mut recent {
                let sifted = recent.sift(&mut page);
                progress.leave_out(sifted.left_out);
                if sifted.is_last {
                    walk.stop(StopReason::AllOlder(recent.since().to_string()));
                }
            }
            untold = is_feed && page.token.is_none();
            key = page.token.take().or(key);
            let Found { values, key: on_page } = parents.of(&page, parent.as_ref())?;
            if on_page.as_ref().is_some_and(|on_page| key.as_ref().is_none_or(|key| key < on_page)) {
                key = on_page;
            }
            let moves = page.settled && stream.moves_bookmark_by_page();
            if step.load {
                let arrived = Arrived { stream: step.stream, page, parent: parent.clone() };
                self.tell(Message::Page(Box::new(arrived))).await?;
            }
            if !step.children.is_empty() {
                let brood = Brood { parents: values, key: key.clone(), moves };
                broods.send(brood).await.map_err(|_| Broken::Loader)?;
            } else if moves {
                self.advance(step, key.clone(), None).await?;
            }
        }
        if untold {
            let what = "the feed's last page brings no token, from which the next run would go on".to_owned();
            return Err(Broken::Failed(what));
        }
        let end = walk.end().ok_or_else(|| Broken::Failed("the walk broke off without an end".to_owned()))?;
        Ok(ReadEnd {
            bounded: end.bounded,
            reason: end.reason.to_string(),
            slid: end.slid.clone(),
            pages: progress.pages.load(Ordering::Relaxed),
            key,
            pushed_on: recent.as_ref().is_some_and(Recent::is_in_order),
            note: recent.as_ref().and_then(Recent::disorder).map(str::to_owned),
        })
    }

    /// Reads the children of page after page. The next page is begun as soon as fewer children are left than
    /// may be under way at once.
    async fn broods(&self, step: &Step, mut hatched: mpsc::Receiver<Brood>) -> Result<(), Broken> {
        let at_once = step.children.iter().map(|child| self.stream(child.stream).limits.concurrency as usize);
        let at_once = at_once.max().unwrap_or(1).max(1);
        let left = AtomicUsize::new(0);
        let mut under_way = FuturesOrdered::new();
        let mut more = true;
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
                    let (key, moves): (Option<KeyValue>, bool) = read?;
                    if moves {
                        self.advance(step, key, None).await?;
                    }
                }
                brood = next, if room => match brood {
                    Some(brood) => {
                        left.fetch_add(brood.parents.iter().map(Vec::len).sum(), Ordering::Relaxed);
                        under_way.push_back(self.brood(step, brood, &left).boxed());
                    }
                    None => more = false,
                },
                else => return Ok(()),
            }
        }
    }

    async fn brood(&self, step: &Step, brood: Brood, left: &AtomicUsize) -> Result<(Option<KeyValue>, bool), Broken> {
        let children = step.children.iter().zip(&brood.parents);
        try_join_all(children.map(|(child, parents)| self.children(child, parents, left))).await?;
        Ok((brood.key, brood.moves))
    }

    /// Reads a child for so many parents, several at once.
    async fn children(&self, child: &Step, parents: &[Parent], left: &AtomicUsize) -> Result<(), Broken> {
        let at_once = self.stream(child.stream).limits.concurrency.max(1) as usize;
        let slices: Vec<_> = parents.iter().map(|parent| self.child(child, parent).boxed()).collect();
        let mut slices = stream::iter(slices).buffer_unordered(at_once);
        while let Some(done) = slices.next().await {
            left.fetch_sub(1, Ordering::Relaxed);
            done?;
        }
        Ok(())
    }

    /// Reads a child for one parent when it is its turn. After a failure no more are begun.
    async fn child(&self, child: &Step, parent: &Parent) -> Result<(), Broken> {
        let turn = self.turns[child.stream].acquire().await.ok();
        if self.tally(child.stream, |tally| tally.failed.is_some()) {
            return Ok(());
        }
        match self.spans(child, Arc::clone(parent), turn).await {
            Ok(end) => self.tally(child.stream, |tally| {
                tally.slices += 1;
                if end.bounded {
                    tally.bounded = Some(end.reason.clone());
                }
                if let Some(slid) = &end.slid {
                    tally.failed = Some(format!("rows slid between pages: {slid}"));
                }
                if let Some(note) = end.note.filter(|note| tally.notes.len() < NOTES && !tally.notes.contains(note)) {
                    tally.notes.push(note);
                }
                tally.last = end.reason;
            }),
            Err(Broken::Failed(reason) | Broken::Expired(reason)) => {
                self.tally(child.stream, |tally| tally.failed = Some(reason));
            }
            Err(Broken::Loader) => return Err(Broken::Loader),
        }
        Ok(())
    }
}
