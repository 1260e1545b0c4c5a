//! `/cases` and its children, and what is said on cases in lists of the whole site.

use super::{Ask, by_id, case_search, empty, many, one};
use crate::answer::Answer;
use crate::model::{Case, Feedback};
use crate::page::{self, Paging};
use crate::select::{Filters, Rows, Sort, select};
use crate::site::Site;
use crate::view;

/// The documentation said 500; the official migration tool found 100.
pub(super) const CASES: Paging = Paging::up_to(100);
const CHILDREN: Paging = Paging::up_to(100);
/// Notes of the whole site may be paged far deeper than anything else.
const NOTES: Paging = Paging { deepest: 30_000, ..Paging::up_to(100) };

pub(super) const SORTS: [Sort<Case>; 3] = [
    Sort { field: "priority", compare: |one, other| one.priority.cmp(&other.priority) },
    Sort { field: "status", compare: |one, other| one.status.cmp(other.status) },
    Sort { field: "received_at", compare: |one, other| one.received_at.cmp(&other.received_at) },
];

pub(super) fn cases(site: &Site, ask: &Ask<'_>, path: &[&str]) -> Option<Answer> {
    match path {
        [] => Some(list(site, ask)),
        ["search"] => Some(case_search::search(site, ask)),
        [id, child @ ..] => {
            let case = match id.strip_prefix("e-") {
                Some(external) => {
                    (site.cases.rows().iter()).find(|case| case.external_id.as_deref() == Some(external))?
                }
                None => by_id(&site.cases, id)?,
            };
            of_case(site, ask, case, child)
        }
    }
}

fn of_case(site: &Site, ask: &Ask<'_>, case: &Case, child: &[&str]) -> Option<Answer> {
    let replies = case.interactions.get(1..).unwrap_or_default();
    let said = Rows::known(replies, ask.query);
    Some(match child {
        [] => one(ask, |object| view::case(site, case, object)),
        ["message"] => {
            let message = site.conversation(case).next()?;
            one(ask, |object| view::reply(site, message, object))
        }
        ["replies"] => many(ask, CHILDREN, &site.interactions, &said, |reply, object| {
            view::reply(site, reply, object);
        }),
        ["replies", id] => {
            let reply = by_id(&site.interactions, id)?;
            let is_reply = reply.case == case.id && !reply.is_message;
            is_reply.then(|| one(ask, |object| view::reply(site, reply, object)))?
        }
        ["notes"] => {
            let notes = Rows::known(&case.notes, ask.query);
            many(ask, CHILDREN, &site.notes, &notes, view::note)
        }
        ["attachments"] => {
            let attachments = Rows::known(&case.attachments, ask.query);
            many(ask, CHILDREN, &site.attachments, &attachments, view::attachment)
        }
        ["labels"] => {
            let rows: Vec<u32> =
                (case.labels.iter()).filter_map(|&id| u32::try_from(site.labels.position(id)?).ok()).collect();
            let labels = Rows::known(&rows, ask.query);
            many(ask, CHILDREN, &site.labels, &labels, view::label)
        }
        ["history"] => {
            let all = Rows::known(&case.interactions, ask.query);
            many(ask, CHILDREN, &site.interactions, &all, view::history)
        }
        ["feedbacks"] => {
            let keep = |feedback: &Feedback| feedback.case == case.id;
            let rows = select(&site.feedbacks, ask.query, &Filters::NONE, &[], Some(&keep));
            many(ask, CHILDREN, &site.feedbacks, &rows, view::feedback)
        }
        ["links"] | ["message", "attachments" | "splits"] | ["replies", _, "attachments" | "splits"] => empty(ask),
        _ => return None,
    })
}

/// Cases of one customer, which `/customers/{id}/cases` lists too.
pub(super) fn of_customer(site: &Site, ask: &Ask<'_>, rows: &[u32]) -> Answer {
    let rows = Rows::known(rows, ask.query);
    many(ask, CASES, &site.cases, &rows, |case, object| {
        view::case(site, case, object);
    })
}

pub(super) fn of_company(site: &Site, ask: &Ask<'_>, company: u64) -> Answer {
    let keep = |case: &Case| (site.customers.get(case.customer)).is_some_and(|owner| owner.company == Some(company));
    let rows = select(&site.cases, ask.query, &Filters::of_list(ask.query), &SORTS, Some(&keep));
    many(ask, CASES, &site.cases, &rows, |case, object| {
        view::case(site, case, object);
    })
}

/// The plain list knows few filters; of the rest it takes no notice.
fn list(site: &Site, ask: &Ask<'_>) -> Answer {
    let query = ask.query;
    let number = |name: &str| query.get(name).and_then(|id| id.parse::<u64>().ok());
    let (customer, company) = (number("customer_id"), number("company_id"));
    let keep = |case: &Case| {
        customer.is_none_or(|id| case.customer == id)
            && company
                .is_none_or(|id| (site.customers.get(case.customer)).is_some_and(|owner| owner.company == Some(id)))
    };
    let keep: Option<&dyn Fn(&Case) -> bool> = query.has_any(&["customer_id", "company_id"]).then_some(&keep);
    let rows = select(&site.cases, query, &Filters::of_list(query), &SORTS, keep);
    many(ask, CASES, &site.cases, &rows, |case, object| {
        view::case(site, case, object);
    })
}

pub(super) fn interactions(site: &Site, ask: &Ask<'_>) -> Answer {
    let since = ask.query.get("since_id").and_then(|id| id.parse::<u64>().ok()).unwrap_or(0);
    let rows = site.interactions.rows();
    // "greater than since_id", says the refusal at the end: exclusive, unlike the other lists.
    let after = &rows[rows.partition_point(|said| said.id <= since)..];
    let ids: Vec<u64> = after.iter().take(CHILDREN.max).map(|said| said.id).collect();
    page::cursor(ask, CHILDREN, &ids, |place, object| {
        view::interaction(site, &after[place], object);
    })
}

pub(super) fn notes(site: &Site, ask: &Ask<'_>) -> Answer {
    many(ask, NOTES, &site.notes, &Rows::all(&site.notes), view::note)
}

pub(super) fn feedbacks(site: &Site, ask: &Ask<'_>, path: &[&str]) -> Option<Answer> {
    Some(match path {
        [] => {
            let rows = select(&site.feedbacks, ask.query, &Filters::NONE, &[], None);
            many(ask, CHILDREN, &site.feedbacks, &rows, view::feedback)
        }
        [id] => {
            let feedback = by_id(&site.feedbacks, id)?;
            one(ask, |object| view::feedback(feedback, object))
        }
        _ => return None,
    })
}
