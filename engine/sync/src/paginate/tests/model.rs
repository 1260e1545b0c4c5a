//! Walks over a model of a server: whatever the style, each row comes and the walk ends.

use proptest::prelude::*;
use serde_json::json;
use tapwright_spec::model::{Next, PageSize, Pagination, RestartAfter, Stop};

use super::{cursor, home, key, next_url, offset, page_number, rules, url};
use crate::paginate::{Delta, End, Facts, Key, Paginator, PagingFault, Turn};

/// A server with rows in the order of their keys; it filters by `since` as that was sent, inclusively.
struct Server {
    keys: Vec<i64>,
    /// It gives no more on a page.
    cap: usize,
    shows_total: bool,
    links: bool,
}

struct Answer {
    rows: Vec<usize>,
    next: Option<usize>,
    total: usize,
}

impl Server {
    fn page(&self, since: Option<&Key>, from: usize) -> Answer {
        let rows: Vec<usize> = (0..self.keys.len())
            .filter(|row| since.is_none_or(|since| self.keys[*row] / 10 >= since.sent.parse().expect("a number")))
            .collect();
        let total = rows.len();
        let rows: Vec<usize> = rows.into_iter().skip(from).take(self.cap).collect();
        let next = (from + rows.len() < total).then_some(from + rows.len());
        Answer { rows, next, total }
    }
}

/// Walks to the end; the rows in the order in which they came, and how it ended.
fn walk(server: &Server, rules: &Pagination) -> Result<(Vec<usize>, End), PagingFault> {
    let mut since = None;
    let mut paginator = Paginator::new(rules, home(), None);
    let mut from = 0;
    let mut here = url("http://a.example/x");
    let mut read = Vec::new();
    for _ in 0..10_000 {
        let answer = server.page(since.as_ref(), from);
        let facts = Facts {
            url: &here,
            records: answer.rows.len() as u64,
            next: answer.next.filter(|_| server.links).map(|at| match rules.next {
                Next::Cursor { .. } => json!(at),
                _ => json!(format!("?from={at}")),
            }),
            link: None,
            total: server.shows_total.then_some(answer.total as u64),
            content: xxhash_rust::xxh3::xxh3_64(format!("{:?}", answer.rows).as_bytes()),

            last_key: answer.rows.last().map(|row| key(server.keys[*row])),
            stop: false,
        };
        let turn = paginator.turn(&facts)?;
        read.extend(answer.rows);
        match turn {
            Turn::End(end) => return Ok((read, end)),
            Turn::Restart(key) => {
                since = Some(key);
                from = 0;
                here = url("http://a.example/x");
            }
            Turn::Go(Delta::Url(next)) => {
                let at = next.query_pairs().next().expect("from").1.parse();
                from = at.expect("a number");
                here = next;
            }
            Turn::Go(Delta::Query(pairs)) => {
                let value: usize = pairs.last().expect("a pair").1.parse().expect("a number");
                from = match rules.next {
                    Next::PageNumber { .. } => (value - 1) * server.cap,
                    _ => value,
                };
            }
        }
    }
    panic!("the walk has no end");
}

fn each_style(size: u64) -> Vec<(Pagination, bool, bool)> {
    let sized =
        |next, stop| Pagination { size: Some(PageSize { param: "n".into(), value: size }), stop, ..rules(next) };
    vec![
        (sized(next_url(), vec![]), false, true),
        (sized(next_url(), vec![]), true, true),
        (sized(cursor(), vec![]), false, true),
        (sized(page_number(), vec![]), false, false),
        (sized(page_number(), vec![Stop::ShortPage]), false, false),
        (sized(page_number(), vec![Stop::Total]), true, false),
        (sized(offset(), vec![Stop::EmptyPage]), false, false),
        (sized(offset(), vec![Stop::ShortPage]), true, false),
    ]
}

proptest! {
    #[test]
    fn every_row_comes_once_whatever_the_style(rows in 0..70_usize, cap in 1..20_usize) {
        for (rules, shows_total, links) in each_style(cap as u64) {
            let server = Server { keys: (0..rows as i64).collect(), cap, shows_total, links };
            let (read, end) = walk(&server, &rules).expect("a walk");
            prop_assert_eq!(&read, &(0..rows).collect::<Vec<_>>());
            prop_assert!(!end.bounded && end.slid.is_none(), "{:?}", end);
        }
    }

    #[test]
    fn a_smaller_page_than_asked_for_loses_nothing(rows in 0..70_usize, cap in 1..20_usize) {
        for (rules, shows_total, links) in each_style(1_000) {
            if rules.stop.iter().any(|stop| matches!(stop, Stop::ShortPage)) && !shows_total {
                continue;
            }
            let server = Server { keys: (0..rows as i64).collect(), cap, shows_total, links };
            let (read, _) = walk(&server, &rules).expect("a walk");
            prop_assert_eq!(&read, &(0..rows).collect::<Vec<_>>());
        }
    }

    #[test]
    fn beginning_anew_misses_no_row_and_ends(
        mut keys in prop::collection::vec(0..200_i64, 0..60),
        cap in 1..8_usize,
        pages in 1..4_u64,
    ) {
        keys.sort_unstable();
        for (rules, shows_total, links) in each_style(cap as u64) {
            let rules = Pagination { restart_after: Some(RestartAfter { pages }), ..rules };
            let server = Server { keys: keys.clone(), cap, shows_total, links };
            let (mut read, end) = walk(&server, &rules).expect("a walk");
            read.sort_unstable();
            read.dedup();
            prop_assert_eq!(&read, &(0..keys.len()).collect::<Vec<_>>());
            prop_assert!(end.slid.is_none(), "{:?}", end);
        }
    }
}
