//! Where in an answer of a stream stands what a walk reads.

use tapwright_spec::model::{Bookmark, Next, Replication, Stop, Stream, Token, Total};
use tapwright_spec::path::Path;

use super::form::Form;
use super::graphql::path_of_errors;
use super::split::Wanted;

/// What is read of an answer, and in which slots.
pub(super) struct Places {
    pub(super) page: Form,
    pub(super) other: Wanted,
    pub(super) next: Option<usize>,
    pub(super) more: Option<usize>,
    pub(super) total: Option<usize>,
    pub(super) token: Option<usize>,
    pub(super) errors: Option<usize>,
    pub(super) first_of_rules: usize,
}

fn in_body(token: &Token) -> Option<&Path> {
    match token {
        Token::Body(path) => Some(path),
        _ => None,
    }
}

impl Places {
    pub(super) fn of(stream: &Stream) -> Places {
        let mut values = Vec::new();
        let mut slot = |path: &Path| {
            values.push(path.clone());
            values.len() - 1
        };
        let next = match &stream.pagination.next {
            Next::NextUrl { path } | Next::Merge { path } | Next::Cursor { token: Token::Body(path), .. } => {
                Some(slot(path))
            }
            _ => None,
        };
        let more = stream.pagination.stop.iter().find_map(|stop| match stop {
            Stop::More(path) => Some(slot(path)),
            _ => None,
        });
        let total = match &stream.pagination.total {
            Some(Total::Body(path)) => Some(slot(path)),
            _ => None,
        };
        let token = match &stream.replication {
            Replication::Feed(feed) => in_body(&feed.token),
            Replication::Incremental(incremental) => match &incremental.bookmark {
                Bookmark::Told(told) => in_body(&told.at),
                Bookmark::Key(_) => None,
            },
            Replication::FullTable => None,
        }
        .map(&mut slot);
        let errors = path_of_errors(&stream.request).as_ref().map(slot);
        let first_of_rules = values.len();
        let rules = stream.on_response.iter();
        let of_rules: Vec<Path> = rules.filter_map(|rule| rule.when.body.clone()).collect();
        values.extend(of_rules.iter().cloned());
        let (page, other) = (Form::of(stream, values), Wanted::new(None, of_rules));
        Places { page, other, next, more, total, token, errors, first_of_rules }
    }
}
