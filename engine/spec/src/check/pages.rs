//! Pagination: what `http` and a stream say of it together, and whether it comes to an end.

use super::names::Names;
use super::scope::Scope;
use super::{Whole, named};
use crate::diagnostic::Diagnostic;
use crate::grammar::Reader;
use crate::language::{self, Carried, Pagination, PaginationForm, StopForm, TotalForm};
use crate::model::{Carrier, Next, PageSize, RestartAfter, Stop, Token, Total};
use crate::source::Place;

/// What a stream says of its pages over what `http` says, key by key; another way to the next page
/// takes the shared one's place with its stop rules.
pub(super) fn merged(whole: &Whole<'_>, stream: &language::Stream) -> Option<Pagination> {
    let shared = whole.spec.http.as_ref().and_then(|http| http.pagination.as_ref());
    let own = stream.pagination.as_ref();
    let form = |form: &PaginationForm| match form {
        PaginationForm::None => None,
        PaginationForm::Form(form) => Some((**form).clone()),
    };
    let Some(own) = own else { return shared.and_then(form) };
    let own = form(own)?;
    let Some(shared) = shared.and_then(form) else { return Some(own) };
    if WAYS.iter().any(|way| own.said(way).is_some()) {
        return Some(Pagination {
            size: own.size.or(shared.size),
            restart_after: own.restart_after.or(shared.restart_after),
            max_pages: own.max_pages.or(shared.max_pages),
            max_records: own.max_records.or(shared.max_records),
            said: [own.said, shared.said.into_iter().filter(|key| !WAYS.contains(&&*key.text)).collect()].concat(),
            ..own
        });
    }
    Some(Pagination {
        place: own.place,
        said: [own.said, shared.said].concat(),
        size: own.size.or(shared.size),
        stop: own.stop.or(shared.stop),
        total: own.total.or(shared.total),
        max_pages: own.max_pages.or(shared.max_pages),
        max_records: own.max_records.or(shared.max_records),
        restart_after: own.restart_after.or(shared.restart_after),
        ahead: own.ahead.or(shared.ahead),
        ..shared
    })
}

/// What leads to the next page, with the place of the key that says it.
fn next(form: &Pagination) -> Option<(Next, Place)> {
    if let Some(path) = &form.next_url {
        return Some((Next::NextUrl { path: path.value.clone() }, path.place.clone()));
    }
    if let Some(link) = &form.link_header {
        return Some((Next::LinkHeader, link.place.clone()));
    }
    if let Some(path) = &form.merge {
        return Some((Next::Merge { path: path.value.clone() }, path.place.clone()));
    }
    if let Some(page) = &form.page_number {
        let (send, place) = carrier(&page.carried)?;
        return Some((Next::PageNumber { send, first: page.first.unwrap_or(1) }, place));
    }
    if let Some(offset) = &form.offset {
        let (send, place) = carrier(&offset.counted.carried)?;
        let first = offset.counted.first.unwrap_or(0);
        return Some((Next::Offset { send, first, overlap: offset.overlap }, place));
    }
    let cursor = form.cursor.as_ref()?;
    let (send, _) = carrier(&cursor.carried())?;
    let (token, place) = match (&cursor.from, &cursor.header, &cursor.last) {
        (Some(path), ..) => (Token::Body(path.value.clone()), path.place.clone()),
        (_, Some(header), _) => (Token::Header(header.value.clone()), header.place.clone()),
        (.., Some(last)) => (Token::Last(last.keys.clone()), last.place.clone()),
        _ => return None,
    };
    Some((Next::Cursor { token, send }, place))
}

/// Where a value goes, with the place that says it.
pub(super) fn carrier(carried: &Carried) -> Option<(Carrier, Place)> {
    if let Some(param) = &carried.param {
        return Some((Carrier::Query(param.value.clone()), param.place.clone()));
    }
    let send = carried.send.as_ref()?;
    if let Some(query) = &send.query {
        return Some((Carrier::Query(query.value.clone()), query.place.clone()));
    }
    if let Some(header) = &send.header {
        return Some((Carrier::Header(header.value.clone()), header.place.clone()));
    }
    if let Some(path) = &send.path {
        return Some((Carrier::Path(path.value.clone()), path.place.clone()));
    }
    if let Some(name) = &send.form {
        return Some((Carrier::Form(name.value.clone()), name.place.clone()));
    }
    let body = send.body.as_ref()?;
    Some((Carrier::Body(body.keys.clone()), body.place.clone()))
}

