//! `/customers`, `/companies`, `/users` and `/groups`.

use super::case_search::contains;
use super::cases::{of_company, of_customer};
use super::{Ask, by_id, empty, many, one};
use crate::answer::{Answer, Tag};
use crate::lucene::Question;
use crate::model::{Company, Customer, Group, User};
use crate::page::Paging;
use crate::select::{Filters, Rows, Sort, select};
use crate::site::Site;
use crate::table::Record;
use crate::view;

const CUSTOMERS: Paging = Paging::up_to(100);
const COMPANIES: Paging = Paging::up_to(500);
const USERS: Paging = Paging::up_to(1000);
const GROUPS: Paging = Paging::up_to(1000);

const CUSTOMER_SORTS: [Sort<Customer>; 1] =
    [Sort { field: "external_id", compare: |one, other| one.external_id.cmp(&other.external_id) }];
const COMPANY_SORTS: [Sort<Company>; 1] = [Sort { field: "name", compare: |one, other| one.name.cmp(&other.name) }];
const USER_SORTS: [Sort<User>; 1] = [Sort { field: "name", compare: |one, other| one.name.cmp(&other.name) }];
const GROUP_SORTS: [Sort<Group>; 1] = [Sort { field: "name", compare: |one, other| one.name.cmp(other.name) }];

/// What a customer search can look for; without any of these and without `q` it is refused.
const CUSTOMER_FILTERS: [&str; 14] = [
    "first_name",
    "last_name",
    "full_name",
    "email",
    "phone",
    "twitter",
    "external_id",
    "since_created_at",
    "max_created_at",
    "since_updated_at",
    "max_updated_at",
    "since_id",
    "max_id",
    "q",
];

pub(super) fn customers(site: &Site, ask: &Ask<'_>, path: &[&str]) -> Option<Answer> {
    Some(match path {
        [] => {
            let filters = Filters::of_list(ask.query);
            let rows = select(&site.customers, ask.query, &filters, &CUSTOMER_SORTS, None);
            customer_page(site, ask, &rows)
        }
        ["search"] => customer_search(site, ask),
        [id] => {
            let customer = by_id(&site.customers, id)?;
            one(ask, |object| view::customer(site, customer, object))
        }
        [id, "cases"] => of_customer(site, ask, &by_id(&site.customers, id)?.cases),
        _ => return None,
    })
}

fn customer_page(site: &Site, ask: &Ask<'_>, rows: &Rows<'_>) -> Answer {
    many(ask, CUSTOMERS, &site.customers, rows, |customer, object| {
        view::customer(site, customer, object);
    })
}

fn customer_search(site: &Site, ask: &Ask<'_>) -> Answer {
    let query = ask.query;
    let has_custom = query.0.iter().any(|param| param.name.starts_with("custom_"));
    if !query.has_any(&CUSTOMER_FILTERS) && !has_custom {
        return Answer::refused(422, "search requires q or at least one filter");
    }
    let question = query.get("q").map(Question::parse);
    let filters = Filters::of_search(query, question.as_ref());
    let keep = |customer: &Customer| {
        (query.own().filter(|param| !param.value.is_empty())).all(|param| matches(customer, &param.name, &param.value))
            && (question.as_ref()).is_none_or(|question| {
                let emails: Vec<_> = customer.emails.iter().map(|one| one.value.as_str()).collect();
                question.is_found_in(&[&full_name(customer), &emails.join(" ")])
            })
    };
    let is_narrowed = question.is_some() || query.has_any(&CUSTOMER_FILTERS[..7]);
    let keep: Option<&dyn Fn(&Customer) -> bool> = is_narrowed.then_some(&keep);
    let rows = select(&site.customers, query, &filters, &CUSTOMER_SORTS, keep);
    customer_page(site, ask, &rows)
}

fn full_name(customer: &Customer) -> String {
    let name = |part: &Option<String>| part.clone().unwrap_or_default();
    format!("{} {}", name(&customer.first_name), name(&customer.last_name))
}

