//! The envelope of a list: how many there are, which page this is, and the links to the others.

use crate::answer::Answer;
use crate::json::{self, Generation, Object, Shape};
use crate::options::Era;
use crate::query::Query;
use crate::route::Ask;

/// How a list may be paged.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Paging {
    pub(crate) default: usize,
    pub(crate) max: usize,
    /// The last page that is served; the next one is refused.
    pub(crate) deepest: usize,
}

impl Paging {
    /// 50 entries unless asked, and never past page 500.
    pub(crate) const fn up_to(max: usize) -> Self {
        Self { default: 50, max, deepest: 500 }
    }
}

#[derive(Clone, Copy, Debug)]
struct Page {
    number: usize,
    size: usize,
}

/// Answers the page that was asked for; `write` writes the entry at a place of the whole list.
pub(crate) fn list(ask: &Ask<'_>, paging: Paging, total: usize, write: impl Fn(usize, &mut Object<'_>)) -> Answer {
    let page = match read(ask, paging) {
        Ok(page) => page,
        Err(refused) => return refused,
    };
    let shape = ask.shape();
    let start = ((page.number - 1) * page.size).min(total);
    let end = (start + page.size).min(total);
    let mut body = Vec::with_capacity(512 + (end - start) * 1024);
    // The envelope's own attributes are no record's: `fields=` does not reach them.
    let envelope_shape = Shape::whole(shape.generation, shape.era);
    json::object(&mut body, &envelope_shape, |envelope| {
        heading(envelope, total, page.number);
        envelope.nest("_links", |links| page_links(links, ask, page, total));
        envelope.nest("_embedded", |embedded| {
            embedded.list_of("entries", start..end, &shape, &write);
        });
    });
    Answer::found(body, shape.generation)
}

fn read(ask: &Ask<'_>, paging: Paging) -> Result<Page, Answer> {
    let number = |name: &str, otherwise: usize| match ask.query.get(name) {
        None => Ok(otherwise),
        Some(text) => (text.parse::<usize>().ok().filter(|number| *number > 0))
            .ok_or_else(|| Answer::refused(422, &format!("{name} parameter must be greater than 0"))),
    };
    let page = Page { number: number("page", 1)?, size: number("per_page", paging.default)? };
    let too_large = |name: &str, most: usize| {
        let message = format!("{name} parameter must be less than or equal to {most}");
        Err(Answer::refused(422, &message))
    };
    if page.number > paging.deepest {
        return too_large("page", paging.deepest);
    }
    if page.size > paging.max && ask.rules.strict_per_page {
        return too_large("per_page", paging.max);
    }
    Ok(Page { size: page.size.min(paging.max), ..page })
}

/// `page` is missing in bodies of 2013; the newer service names it first.
fn heading(envelope: &mut Object<'_>, total: usize, page: usize) {
    match (envelope.shape().generation, envelope.shape().era) {
        (_, Era::Early) => envelope.put("total_entries", &total),
        (Generation::A, _) => {
            envelope.put("total_entries", &total);
            envelope.put("page", &page);
        }
        (Generation::B, _) => {
            envelope.put("page", &page);
            envelope.put("total_entries", &total);
        }
    }
}

fn page_links(links: &mut Object<'_>, ask: &Ask<'_>, page: Page, total: usize) {
    let last = total.div_ceil(page.size).max(1);
    let to = |number: usize| href(ask, number, page.size);
    let previous = (page.number > 1).then(|| to(page.number - 1));
    let next = (page.number < last).then(|| to(page.number + 1));
    links.link("self", "page", &to(page.number));
    links.link("first", "page", &to(1));
    links.link("last", "page", &to(last));
    if links.shape().generation == Generation::A {
        links.link_to("previous", "page", previous);
        links.link_to("next", "page", next);
    } else {
        links.link_to("next", "page", next);
        links.link_to("previous", "page", previous);
    }
}

/// Own parameters first, then `page` and `per_page`. Article searches of 2013 lost both their path and
/// their parameters; a switch brings that back.
fn href(ask: &Ask<'_>, number: usize, size: usize) -> String {
    let forgets = ask.rules.forgetful_search && ask.path == "/api/v2/articles/search";
    let mut link = match forgets {
        true => "/api/v2/articles?".to_owned(),
        false => format!("{}?", ask.path),
    };
    for param in ask.query.own().filter(|_| !forgets) {
        param.append_to(&mut link);
    }
    for paged in Query::parse(&format!("page={number}&per_page={size}")).0 {
        paged.append_to(&mut link);
    }
    link
}

/// The interactions' walk: `since_id` is exclusive, `next` is a cursor that never ends, and the request
/// after the last answer is refused.
pub(crate) fn cursor(ask: &Ask<'_>, paging: Paging, ids: &[u64], write: impl Fn(usize, &mut Object<'_>)) -> Answer {
    let page = match read(ask, paging) {
        Ok(page) => page,
        Err(refused) => return refused,
    };
    let size = page.size.min(ids.len());
    let Some(last) = ids[..size].last() else {
        return Answer::refused(422, "no records found with id greater than since_id");
    };
    let shape = ask.shape();
    let mut body = Vec::with_capacity(512 + size * 1024);
    let envelope_shape = Shape::whole(shape.generation, shape.era);
    let here = cursor_href(ask, page.size, ask.query.get("since_id"));
    json::object(&mut body, &envelope_shape, |envelope| {
        heading(envelope, size, 1);
        envelope.nest("_links", |links| {
            for name in ["self", "first", "last"] {
                links.link(name, "page", &here);
            }
            links.put("previous", &());
            links.link("next", "page", &cursor_href(ask, page.size, Some(&last.to_string())));
        });
        envelope.nest("_embedded", |embedded| {
            embedded.list_of("entries", 0..size, &shape, &write);
        });
    });
    Answer::found(body, shape.generation)
}

/// Parameters stand in alphabetical order here, as in the recorded page.
fn cursor_href(ask: &Ask<'_>, per_page: usize, since_id: Option<&str>) -> String {
    let mut params: Vec<_> = ask.query.own().filter(|param| param.name != "since_id").cloned().collect();
    params.extend(Query::parse(&format!("per_page={per_page}")).0);
    if let Some(since_id) = since_id {
        params.extend(Query::parse(&format!("since_id={since_id}")).0);
    }
    params.sort_by(|one, other| one.name.cmp(&other.name));
    let mut link = format!("{}?", ask.path);
    for param in params {
        param.append_to(&mut link);
    }
    link
}