/// A cursor that is sent nowhere, or to two places.
pub(super) fn cursor_is_sent(form: &Pagination, reader: &mut Reader<'_>) {
    let Some(cursor) = &form.cursor else { return };
    match (cursor.said("param"), cursor.said("send")) {
        (None, None) => {
            let place = form.said("cursor").cloned().unwrap_or(cursor.place.clone());
            let fault = Diagnostic::new("nothing says where the cursor goes", place);
            reader.fault(fault.help("add `param:` with the query parameter that carries it, or `send:`"));
        }
        (Some(_), Some(send)) => {
            let fault = Diagnostic::new("`param` and `send` exclude each other", send.clone());
            reader.fault(fault.help("keep one of them"));
        }
        _ => {}
    }
}

/// A path of the next request that has no place for the cursor, or is none; one for what is no cursor.
fn paths(names: &Names<'_, '_>, form: &Pagination, reader: &mut Reader<'_>) {
    let counted = form
        .page_number
        .iter()
        .chain(form.offset.iter().map(|offset| &offset.counted))
        .filter_map(|counted| counted.carried.send.as_ref());
    let size = form.size.iter().filter_map(|size| size.send.as_ref());
    for path in counted.chain(size).filter_map(|send| send.path.as_ref()) {
        let fault = Diagnostic::new("only a cursor goes into the path", path.place.clone());
        reader.fault(fault.help("send it by `query`, `header`, `body` or `form`"));
    }
    let send = form.cursor.as_ref().and_then(|cursor| cursor.send.as_ref());
    let Some(path) = send.and_then(|send| send.path.as_ref()) else { return };
    Names { scope: Scope::Turn, ..*names }.template(&path.value, &path.place, reader);
    let text = path.value.source();
    if !text.starts_with('/') || path.value.literals().any(|text| text.contains([' ', '?', '#'])) {
        let fault = Diagnostic::new(format!("`{text}` is no path"), path.place.clone());
        reader.fault(fault.help("a path begins with `/` and has no space and no query, as in `/export/{{ cursor }}`"));
    } else if !path.value.reads("cursor") {
        let fault = Diagnostic::new("the path is the same for each page", path.place.clone());
        reader.fault(fault.help("it should read the token, as in `/export/{{ cursor }}`"));
    }
}

/// Lowers the merged pagination of a stream.
pub(super) fn pagination(
    names: &Names<'_, '_>,
    form: Option<&Pagination>,
    reader: &mut Reader<'_>,
) -> crate::model::Pagination {
    let single = crate::model::Pagination {
        next: Next::Single,
        size: None,
        stop: Vec::new(),
        total: None,
        max_pages: None,
        max_records: None,
        restart_after: None,
        ahead: 1,
    };
    let Some(form) = form else { return single };
    // What `http` says may be what is missing here.
    let http = names.whole.spec.http.as_ref();
    let shared_unread = http.is_none_or(|http| http.pagination.is_none() && http.said("pagination").is_some());
    stop_conditions(names, form, reader);
    cursor_is_sent(form, reader);
    paths(names, form, reader);
    let chosen =
        form.hook.as_ref().map(|hook| (Next::Hook(named::named(names.whole, hook, reader)), hook.place.clone()));
    let Some((next, place)) = chosen.or_else(|| next(form)) else {
        if !shared_unread {
            without_way(form, reader);
        }
        return single;
    };
    let stop: Vec<Stop> = stops(form, shared_unread, reader);
    let counts = matches!(next, Next::PageNumber { .. } | Next::Offset { .. });
    has_end(form, (&next, place), &stop, reader);
    goes_on(form, &next, reader);
    let whole = |number: &language::Positive| u64::try_from(number.0.value).ok();
    let ahead = ahead(form, &next, reader);
    crate::model::Pagination {
        next,
        size: form.size.as_ref().and_then(|size| {
            let (send, _) = carrier(&Carried { param: size.param.clone(), send: size.send.clone() })?;
            Some(PageSize { send, value: whole(size.value.as_ref()?)? })
        }),
        stop: if counts && form.total.is_some() { [stop, vec![Stop::Total]].concat() } else { stop },
        total: form.total.as_ref().map(|total| match total {
            TotalForm::Body(path) => Total::Body(path.value.clone()),
            TotalForm::Header(name) => Total::Header(name.clone()),
        }),
        max_pages: form.max_pages.as_ref().and_then(whole),
        max_records: form.max_records.as_ref().and_then(whole),
        restart_after: form
            .restart_after
            .as_ref()
            .and_then(|restart| Some(RestartAfter { pages: whole(restart.pages.as_ref()?)? })),
        ahead,
    }
}

/// Reports pages that would never lead on.
fn goes_on(form: &Pagination, next: &Next, reader: &mut Reader<'_>) {
    let size = form.size.as_ref().and_then(|size| Some(size.value.as_ref()?.0.value));
    if let (Next::Offset { overlap: true, .. }, Some(1), Some(offset)) = (next, size, &form.offset) {
        let message = "a page of one record that begins with the last one of the page before has nothing new";
        let fault = Diagnostic::new(message, offset.place.clone());
        reader.fault(fault.help("ask for larger pages, or take `overlap` out"));
    }
}