/// Whether a search parameter of that name finds the customer; a name that searches nothing does.
pub(super) fn matches(customer: &Customer, parameter: &str, text: &str) -> bool {
    let within = |part: &Option<String>| part.as_deref().is_some_and(|part| contains(part, text));
    match parameter {
        "first_name" => within(&customer.first_name),
        "last_name" => within(&customer.last_name),
        "name" | "full_name" => contains(&full_name(customer), text),
        "email" => customer.emails.iter().any(|email| contains(&email.value, text)),
        "phone" => customer.phone_numbers.iter().any(|phone| contains(&phone.value, text)),
        "company" => within(&customer.company_name),
        "external_id" => customer.external_id.as_deref() == Some(text),
        "twitter" => false,
        _ => true,
    }
}

pub(super) fn companies(site: &Site, ask: &Ask<'_>, path: &[&str]) -> Option<Answer> {
    Some(match path {
        [] | ["search"] => company_list(site, ask, path == ["search"]),
        [id] => {
            let company = by_id(&site.companies, id)?;
            one(ask, |object| view::company(site, company, object))
        }
        [id, "customers"] => {
            let company = by_id(&site.companies, id)?.id;
            let keep = |customer: &Customer| customer.company == Some(company);
            let filters = Filters::of_list(ask.query);
            let rows = select(&site.customers, ask.query, &filters, &CUSTOMER_SORTS, Some(&keep));
            customer_page(site, ask, &rows)
        }
        [id, "cases"] => of_company(site, ask, by_id(&site.companies, id)?.id),
        _ => return None,
    })
}

fn company_list(site: &Site, ask: &Ask<'_>, is_search: bool) -> Answer {
    let query = ask.query;
    let question = query.get("q").filter(|_| is_search).map(Question::parse);
    let filters = match &question {
        Some(_) => Filters::of_search(query, question.as_ref()),
        None => Filters::of_list(query),
    };
    let ids = query.list("ids");
    // Asking for `external_id` hid the companies that have none, says the migration tool.
    let hides = query.list("fields").is_some_and(|fields| fields.iter().any(|it| it == "external_id"));
    let keep = |company: &Company| {
        ids.as_ref().is_none_or(|ids| ids.iter().any(|id| id.parse() == Ok(company.id)))
            && (!hides || company.external_id.is_some())
            && (question.as_ref())
                .is_none_or(|question| question.is_found_in(&[&company.name, &company.domains.join(" ")]))
    };
    let rows = select(&site.companies, query, &filters, &COMPANY_SORTS, Some(&keep));
    many(ask, COMPANIES, &site.companies, &rows, |company, object| {
        view::company(site, company, object);
    })
}

pub(super) fn users(site: &Site, ask: &Ask<'_>, path: &[&str]) -> Option<Answer> {
    Some(match path {
        [] => {
            let rows = select(&site.users, ask.query, &Filters::NONE, &USER_SORTS, None);
            // All credentials are the first user's, and whoever asks heads the list.
            many(ask, USERS, &site.users, &rows.first(0), view::user).tagged(Tag::Timestamp(site.users_changed_at.0))
        }
        ["current" | "me"] => one(ask, |object| view::user(&site.users.rows()[0], object)),
        [id] => {
            let user = by_id(&site.users, id)?;
            one(ask, |object| view::user(user, object))
        }
        [id, "groups"] => {
            let user = by_id(&site.users, id)?;
            let keep = |group: &Group| user.groups.contains(&group.id());
            let rows = select(&site.groups, ask.query, &Filters::NONE, &GROUP_SORTS, Some(&keep));
            many(ask, GROUPS, &site.groups, &rows, view::group)
        }
        [id, "preferences" | "filters" | "macros" | "searches" | "integration_urls"] => {
            by_id(&site.users, id)?;
            empty(ask)
        }
        _ => return None,
    })
}

pub(super) fn groups(site: &Site, ask: &Ask<'_>, path: &[&str]) -> Option<Answer> {
    Some(match path {
        [] => {
            let rows = select(&site.groups, ask.query, &Filters::NONE, &GROUP_SORTS, None);
            many(ask, GROUPS, &site.groups, &rows, view::group)
        }
        [id] => {
            let group = by_id(&site.groups, id)?;
            one(ask, |object| view::group(group, object))
        }
        [id, "users"] => {
            let group = by_id(&site.groups, id)?.id;
            let keep = |user: &User| user.groups.contains(&group);
            let rows = select(&site.users, ask.query, &Filters::NONE, &USER_SORTS, Some(&keep));
            many(ask, USERS, &site.users, &rows, view::user)
        }
        [id, "filters"] => {
            by_id(&site.groups, id)?;
            empty(ask)
        }
        _ => return None,
    })
}
