//! A hook that changes the records of a stream: what it will give, and batch after batch what it gives.

mod answer;
mod batch;
mod effect;
mod members;

use std::ops::Range;
use std::time::Duration;

use serde_json::Value;

use crate::fault::{Fault, Trouble};
use crate::interface::exports::tapwright::hook::records::{self, Effect, Stream, Table};
use crate::limits::{BATCH_BYTES, BATCH_RECORDS};
use crate::load::{Hook, Job};
use crate::meter::{Log, Used, spent};
use crate::running::Running;

use answer::Why;
use batch::Batch;

/// Changes the records of one stream of one run.
pub struct Records {
    running: Running<records::Guest>,
    stream: Stream,
    given: Vec<Table>,
    effect: Effect,
    /// Batches so far.
    batches: u64,
    crashes: u32,
    /// Records that go over at once. It sinks where only many together break the hook.
    most: usize,
}

/// What became of a batch.
#[derive(Debug, Default)]
pub struct Changed {
    texts: Vec<String>,
    lines: Vec<Place>,
    /// The records that were refused, in their order. They have no lines.
    pub refused: Vec<Refused>,
}

#[derive(Debug)]
struct Place {
    text: usize,
    within: Range<usize>,
    origin: usize,
    route: Option<usize>,
}

/// A record as the hook gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'c> {
    /// Its JSON text: an object, which names no member twice.
    pub record: &'c str,
    /// Place in the batch, from 0, of the record that it comes of.
    pub origin: usize,
    /// Place in the routes of the stream, from 0, of the stream that it goes to; none where it stays.
    pub route: Option<usize>,
}

/// A record of which nothing was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Its place in the batch, from 0.
    pub record: usize,
    /// Why.
    pub fault: Fault,
}

impl Changed {
    /// Takes the lines of a batch; gives the records that have none, since they were refused.
    fn add(&mut self, taken: answer::Taken, batch: &Batch<'_>) -> Vec<(usize, Why)> {
        let text = self.texts.len();
        let lines = taken.lines.into_iter();
        self.lines.extend(lines.map(|line| Place { text, origin: batch.number(line.origin), ..line }));
        self.texts.push(taken.text);
        taken.refused
    }

    /// The records that the hook gives, in their order.
    pub fn lines(&self) -> impl ExactSizeIterator<Item = Line<'_>> {
        self.lines.iter().map(|place| Line {
            record: &self.texts[place.text][place.within.clone()],
            origin: place.origin,
            route: place.route,
        })
    }
}

impl Records {
    /// Starts the hook for a stream, with its options and the records that the spec gives it. Says what it will do.
    ///
    /// # Errors
    /// What went wrong on the way, or why the hook does not want to.
    pub fn open(hook: &Hook, options: &Value, stream: Stream, given: Vec<Table>) -> Result<Records, Fault> {
        let running = Running::open_for(Job::Records, hook, options)?;
        let effect = Effect { reads: None, fields: Vec::new(), others: None, notes: Vec::new() };
        let (batches, crashes, most) = (0, 0, BATCH_RECORDS);
        let mut records = Records { running, stream, given, effect, batches, crashes, most };
        records.effect = records.asked().map_err(|what| hook.fault(what))?;
        Ok(records)
    }

    /// What becomes of the records, in the hook's words.
    pub fn effect(&self) -> &Effect {
        &self.effect
    }

    /// What the hook has told since this was asked last.
    pub fn log(&mut self) -> Log {
        self.running.log()
    }

    /// What the hook has used so far.
    pub fn used(&self) -> Used {
        self.running.used()
    }

    /// Changes records, each a JSON text. One at which the hook breaks is refused, the others are not lost.
    ///
    /// # Errors
    /// The hook cannot be started again, or has broken too often.
    pub fn change(&mut self, records: &[&str]) -> Result<Changed, Fault> {
        self.batches += 1;
        let mut changed = Changed::default();
        let mut from = 0;
        while from < records.len() {
            let to = piece(records, from, self.most);
            self.change_piece(records, from..to, &mut changed)?;
            from = to;
        }
        Ok(changed)
    }

    fn change_piece(&mut self, records: &[&str], piece: Range<usize>, changed: &mut Changed) -> Result<(), Fault> {
        let first_refused = changed.refused.len();
        let batch = self.batch(records, piece, changed);
        if !batch.is_empty() {
            match self.handed(&batch, changed) {
                Ok(()) => {}
                Err(trouble) if trouble.is_crash() && batch.len() > 1 => self.one_by_one(records, &batch, changed)?,
                Err(trouble) => self.refuse(&batch, trouble, changed)?,
            }
        }
        changed.refused[first_refused..].sort_by_key(|refused| refused.record);
        Ok(())
    }

