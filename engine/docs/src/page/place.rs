//! Where pages stand within the site.

use super::view::{Card, Filter, Here, Page, Section, Sibling};

/// Boxes of a drawing, or joins, that a connector's own page takes.
const MANY: usize = 40;

impl Here {
    /// A file of the site, whose own address is `base`.
    pub(crate) fn of(file: String, base: Option<&str>) -> Here {
        let root = "../".repeat(file.matches('/').count());
        let shown = file.strip_suffix("index.html").unwrap_or(&file);
        let address = base.map(|base| format!("{base}{shown}"));
        Here { root, file, address }
    }
}

impl Page {
    /// Whether drawings and joins are too much for the page of the connector.
    pub(crate) fn has_a_large_map(&self) -> bool {
        self.joins.iter().filter(|join| !join.nested).count() > MANY || self.streams.len() > MANY && self.flow.is_some()
    }
}

impl Sibling {
    /// A stream that has a page.
    pub(crate) fn of(stream: &Section) -> Option<Sibling> {
        Some(Sibling { name: stream.name.clone(), title: stream.title.clone(), page: stream.page.clone()? })
    }
}

/// Statuses, the most trusted first.
const STATUSES: [&str; 5] = ["Released", "Beta", "Alpha", "Deprecated", "Sunset"];

impl Filter {
    /// What connectors can be told apart by.
    pub(crate) fn of(cards: &[Card]) -> Vec<Filter> {
        let sorted = |words: &mut dyn Iterator<Item = &'static str>| {
            let mut words: Vec<&'static str> = words.collect();
            words.sort_unstable();
            words.dedup();
            words
        };
        let statuses = STATUSES.into_iter().filter(|status| cards.iter().any(|card| card.status == *status));
        let filters = [
            ("Category", sorted(&mut cards.iter().filter_map(|card| card.category))),
            ("Authentication", sorted(&mut cards.iter().flat_map(|card| card.authentication.iter().copied()))),
            ("Status", statuses.collect()),
        ];
        let telling = filters.into_iter().filter(|(_, choices)| choices.len() > 1);
        telling.map(|(label, choices)| Filter { label, choices }).collect()
    }
}
