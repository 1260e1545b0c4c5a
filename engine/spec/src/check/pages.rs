//! Pagination: what `http` and a stream say of it together, and whether it comes to an end.

use super::names::Names;
use crate::diagnostic::Diagnostic;
use crate::grammar::Reader;
use crate::language::{self, Pagination, PaginationForm, StopForm};
use crate::model::{Next, PageSize, RestartAfter, Stop};

/// What a stream says of its pages over what `http` says, key by key; another way to the next page
/// takes the shared one's place with its stop rules.
pub(super) fn merge_pagination(shared: Option<&PaginationForm>, own: Option<&PaginationForm>) -> Option<Pagination> {
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
        restart_after: own.restart_after.or(shared.restart_after),
        ..shared
    })
}

fn next(form: &Pagination) -> Option<language::NextForm> {
    if let Some(path) = &form.next_url {
        return Some((Next::NextUrl { path: path.value.clone() }, path.place.clone()));
    }
    if let Some(link) = &form.link_header {
        return Some((Next::LinkHeader, link.place.clone()));
    }
    if let Some(page) = &form.page_number {
        let param = page.param.as_ref()?;
        let next = Next::PageNumber { param: param.value.clone(), first: page.first.unwrap_or(1) };
        return Some((next, param.place.clone()));
    }
    if let Some(offset) = &form.offset {
        let param = offset.param.as_ref()?;
        let next = Next::Offset { param: param.value.clone(), first: offset.first.unwrap_or(0) };
        return Some((next, param.place.clone()));
    }
    let cursor = form.cursor.as_ref()?;
    let (path, param) = (cursor.from.as_ref()?, cursor.param.as_ref()?);
    Some((Next::Cursor { path: path.value.clone(), param: param.value.clone() }, param.place.clone()))
}

/// Lowers the merged pagination of a stream. `tell` is false for what `http` said and another stream told.
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
        restart_after: None,
    };
    let Some(form) = form else { return single };
    // What `http` says may be what is missing here.
    let http = names.whole.spec.http.as_ref();
    let shared_unread = http.is_none_or(|http| http.pagination.is_none() && http.said("pagination").is_some());
    stop_conditions(names, form, reader);
    let Some((next, place)) = next(form) else {
        if !shared_unread {
            without_way(form, reader);
        }
        return single;
    };
    let size = form.size.as_ref().and_then(|size| {
        let value = u64::try_from(size.value.as_ref()?.0.value).ok()?;
        Some(PageSize { param: size.param.as_ref()?.value.clone(), value })
    });
    let stop: Vec<Stop> = stops(form, shared_unread, reader);
    let counts = matches!(next, Next::PageNumber { .. } | Next::Offset { .. });
    let ends = ["stop", "total"].iter().any(|key| form.said(key).is_some());
    if counts && stop.is_empty() && form.total.is_none() && !ends {
        let fault = Diagnostic::new("nothing says where this count of pages ends", place);
        reader.fault(
            fault.help("give `total: $.path` where the API tells it, or `stop: short_page` or `stop: empty_page`"),
        );
    }
    crate::model::Pagination {
        next,
        size,
        stop: if counts && form.total.is_some() { [stop, vec![Stop::Total]].concat() } else { stop },
        total: form.total.as_ref().map(|path| path.value.clone()),
        max_pages: form.max_pages.as_ref().and_then(|pages| u64::try_from(pages.0.value).ok()),
        restart_after: form
            .restart_after
            .as_ref()
            .and_then(|restart| Some(RestartAfter { pages: u64::try_from(restart.pages.as_ref()?.0.value).ok()? })),
    }
}

/// The keys of which one leads to the next page.
const WAYS: [&str; 5] = ["next_url", "link_header", "page_number", "offset", "cursor"];

fn without_way(form: &Pagination, reader: &mut Reader<'_>) {
    if WAYS.iter().any(|way| form.said(way).is_some()) {
        return;
    }
    let other = ["size", "stop", "total", "max_pages", "restart_after"];
    let said = other.iter().find_map(|key| Some((key, form.said(key)?)));
    let fault = match said {
        Some((key, place)) => {
            Diagnostic::new(format!("`{key}` stands here, and nothing leads to the next page"), place.clone())
        }
        None => Diagnostic::new("nothing leads to the next page", form.place.clone()),
    };
    reader.fault(fault.help("add one of `next_url`, `link_header`, `page_number`, `offset` or `cursor`"));
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