    /// What of the records goes over. Those that cannot are refused.
    fn batch<'r>(&self, records: &[&'r str], piece: Range<usize>, changed: &mut Changed) -> Batch<'r> {
        let mut batch = Batch::default();
        for number in piece {
            if let Err(reason) = batch.add(number, records[number], self.effect.reads.as_deref()) {
                let fault = self.fault(Some(number), Trouble::Record(reason));
                changed.refused.push(Refused { record: number, fault });
            }
        }
        batch
    }

    /// Hands a batch over and takes what comes back, all of it or nothing.
    fn handed(&mut self, batch: &Batch<'_>, changed: &mut Changed) -> Result<(), Trouble> {
        self.ready()?;
        let answer = self.running.call(|guest, store| guest.call_change(store, batch.bytes()))?;
        let taken = answer::take(answer, batch, &self.stream.routes).map_err(Trouble::Answer);
        let taken = taken.inspect_err(|_| self.running.give_up())?;
        for (record, why) in changed.add(taken, batch) {
            let (record, what) = (batch.number(record), Trouble::from(why));
            changed.refused.push(Refused { record, fault: self.fault(Some(record), what) });
        }
        Ok(())
    }

    /// Finds the records at which the hook breaks. Where each alone goes well, it was their number.
    fn one_by_one(&mut self, records: &[&str], batch: &Batch<'_>, changed: &mut Changed) -> Result<(), Fault> {
        let refused = changed.refused.len();
        let (began, enough) = (spent(), self.running.hook().grant().limits.time * 10);
        for number in batch.numbers() {
            let alone = self.batch(records, number..number + 1, changed);
            if let Err(trouble) = self.handed(&alone, changed) {
                self.refuse(&alone, trouble, changed)?;
            }
            if spent().saturating_sub(began) > enough.max(Duration::from_secs(1)) {
                return Err(self.fault(Some(number), Trouble::Time(enough)));
            }
        }
        if changed.refused.len() == refused {
            self.most = (batch.len() / 2).max(1);
        }
        Ok(())
    }

    /// Refuses all records of a batch; a crash counts.
    fn refuse(&mut self, batch: &Batch<'_>, what: Trouble, changed: &mut Changed) -> Result<(), Fault> {
        if what.is_crash() {
            self.crashes += 1;
            if self.crashes >= self.running.hook().grant().limits.crashes {
                let often = Trouble::Often { count: self.crashes, last: Box::new(what) };
                return Err(self.fault(batch.numbers().next(), often));
            }
        }
        for record in batch.numbers() {
            let fault = self.fault(Some(record), what.clone());
            changed.refused.push(Refused { record, fault });
        }
        Ok(())
    }

    /// A new instance is told all that the one before was told.
    fn ready(&mut self) -> Result<(), Trouble> {
        if self.running.is_live() {
            return Ok(());
        }
        match self.asked()? == self.effect {
            true => Ok(()),
            false => Err(Trouble::Answer("started again, it tells other fields than before".to_owned())),
        }
    }

    fn asked(&mut self) -> Result<Effect, Trouble> {
        let (stream, given) = (&self.stream, &self.given);
        let effect = self.running.call(|guest, store| guest.call_fields(store, stream, given))?;
        effect::checked(effect).map_err(Trouble::Answer).inspect_err(|_| self.running.give_up())
    }

    fn fault(&self, record: Option<usize>, what: Trouble) -> Fault {
        let (batch, record) = (Some(self.batches), record.map(|record| record + 1));
        Fault { batch, record, ..self.running.fault(what) }
    }
}

/// Where the piece that begins at `from` ends: before it has too many records or bytes, with one in any case.
fn piece(records: &[&str], from: usize, most: usize) -> usize {
    let mut bytes = 0;
    let fits = records[from..].iter().take(most).take_while(|record| {
        bytes += record.len();
        bytes <= BATCH_BYTES
    });
    from + fits.count().max(1)
}

/// Does what [`Records::change`] does, with code of this program in the hook's place, which gives a line for each record:
/// what a benchmark holds hooks against.
///
/// # Errors
/// What is wrong with a record, or with what the code gives.
#[doc(hidden)]
pub fn change_natively(
    records: &[&str],
    reads: &[String],
    mut code: impl FnMut(&[u8]) -> Vec<u8>,
) -> Result<Changed, String> {
    let (mut changed, mut from) = (Changed::default(), 0);
    while from < records.len() {
        let to = piece(records, from, BATCH_RECORDS);
        let mut batch = Batch::default();
        (from..to).try_for_each(|number| batch.add(number, records[number], Some(reads)))?;
        let (origins, routes, refused) = (Vec::new(), Vec::new(), Vec::new());
        let answer = records::Answer { records: code(batch.bytes()), origins, routes, refused };
        changed.add(answer::take(answer, &batch, &[])?, &batch);
        from = to;
    }
    Ok(changed)
}

impl From<Why> for Trouble {
    fn from(why: Why) -> Trouble {
        match why {
            Why::Said(reason) => Trouble::Said(reason),
            Why::Clash(name) => Trouble::Record(format!(
                "it gives a member `{name}`, which the record has already; have the hook read it, or name its own otherwise"
            )),
        }
    }
}

#[cfg(test)]
mod tests;
