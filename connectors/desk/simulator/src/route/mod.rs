//! From a path to an answer.

mod case_search;
mod cases;
mod library;
mod people;

use crate::answer::Answer;
use crate::json::{self, Generation, Object, Shape};
use crate::options::{Era, ServerOptions};
use crate::page::{self, Paging};
use crate::query::Query;
use crate::select::Rows;
use crate::site::Site;
use crate::table::{Record, Table};

/// Where the API begins.
pub(crate) const ROOT: &str = "/api/v2/";

/// What was asked, once it was let in.
pub(crate) struct Ask<'a> {
    pub(crate) path: &'a str,
    pub(crate) query: &'a Query,
    pub(crate) rules: &'a ServerOptions,
    pub(crate) era: Era,
    pub(crate) generation: Generation,
}

impl Ask<'_> {
    pub(crate) fn shape(&self) -> Shape {
        Shape {
            generation: self.generation,
            era: self.era,
            fields: self.query.list("fields"),
            embed: self.query.list("embed").unwrap_or_default(),
        }
    }
}

/// Which of the two servers answers a path: by 2016 cases and their children came from the newer one.
pub(crate) fn generation(path: &str, era: Era) -> Generation {
    let is_case = path.strip_prefix(ROOT).is_some_and(|rest| rest == "cases" || rest.starts_with("cases/"));
    match (era, is_case) {
        (Era::Late, true) => Generation::B,
        _ => Generation::A,
    }
}

/// Answers a GET.
pub(crate) fn answer(site: &Site, ask: &Ask<'_>) -> Answer {
    let Some(path) = ask.path.strip_prefix(ROOT) else {
        return Answer::not_found();
    };
    let segments: Vec<&str> = path.split('/').collect();
    let found = match segments.as_slice() {
        ["cases", rest @ ..] => cases::cases(site, ask, rest),
        ["interactions"] => Some(cases::interactions(site, ask)),
        ["notes"] => Some(cases::notes(site, ask)),
        ["feedbacks", rest @ ..] => cases::feedbacks(site, ask, rest),
        ["customers", rest @ ..] => people::customers(site, ask, rest),
        ["companies", rest @ ..] => people::companies(site, ask, rest),
        ["users", rest @ ..] => people::users(site, ask, rest),
        ["groups", rest @ ..] => people::groups(site, ask, rest),
        ["articles", rest @ ..] => library::articles(site, ask, rest),
        ["topics", rest @ ..] => library::topics(site, ask, rest),
        ["brands", rest @ ..] => library::brands(site, ask, rest),
        ["labels", rest @ ..] => library::labels(site, ask, rest),
        ["custom_fields", rest @ ..] => library::custom_fields(site, ask, rest),
        _ => None,
    };
    let mut answer = found.unwrap_or_else(Answer::not_found);
    answer.generation = ask.generation;
    answer
}

/// The path with numbers and locales taken out, by which requests are counted.
pub(crate) fn pattern(path: &str) -> String {
    let path = path.strip_prefix("/api/v2").unwrap_or(path);
    let mut parts: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        let is_id =
            segment.starts_with("e-") || (!segment.is_empty() && segment.bytes().all(|byte| byte.is_ascii_digit()));
        parts.push(match parts.last() {
            _ if is_id => "{id}",
            Some(&"translations") => "{locale}",
            _ => segment,
        });
    }
    parts.join("/")
}

/// One record.
fn one(ask: &Ask<'_>, write: impl FnOnce(&mut Object<'_>)) -> Answer {
    let shape = ask.shape();
    let mut body = Vec::with_capacity(2048);
    json::object(&mut body, &shape, write);
    Answer::found(body, shape.generation)
}

/// A page of a table's rows.
fn many<T: Record>(
    ask: &Ask<'_>,
    paging: Paging,
    table: &Table<T>,
    rows: &Rows<'_>,
    write: impl Fn(&T, &mut Object<'_>),
) -> Answer {
    page::list(ask, paging, rows.len(), |place, object| {
        write(&table.rows()[rows.at(place)], object);
    })
}

/// A list that is linked, but holds nothing on this site.
fn empty(ask: &Ask<'_>) -> Answer {
    page::list(ask, Paging::up_to(100), 0, |_, _| {})
}

fn by_id<'t, T: Record>(table: &'t Table<T>, id: &str) -> Option<&'t T> {
    table.get(id.parse().ok()?)
}
