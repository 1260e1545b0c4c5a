//! What is measured while a hook runs: processor time, memory, lines of its log.

use std::time::Duration;

use wasmtime::{Error, ResourceLimiter, UpdateDeadline};

use crate::interface::tapwright::hook::log;
use crate::limits::{LOG_LINE, LOG_LINES, Limits, PARTS, TABLE};

/// What a hook has told, with nothing in it that could steer a terminal.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Log {
    /// The first lines.
    pub lines: Vec<(log::Level, String)>,
    /// How many more there were.
    pub left_out: u64,
}

/// What a hook has used.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Used {
    /// Bytes of memory at most.
    pub memory: usize,
    /// Instances that were made, the first one included.
    pub instances: u32,
}

/// Which limit a call ran into.
#[derive(Debug, Clone, Copy, thiserror::Error)]
pub(crate) enum Over {
    #[error("too long")]
    Time,
    #[error("too much memory")]
    Memory,
}

/// Goes with each instance.
pub(crate) struct Meter {
    limits: Limits,
    memory: usize,
    /// Processor time of this thread when the call was first looked at.
    began: Option<Duration>,
    pub(crate) used: Used,
    pub(crate) over: Option<Over>,
    pub(crate) log: Log,
}

impl Meter {
    /// For a new instance; `used` and `log` come from the one before.
    pub(crate) fn new(limits: Limits, used: Used, log: Log) -> Meter {
        let used = Used { instances: used.instances + 1, ..used };
        Meter { limits, memory: 0, began: None, used, over: None, log }
    }

    /// A call begins.
    pub(crate) fn begin(&mut self) {
        (self.began, self.over) = (None, None);
    }

    /// Looks at the call that runs. The first look is at most one tick after its beginning.
    pub(crate) fn look(&mut self) -> Result<UpdateDeadline, Error> {
        let now = spent();
        let began = *self.began.get_or_insert(now);
        if now.saturating_sub(began) < self.limits.time {
            return Ok(UpdateDeadline::Continue(1));
        }
        self.over = Some(Over::Time);
        Err(Error::new(Over::Time))
    }

    fn take(&mut self, more: usize) -> Result<bool, Error> {
        self.memory = self.memory.saturating_add(more);
        if self.memory <= self.limits.memory {
            self.used.memory = self.used.memory.max(self.memory);
            return Ok(true);
        }
        self.over = Some(Over::Memory);
        Err(Error::new(Over::Memory))
    }
}

impl ResourceLimiter for Meter {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> Result<bool, Error> {
        self.take(desired.saturating_sub(current))
    }

    fn table_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> Result<bool, Error> {
        if desired > TABLE {
            return self.take(usize::MAX);
        }
        self.take(desired.saturating_sub(current) * size_of::<usize>())
    }

    fn instances(&self) -> usize {
        PARTS
    }

    fn tables(&self) -> usize {
        PARTS
    }

    fn memories(&self) -> usize {
        PARTS
    }
}

impl log::Host for Meter {
    fn write(&mut self, level: log::Level, message: String) {
        match self.log.lines.len() < LOG_LINES {
            true => self.log.lines.push((level, shown(&message, LOG_LINE))),
            false => self.log.left_out += 1,
        }
    }
}

/// A text of a hook as it is shown: cut, on one line, without what could steer a terminal.
pub(crate) fn shown(text: &str, most: usize) -> String {
    let mut shown: String =
        text.chars().take(most).map(|c| if c.is_control() || is_steering(c) { ' ' } else { c }).collect();
    if shown.len() < text.len() && text.chars().nth(most).is_some() {
        shown.push('…');
    }
    shown
}

/// Whether a character turns the direction of a text or separates lines.
fn is_steering(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The processor time that this thread has used.
#[cfg(unix)]
pub(crate) fn spent() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::try_from(time).unwrap_or_default()
}

/// The time, where that of a thread cannot be had.
#[cfg(not(unix))]
pub(crate) fn spent() -> Duration {
    static BEGAN: std::sync::LazyLock<std::time::Instant> = std::sync::LazyLock::new(std::time::Instant::now);
    BEGAN.elapsed()
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn what_a_hook_says_cannot_steer_a_terminal() {
        assert_eq!(shown("a\n\u{1b}[31mb\u{202e}c", 100), "a  [31mb c");
        assert_eq!(shown("äöü", 2), "äö…");
        assert_eq!(shown("äöü", 3), "äöü");
    }
}
