//! Walks over a model of a server: whatever the style, each row comes and the walk ends.

use proptest::prelude::*;
use serde_json::json;
use tapwright_spec::model::{Next, PageSize, Pagination, RestartAfter, Stop, Token};
use tapwright_spec::path::Path;

use super::{cursor, header_cursor, home, key, last_record, merge, next_url, offset, page_number, query, rules, url};
use crate::paginate::{Delta, End, Facts, Key, Paginator, PagingFault, Turn};

/// A server with rows in the order of their keys; it filters by `since` as that was sent, inclusively.
struct Server {
    keys: Vec<i64>,
    /// It gives no more on a page.
    cap: usize,
    shows_total: bool,
    links: bool,
    says_more: bool,
}

struct Answer {
    rows: Vec<usize>,
    next: Option<usize>,
    /// Place of the last row among those that the filter leaves.
    last: Option<usize>,
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
        let last = rows.len().checked_sub(1).map(|last| from + last);
        Answer { rows, next, last, total }
    }

    /// What the page has where `next` looks for what leads on.
    fn says(&self, next: &Next, answer: &Answer) -> Option<serde_json::Value> {
        let after = answer.next.filter(|_| self.links);
        match next {
            Next::Cursor { token: Token::Last(_), .. } => answer.last.map(|at| json!(at)),
            Next::Cursor { token: Token::Header(_), .. } => after.map(|at| json!(at.to_string())),
            Next::Cursor { .. } => after.map(|at| json!(at)),
            Next::Merge { .. } => after.map(|at| json!({"and": "so on", "from": at})),
            _ => after.map(|at| json!(format!("?from={at}"))),
        }
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
            next: server.says(&rules.next, &answer),
            more: server.says_more.then_some(answer.next.is_some()),
            link: None,
            total: server.shows_total.then_some(answer.total as u64),
            content: xxhash_rust::xxh3::xxh3_64(format!("{:?}", answer.rows).as_bytes()),

            ends: answer.rows.first().zip(answer.rows.last()).map(|(first, last)| (*first as u64, *last as u64)),
            repeats: false,
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
            Turn::Go(Delta::Request(_)) => unreachable!("no hook chooses"),
            Turn::Go(Delta::Url(next)) => {
                let at = next.query_pairs().next().expect("from").1.parse();
                from = at.expect("a number");
                here = next;
            }
            Turn::Go(Delta::Values(values)) => {
                let value: usize = values.last().expect("a value").text().parse().expect("a number");
                from = match rules.next {
                    Next::PageNumber { .. } => (value - 1) * server.cap,
                    // After this row.
                    Next::Cursor { token: Token::Last(_), .. } => value + 1,
                    _ => value,
                };
            }
        }
    }
    panic!("the walk has no end");
}

/// A style of paging, and what the server shows in it.
struct Style {
    rules: Pagination,
    shows_total: bool,
    links: bool,
    says_more: bool,
}

fn each_style(size: u64) -> Vec<Style> {
    let sized = |next, stop| Pagination { size: Some(PageSize { send: query("n"), value: size }), stop, ..rules(next) };
    let style = |rules| Style { rules, shows_total: false, links: false, says_more: false };
    let totalled = |rules| Style { shows_total: true, ..style(rules) };
    let linked = |rules| Style { links: true, ..style(rules) };
    let more = || vec![Stop::More(Path::compile("$.more").expect("a path"))];
    let telling = |next| Style { says_more: true, ..style(sized(next, more())) };
    vec![
        linked(sized(next_url(), vec![])),
        Style { links: true, ..totalled(sized(next_url(), vec![])) },
        linked(sized(cursor(), vec![])),
        linked(sized(header_cursor(), vec![])),
        linked(sized(merge(), vec![])),
        Style { links: true, ..telling(cursor()) },
        telling(last_record()),
        style(sized(last_record(), vec![Stop::EmptyPage])),
        style(sized(last_record(), vec![Stop::ShortPage])),
        telling(page_number()),
        telling(offset()),
        style(sized(page_number(), vec![])),
        style(sized(page_number(), vec![Stop::ShortPage])),
        totalled(sized(page_number(), vec![Stop::Total])),
        style(sized(offset(), vec![Stop::EmptyPage])),
        totalled(sized(offset(), vec![Stop::ShortPage])),
    ]
}

proptest! {
    #[test]
    fn every_row_comes_once_whatever_the_style(rows in 0..70_usize, cap in 1..20_usize) {
        for Style { rules, shows_total, links, says_more } in each_style(cap as u64) {
            let server = Server { keys: (0..rows as i64).collect(), cap, shows_total, links, says_more };
            let (read, end) = walk(&server, &rules).expect("a walk");
            prop_assert_eq!(&read, &(0..rows).collect::<Vec<_>>());
            prop_assert!(!end.bounded && end.slid.is_none(), "{:?}", end);
        }
    }

    #[test]
    fn a_smaller_page_than_asked_for_loses_nothing(rows in 0..70_usize, cap in 1..20_usize) {
        for Style { rules, shows_total, links, says_more } in each_style(1_000) {
            if rules.stop.iter().any(|stop| matches!(stop, Stop::ShortPage)) && !shows_total {
                continue;
            }
            let server = Server { keys: (0..rows as i64).collect(), cap, shows_total, links, says_more };
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
        for Style { rules, shows_total, links, says_more } in each_style(cap as u64) {
            let rules = Pagination { restart_after: Some(RestartAfter { pages }), ..rules };
            let server = Server { keys: keys.clone(), cap, shows_total, links, says_more };
            let (mut read, end) = walk(&server, &rules).expect("a walk");
            read.sort_unstable();
            read.dedup();
            prop_assert_eq!(&read, &(0..keys.len()).collect::<Vec<_>>());
            prop_assert!(end.slid.is_none(), "{:?}", end);
        }
    }
}
