//! What the pages of all connectors are made of beside their specs: the files of a template, and redirects.

use std::collections::BTreeSet;
use std::path::Path;

use super::marks::Marks;

/// These files as they were.
#[derive(PartialEq, Eq)]
pub(super) struct Look {
    template: Marks,
    /// The text of `redirects.yaml`.
    redirects: String,
}

/// What a change of them touches.
pub(super) enum Touched {
    /// Every page.
    All,
    /// The pages of these connectors, and what belongs to none.
    Some(BTreeSet<String>),
}

impl Look {
    /// As they are now; `template` may be a name of a template of the program, which never changes.
    pub(super) fn of(template: &str, out: &Path) -> Look {
        let redirects = std::fs::read_to_string(out.join("redirects.yaml")).unwrap_or_default();
        Look { template: Marks::below(Path::new(template)), redirects }
    }

    /// What has to be made anew when they have become `now`.
    pub(super) fn touched(&self, now: &Look) -> Touched {
        let is_shared = |path: &&Path| path.components().any(|part| part.as_os_str() == "static");
        if !self.template.differing(&now.template).iter().all(is_shared) {
            return Touched::All;
        }
        let lines = |look: &Look| look.redirects.lines().map(str::to_owned).collect::<BTreeSet<String>>();
        let (before, after) = (lines(self), lines(now));
        let connector = |line: &String| {
            let page = line.trim_start_matches(['"', '\'']).split(['#', ':']).next()?.to_owned();
            Some(page.split('/').next()?.trim_end_matches(".html").to_owned())
        };
        Touched::Some(before.symmetric_difference(&after).filter_map(connector).collect())
    }
}