/// Reports a walk that goes on for as long as we ask, where nothing says when to stop.
fn has_end(form: &Pagination, (next, place): (&Next, Place), stop: &[Stop], reader: &mut Reader<'_>) {
    if !stop.is_empty() || form.said("stop").is_some() {
        return;
    }
    let fault = match next {
        Next::PageNumber { .. } | Next::Offset { .. } if form.total.is_none() && form.said("total").is_none() => {
            Diagnostic::new("nothing says where this count of pages ends", place)
                .help("give `total: $.path` or `total: {header: NAME}` where the API tells it, or `stop: short_page` or `stop: empty_page`")
        }
        Next::Cursor { token: Token::Last(_), .. } => {
            Diagnostic::new("every page has a last record, so nothing says where these pages end", place)
                .help("give `stop: {more: $.has_more}` where the API tells it, or `stop: empty_page`")
        }
        _ => return,
    };
    reader.fault(fault);
}

/// The keys of which one leads to the next page.
const WAYS: [&str; 7] = ["next_url", "link_header", "page_number", "offset", "cursor", "merge", "hook"];

fn without_way(form: &Pagination, reader: &mut Reader<'_>) {
    if WAYS.iter().any(|way| form.said(way).is_some()) {
        return;
    }
    let other = ["size", "stop", "total", "max_pages", "max_records", "restart_after", "ahead"];
    let said = other.iter().find_map(|key| Some((key, form.said(key)?)));
    let fault = match said {
        Some((key, place)) => {
            Diagnostic::new(format!("`{key}` stands here, and nothing leads to the next page"), place.clone())
        }
        None => Diagnostic::new("nothing leads to the next page", form.place.clone()),
    };
    reader.fault(
        fault.help("add one of `next_url`, `link_header`, `page_number`, `offset`, `cursor`, `merge` or `hook`"),
    );
}

/// Answers that may wait in memory for their turn.
const MOST_AHEAD: i64 = 100;

/// How many pages are asked for at once.
fn ahead(form: &Pagination, next: &Next, reader: &mut Reader<'_>) -> u64 {
    let Some(ahead) = &form.ahead else { return 1 };
    let place = ahead.0.place.clone();
    let why = match next {
        Next::PageNumber { .. } | Next::Offset { .. } if form.said("restart_after").is_some() => Some((
            "where a walk begins anew from the last key, the page before the next one must be there",
            "keep one of `ahead` and `restart_after`",
        )),
        Next::Offset { .. } if form.said("size").is_none() => Some((
            "the next offsets are not known before a page has come",
            "add `size: {param: limit, value: 100}`: pages of a known size have known offsets",
        )),
        Next::PageNumber { .. } | Next::Offset { .. } if ahead.0.value > MOST_AHEAD => {
            Some(("so many answers at once do not fit into memory", "ask for 100 pages at once at most"))
        }
        Next::PageNumber { .. } | Next::Offset { .. } => None,
        _ => Some((
            "only a page says here what follows it, so none can be asked for ahead",
            "`ahead` goes with `page_number` and `offset`",
        )),
    };
    let Some((what, help)) = why else { return u64::try_from(ahead.0.value).unwrap_or(1) };
    reader.fault(Diagnostic::new(what, place).help(help));
    1
}

fn stops(form: &Pagination, shared_unread: bool, reader: &mut Reader<'_>) -> Vec<Stop> {
    let sized = shared_unread || form.said("size").is_some();
    let mut stops = Vec::new();
    for stop in form.stop.iter().flat_map(|stop| &stop.0) {
        stops.push(match stop {
            StopForm::ShortPage(place) => {
                if !sized {
                    let fault = Diagnostic::new("`short_page` needs to know the size of a full page", place.clone());
                    reader.fault(fault.help("add `size: {param: per_page, value: 100}`"));
                }
                Stop::ShortPage
            }
            StopForm::EmptyPage => Stop::EmptyPage,
            StopForm::When(condition) => Stop::When(condition.value.clone()),
            StopForm::More(path) => {
                if stops.iter().any(|stop| matches!(stop, Stop::More(_))) {
                    let fault = Diagnostic::new("two paths would say whether there is more", path.place.clone());
                    reader.fault(fault.help("keep one, and write the other as a condition: `{when: \"{{ … }}\"}`"));
                }
                Stop::More(path.value.clone())
            }
        });
    }
    stops
}

pub(super) fn stop_conditions(names: &Names<'_, '_>, form: &Pagination, reader: &mut Reader<'_>) {
    for stop in form.stop.iter().flat_map(|stop| &stop.0) {
        if let StopForm::When(condition) = stop {
            names.condition(&condition.value, &condition.place, reader);
        }
    }
}
