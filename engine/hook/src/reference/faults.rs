//! The part of the page that tells what goes wrong, in the sentences in which it is told.

use std::fmt::{Display, Write};
use std::time::Duration;

use crate::fault::{Trouble, Unfit};
use crate::limits::{FILE, Limits};

const LOADING: &str = "
## What goes wrong

A component is looked at before it does any work. `check` tells what is wrong with it at its place in the spec, and no run
begins:

| what it says |
| --- |
";

const CALLING: &str = "
What goes wrong with a call is told with the name of the hook, and with the batch and the record where it changes records.
What becomes of them then the [spec](spec-language.md#hook) says by `on_error`; where a hook signs, chooses pages or cuts, the
stream fails. What hostile hooks get, case by case, is a [page of its own](hostile-hooks.md).

| what it says | counts as breaking down |
| --- | --- |
";

/// Writes each fault once, with `…` for what differs.
pub(super) fn write(page: &mut String) {
    page.push_str(LOADING);
    for unfit in unfit() {
        let _ = writeln!(page, "| {} |", cell(&unfit));
    }
    page.push_str(CALLING);
    for trouble in troubles() {
        let _ = writeln!(page, "| {} | {} |", cell(&trouble), if trouble.is_crash() { "yes" } else { "no" });
    }
}

fn cell(fault: &dyn Display) -> String {
    fault.to_string().replace('|', "\\|").replace('<', "&lt;")
}

fn some() -> String {
    "…".to_owned()
}

fn unfit() -> Vec<Unfit> {
    vec![
        Unfit::Unreadable(some()),
        Unfit::Large { limit: FILE },
        Unfit::Pinned { pinned: some(), found: some() },
        Unfit::Foreign,
        Unfit::CoreModule,
        Unfit::Corrupt(some()),
        Unfit::OtherVersion { has: some(), ours: format!("{}@{}", crate::load::PACKAGE, crate::load::VERSION) },
        Unfit::Forbidden(vec![some()]),
        Unfit::NotGranted { import: some(), grant: "log".to_owned() },
        Unfit::Silent(some()),
        Unfit::Idle(vec![some()]),
        Unfit::OtherTypes(some()),
        Unfit::Describe(Trouble::Said(some())),
        Unfit::Schema(some()),
    ]
}

fn troubles() -> Vec<Trouble> {
    let Limits { time, memory, output, crashes } = Limits::default();
    vec![
        Trouble::Time(Duration::from_secs(time.as_secs())),
        Trouble::Memory(memory),
        Trouble::Stack,
        Trouble::Output(output),
        Trouble::Crash(some()),
        Trouble::Answer(some()),
        Trouble::Record("the record is no JSON object".to_owned()),
        Trouble::Said("*why there is no answer, in the words of the hook*".to_owned()),
        Trouble::Jobless("…"),
        Trouble::Often { count: crashes, last: Box::new(Trouble::Crash(some())) },
    ]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Its place among all: who adds one is asked here for it, and then for an example above.
    fn of_unfit(unfit: &Unfit) -> usize {
        match unfit {
            Unfit::Unreadable(_) => 0,
            Unfit::Large { .. } => 1,
            Unfit::Pinned { .. } => 2,
            Unfit::Foreign => 3,
            Unfit::CoreModule => 4,
            Unfit::Corrupt(_) => 5,
            Unfit::OtherVersion { .. } => 6,
            Unfit::Forbidden(_) => 7,
            Unfit::NotGranted { .. } => 8,
            Unfit::Silent(_) => 9,
            Unfit::Idle(_) => 10,
            Unfit::OtherTypes(_) => 11,
            Unfit::Describe(_) => 12,
            Unfit::Schema(_) => 13,
        }
    }

    fn of_trouble(trouble: &Trouble) -> usize {
        match trouble {
            Trouble::Time(_) => 0,
            Trouble::Memory(_) => 1,
            Trouble::Stack => 2,
            Trouble::Output(_) => 3,
            Trouble::Crash(_) => 4,
            Trouble::Answer(_) => 5,
            Trouble::Record(_) => 6,
            Trouble::Jobless(_) => 7,
            Trouble::Said(_) => 8,
            Trouble::Often { .. } => 9,
        }
    }

    #[test]
    fn each_fault_is_on_the_page() {
        let unfit: BTreeSet<usize> = unfit().iter().map(of_unfit).collect();
        let troubles: BTreeSet<usize> = troubles().iter().map(of_trouble).collect();
        assert_eq!((unfit.len(), troubles.len()), (14, 10));
    }
}
