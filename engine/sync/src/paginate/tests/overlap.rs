//! Pages that begin with the last record of the one before: whatever is deleted meanwhile, nothing is passed over in silence.

use proptest::prelude::*;
use tapwright_spec::model::{Next, PageSize, Pagination, Stop};

use super::super::{Delta, Facts, Paginator, Turn};
use super::{home, query, rules, url};

fn overlapping(size: u64) -> Pagination {
    let next = Next::Offset { send: query("offset"), first: 0, overlap: true };
    let size = Some(PageSize { send: query("n"), value: size });
    Pagination { size, stop: vec![Stop::ShortPage], ..rules(next) }
}

/// What is done to the list after a page: an id is deleted, and so many are added at the end.
#[derive(Debug, Clone)]
struct Change {
    deleted: Option<prop::sample::Index>,
    added: u64,
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let change = (prop::option::of(any::<prop::sample::Index>()), 0..3_u64);
    prop::collection::vec(change.prop_map(|(deleted, added)| Change { deleted, added }), 0..12)
}

proptest! {
    #[test]
    fn what_was_there_throughout_came_or_the_walk_says_that_rows_slid(
        rows in 1..60_u64, size in 2..9_u64, changes in changes(),
    ) {
        let rules = overlapping(size);
        let mut paginator = Paginator::new(&rules, home(), None);
        let here = url("http://a.example/x");
        let (mut list, mut kept) = (Vec::from_iter(0..rows), Vec::from_iter(0..rows));
        let (mut read, mut offset, mut newest) = (Vec::new(), 0, rows);
        let mut changes = changes.into_iter();
        let end = loop {
            let page: Vec<u64> = list.iter().skip(offset).take(size as usize).copied().collect();
            let facts = Facts {
                ends: page.first().copied().zip(page.last().copied()),
                ..super::facts(&here, page.len() as u64, 1_000 + offset as u64)
            };
            let turn = paginator.turn(&facts);
            read.extend(page.into_iter().skip(paginator.overlapped() as usize));
            match turn.expect("a turn") {
                Turn::End(end) => break end,
                Turn::Go(Delta::Values(values)) => {
                    offset = values.last().expect("an offset").text().parse().expect("a number");
                }
                other => panic!("{other:?}"),
            }
            let Some(change) = changes.next() else { continue };
            if let Some(at) = change.deleted.filter(|_| !list.is_empty()) {
                let gone = list.remove(at.index(list.len()));
                kept.retain(|row| *row != gone);
            }
            list.extend(newest..newest + change.added);
            newest += change.added;
        };
        let missing: Vec<&u64> = kept.iter().filter(|row| !read.contains(row)).collect();
        prop_assert!(missing.is_empty() || end.slid.is_some(), "{missing:?} of {kept:?} did not come: {read:?}");
        let mut once = read.clone();
        once.sort_unstable();
        once.dedup();
        prop_assert!(once.len() == read.len() || end.slid.is_some(), "{read:?}");
    }
}
