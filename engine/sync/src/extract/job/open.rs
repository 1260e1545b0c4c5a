//! Jobs that wait to be cleaned up, also when nobody waits for them any more.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::join_all;
use tapwright_spec::expression::Scope;
use tapwright_spec::model::{Limits, Rule};
use tapwright_spec::{agreeing, counted};

use super::super::Source;
use super::ask::{Asking, Expects, ask};
use crate::http::{Counters, Prepared};

/// So many notes are told of a stream; the others are counted.
const MOST_NOTES: usize = 3;

/// A job that must be cleaned up, with all that takes.
#[derive(Clone)]
pub(super) struct Open {
    pub(super) stream: String,
    pub(super) prepared: Prepared,
    pub(super) rules: Vec<Rule>,
    pub(super) scope: Scope,
    pub(super) limits: Limits,
    pub(super) counters: Arc<Counters>,
}

/// Stands for an [`Open`] job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ticket(u64);

/// The jobs of a run that are not cleaned up.
#[derive(Default)]
pub(in super::super) struct Jobs(Mutex<Ledger>);

#[derive(Default)]
struct Ledger {
    opened: u64,
    open: BTreeMap<Ticket, Open>,
    /// What could not be removed, by stream.
    left: BTreeMap<String, Vec<String>>,
}

impl Jobs {
    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of a job.
    pub(super) fn open(&self, open: Open) -> Ticket {
        let mut ledger = self.ledger();
        ledger.opened += 1;
        let ticket = Ticket(ledger.opened);
        ledger.open.insert(ticket, open);
        ticket
    }

    /// Removes a job. It stays in the list until that is settled, so that whoever is interrupted leaves it there.
    pub(super) async fn clean_up(&self, source: &Source, ticket: Ticket) {
        let Some(open) = self.ledger().open.get(&ticket).cloned() else { return };
        let asking = Asking {
            rules: &open.rules,
            scope: &open.scope,
            limits: &open.limits,
            counters: &open.counters,
            permission: None,
        };
        let fault = ask(source, &open.prepared, &asking, Expects::Gone).await.err();
        let mut ledger = self.ledger();
        ledger.open.remove(&ticket);
        if let Some(fault) = fault {
            ledger.left.entry(open.stream).or_default().push(fault.to_string());
        }
    }

    /// Removes whatever is left.
    pub(in super::super) async fn clean_up_all(&self, source: &Source) {
        let tickets: Vec<Ticket> = self.ledger().open.keys().copied().collect();
        join_all(tickets.into_iter().map(|ticket| self.clean_up(source, ticket))).await;
    }

    /// What the API still has, by stream, in sentences.
    pub(in super::super) fn left_behind(&self, source: &Source) -> BTreeMap<String, Vec<String>> {
        let mut ledger = self.ledger();
        let Ledger { open, left, .. } = &mut *ledger;
        for (_, open) in std::mem::take(open) {
            let request = source.redactor().redact(&open.prepared.request.to_string());
            left.entry(open.stream).or_default().push(format!("{request}: there was no time for it"));
        }
        let told = |(stream, faults): (&String, &Vec<String>)| {
            let mut notes: Vec<String> =
                faults.iter().take(MOST_NOTES).map(|fault| format!("a job was not cleaned up: {fault}")).collect();
            if faults.len() > MOST_NOTES {
                let more = faults.len() - MOST_NOTES;
                let were = agreeing(more, "was", "were");
                notes.push(format!("{} {were} not cleaned up", counted(more, "more job")));
            }
            (stream.clone(), notes)
        };
        left.iter().map(told).collect()
    }
}
