//! `/cases` and its children, and what is said on cases in lists of the whole site.

use super::{Ask, by_id, empty, many, one};
use crate::answer::Answer;
use crate::lucene::Question;
use crate::model::Case;
use crate::moment::Moment;
use crate::page::{self, Paging};
use crate::query::Query;
use crate::select::{Filters, Rows, Sort, select};
use crate::site::Site;
use crate::view;

/// The documentation said 500; the official migration tool found 100.
const CASES: Paging = Paging::up_to(100);
const CHILDREN: Paging = Paging::up_to(100);
/// Notes of the whole site may be paged far deeper than anything else.
const NOTES: Paging = Paging { deepest: 30_000, ..Paging::up_to(100) };

const SORTS: [Sort<Case>; 3] = [
    Sort { field: "priority", compare: |one, other| one.priority.cmp(&other.priority) },
    Sort { field: "status", compare: |one, other| one.status.cmp(other.status) },
    Sort { field: "received_at", compare: |one, other| one.received_at.cmp(&other.received_at) },
];

pub(super) fn cases(site: &Site, ask: &Ask<'_>, path: &[&str]) -> Option<Answer> {
    match path {
        [] => Some(list(site, ask)),
        ["search"] => Some(search(site, ask)),
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
            let keep = |feedback: &crate::model::Feedback| feedback.case == case.id;
            let rows = select(&site.feedbacks, ask.query, &Filters::NONE, &[], Some(&keep));
            many(ask, CHILDREN, &site.feedbacks, &rows, view::feedback)
        }
        ["links"] | [_, _, "attachments" | "splits"] | ["message", _] => empty(ask),
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

fn search(site: &Site, ask: &Ask<'_>) -> Answer {
    let query = ask.query;
    let question = query.get("q").map(Question::parse);
    let filters = Filters::of_search(query, question.as_ref());
    let keep = |case: &Case| {
        matches(site, case, query)
            && (question.as_ref()).is_none_or(|question| {
                question.is_found_in(&[&case.subject, case.blurb.as_deref().unwrap_or_default()])
            })
    };
    let has_words = question.as_ref().is_some_and(|question| !question.words.is_empty());
    let is_narrowed =
        has_words || query.has_any(&SEARCHED) || query.0.iter().any(|param| param.name.starts_with("custom_"));
    let keep: Option<&dyn Fn(&Case) -> bool> = is_narrowed.then_some(&keep);
    let rows = select(&site.cases, query, &filters, &SORTS, keep);
    many(ask, CASES, &site.cases, &rows, |case, object| {
        view::case(site, case, object);
    })
}

/// Parameters of a search that look into a case or its customer.
const SEARCHED: [&str; 20] = [
    "name",
    "first_name",
    "last_name",
    "email",
    "phone",
    "company",
    "twitter",
    "labels",
    "case_id",
    "subject",
    "description",
    "status",
    "priority",
    "assigned_group",
    "assigned_user",
    "channels",
    "notes",
    "attachments",
    "created",
    "updated",
];

fn matches(site: &Site, case: &Case, query: &Query) -> bool {
    query.own().filter(|param| !param.value.is_empty()).all(|param| {
        let any = |accept: &dyn Fn(&str) -> bool| param.value.split(',').any(|one| accept(one.trim()));
        let text = param.value.as_str();
        match param.name.as_str() {
            "name" | "first_name" | "last_name" | "email" | "phone" | "company" => (site.customers.get(case.customer))
                .is_some_and(|owner| super::people::matches(owner, &param.name, text)),
            // The site's customers are linked to no twitter user.
            "twitter" => false,
            "labels" => any(&|name| case.labels.iter().any(|&id| site.label_name(id) == Some(name))),
            "case_id" => any(&|id| id.parse() == Ok(case.id)),
            "subject" => contains(&case.subject, text),
            "description" => contains(case.description.as_deref().unwrap_or_default(), text),
            "status" => any(&|status| status == case.status),
            "priority" => any(&|priority| priority.parse() == Ok(case.priority)),
            "assigned_group" => {
                any(&|group| is_named(case.assigned_group, group, |id| site.groups.get(id).map(|group| group.name)))
            }
            "assigned_user" => {
                any(&|user| is_named(case.assigned_user, user, |id| site.users.get(id).map(|user| user.name.as_str())))
            }
            "channels" => any(&|channel| channel == case.channel.name()),
            "notes" => case.notes.iter().any(|&row| contains(&site.notes.rows()[row as usize].body, text)),
            "attachments" => {
                (case.attachments.iter()).any(|&row| contains(&site.attachments.rows()[row as usize].file_name, text))
            }
            "created" => is_recent(site.clock, case.created_at, text),
            "updated" => is_recent(site.clock, case.updated_at, text),
            name => match name.strip_prefix("custom_") {
                Some(field) => has_custom(site, case, field, text),
                None => true,
            },
        }
    })
}

pub(super) fn contains(text: &str, part: &str) -> bool {
    text.to_lowercase().contains(&part.to_lowercase())
}

/// Agents and groups are searched by name; an id is taken as well.
fn is_named<'s>(id: Option<u64>, asked: &str, name: impl Fn(u64) -> Option<&'s str>) -> bool {
    id.is_some_and(|id| asked.parse() == Ok(id) || name(id) == Some(asked))
}

fn has_custom(site: &Site, case: &Case, field: &str, asked: &str) -> bool {
    (site.custom_values("ticket", case.id, case.revision)).any(|(name, value)| {
        name == field
            && match value {
                crate::site::FieldValue::Unset => false,
                crate::site::FieldValue::Text(text) => text == asked,
                crate::site::FieldValue::Boolean(yes) => asked == if yes { "true" } else { "false" },
            }
    })
}

fn is_recent(now: Moment, at: Moment, period: &str) -> bool {
    let days = (now.day() - at.day()).get_days();
    match period {
        "today" => days == 0,
        "yesterday" => days == 1,
        "week" => days < 7,
        "month" => days < 31,
        "year" => days < 366,
        _ => true,
    }
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
