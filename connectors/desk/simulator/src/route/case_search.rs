//! `/cases/search`: parameters that look into a case or its customer, beside the usual filters.

use super::cases::{CASES, SORTS};
use super::{Ask, many, people};
use crate::answer::Answer;
use crate::lucene::Question;
use crate::model::Case;
use crate::moment::Moment;
use crate::query::Query;
use crate::select::{Filters, select};
use crate::site::{FieldValue, Site};
use crate::view;

pub(super) fn search(site: &Site, ask: &Ask<'_>) -> Answer {
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
            "name" | "first_name" | "last_name" | "email" | "phone" | "company" => {
                (site.customers.get(case.customer)).is_some_and(|owner| people::matches(owner, &param.name, text))
            }
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
                FieldValue::Unset | FieldValue::Boolean(None) => false,
                FieldValue::Text(text) => text == asked,
                FieldValue::Boolean(Some(yes)) => asked == if yes { "true" } else { "false" },
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
