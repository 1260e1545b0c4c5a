//! How the next page is asked for, by what the answer and the request look like.

use std::collections::VecDeque;

use serde_json::Value;

use super::list::List;
use super::{Guess, Sample, below, flat, scalar};
use crate::paginate::link;

const NEXT: [&str; 9] = [
    "next",
    "nexturl",
    "nextlink",
    "nextpageurl",
    "nextpagelink",
    "odatanextlink",
    "nexthref",
    "nextrecordsurl",
    "nextpage",
];
const TOKENS: [&str; 9] = [
    "nextcursor",
    "endcursor",
    "nextpagetoken",
    "nexttoken",
    "continuationtoken",
    "cursor",
    "after",
    "next",
    "nextpage",
];
const MORE: [&str; 5] = ["hasmore", "hasnextpage", "hasnext", "more", "moreitems"];
const TOTAL: [&str; 7] =
    ["total", "totalcount", "totalresults", "totalrecords", "totalitems", "totalelements", "count"];
const PAGE: [&str; 5] = ["page", "pagenumber", "pageno", "currentpage", "pageindex"];
const OFFSET: [&str; 4] = ["offset", "skip", "startat", "startindex"];
const SIZE: [&str; 8] = ["limit", "perpage", "pagesize", "size", "count", "maxresults", "top", "pagelimit"];
const CURSOR: [&str; 8] =
    ["cursor", "pagecursor", "after", "pageafter", "pagetoken", "startingafter", "nexttoken", "continuationtoken"];

/// A member of the answer outside of its records.
struct Member<'a> {
    flat: String,
    name: &'a str,
    path: String,
    value: &'a Value,
}

/// Guesses the pagination; parameters that belong to it are taken from `params`.
pub(super) fn find(
    sample: &Sample,
    list: &List<'_>,
    params: &mut Vec<(String, String)>,
    primary: Option<&str>,
) -> Guess {
    if list.is_single {
        return Guess::new("none", "One record is all that comes.");
    }
    let mut take = |names: &[&str]| {
        let at = params.iter().position(|(name, _)| names.contains(&&*flat(name)))?;
        Some(params.remove(at))
    };
    let asked = Asked { page: take(&PAGE), offset: take(&OFFSET), cursor: take(&CURSOR), size: take(&SIZE) };
    let answer = Answer { members: members(&sample.body), records: list.records.len() };
    let links = sample.link.as_deref().and_then(link::next);
    let link = links.map(|_| Guess::new("link_header: next", "The answer's `Link` header leads to the next page."));
    let found = link
        .or_else(|| answer.next_url())
        .or_else(|| answer.token(&asked))
        .or_else(|| answer.number(&asked))
        .or_else(|| answer.last_key(&asked, primary?));
    let Some(found) = found else {
        let why =
            "Nothing in the answer leads to a next page: if this is only a part of the records, say here how to go on.";
        return Guess::new("none", why);
    };
    let size = asked.size.and_then(|(name, value)| Some((name, value.parse::<u32>().ok().filter(|size| *size > 0)?)));
    let size = size.map(|(name, value)| format!(", size: {{param: {}, value: {value}}}", scalar(&name)));
    Guess::new(format!("{{{}{}}}", found.says, size.unwrap_or_default()), found.why)
}

/// What the request says of pages: names of parameters and their values.
struct Asked {
    page: Option<(String, String)>,
    offset: Option<(String, String)>,
    cursor: Option<(String, String)>,
    size: Option<(String, String)>,
}

struct Answer<'a> {
    members: Vec<Member<'a>>,
    records: usize,
}

impl<'a> Answer<'a> {
    /// The first member of one of these names, in their order, that is as it should be.
    fn member(&self, names: &[&str], fits: impl Fn(&Member<'_>) -> bool) -> Option<&Member<'a>> {
        names.iter().find_map(|name| self.members.iter().find(|member| member.flat == *name && fits(member)))
    }

    fn next_url(&self) -> Option<Guess> {
        let leads =
            |value: &Value| value.as_str().is_some_and(|text| text.starts_with(['/', '?']) || text.starts_with("http"));
        let found =
            self.member(&NEXT, |member| leads(member.value) || member.value.is_null() && member.flat != "nextpage")?;
        let why = match found.value.is_null() {
            true => "is null, as on a last page, and is called as links to the next one are",
            false => "is the address of the next page",
        };
        Some(Guess::new(format!("next_url: {}", scalar(&found.path)), format!("`{}` {why}.", found.path)))
    }

    fn token(&self, asked: &Asked) -> Option<Guess> {
        let found = self.member(&TOKENS, |member| match member.value {
            Value::String(_) | Value::Null => true,
            value => value.is_u64() && member.flat == "nextpage",
        })?;
        let known = if found.flat == "nextpage" { &asked.page } else { &asked.cursor };
        let (param, how) = match known {
            Some((name, _)) => (name.clone(), "the request has that parameter"),
            None => (param_for(found), "the parameter's name is guessed from its name"),
        };
        let stop = self.more().map(|path| format!(", stop: {{more: {}}}", scalar(path))).unwrap_or_default();
        let says = format!("cursor: {{from: {}, param: {}}}{stop}", scalar(&found.path), scalar(&param));
        Some(Guess::new(says, format!("`{}` is called as tokens for the next page are; {how}.", found.path)))
    }

    fn number(&self, asked: &Asked) -> Option<Guess> {
        let told = |names: &[&str]| self.member(names, |member| member.value.is_u64());
        let (word, param, first) = match (&asked.page, &asked.offset, told(&PAGE), told(&OFFSET)) {
            (Some((name, value)), ..) => ("page_number", name.clone(), value == "0"),
            (_, Some((name, _)), ..) => ("offset", name.clone(), false),
            (.., Some(page), _) => (
                "page_number",
                page.name.replace("current", "").trim_start_matches('_').to_lowercase(),
                page.value == 0,
            ),
            (.., Some(offset)) => ("offset", offset.name.to_owned(), false),
            _ => return None,
        };
        let places = if first { format!("{{param: {}, first: 0}}", scalar(&param)) } else { scalar(&param) };
        let (end, why) = match (self.more(), self.total()) {
            (Some(path), _) => {
                (format!("stop: {{more: {}}}", scalar(path)), format!("`{path}` says whether there is more"))
            }
            (_, Some(path)) => (format!("total: {}", scalar(path)), format!("`{path}` is the number of all records")),
            _ => ("stop: empty_page".to_owned(), "nothing tells the end, so it is a page without records".to_owned()),
        };
        Some(Guess::new(format!("{word}: {places}, {end}"), format!("`{param}` counts; {why}.")))
    }

    /// A walk from the last key, where all that is told is that there is more.
    fn last_key(&self, asked: &Asked, primary: &str) -> Option<Guess> {
        let more = self.more()?;
        let param = asked.cursor.as_ref().map_or("starting_after", |(name, _)| name);
        Some(Guess::new(
            format!(
                "cursor: {{last: {}, param: {}}}, stop: {{more: {}}}",
                scalar(primary),
                scalar(param),
                scalar(more)
            ),
            format!("`{more}` tells of more without a token: the last key may lead on, as `{param}` does elsewhere."),
        ))
    }

    fn more(&self) -> Option<&str> {
        self.member(&MORE, |member| member.value.is_boolean()).map(|member| member.path.as_str())
    }

    fn total(&self) -> Option<&str> {
        let records = self.records as u64;
        // A count that is that of the page may be no more than that.
        let fits = |member: &Member<'_>| {
            member.value.as_u64().is_some_and(|all| all > records || all == records && member.flat != "count")
        };
        self.member(&TOTAL, fits).map(|member| member.path.as_str())
    }
}

/// The parameter that takes a token, by the token's name.
fn param_for(token: &Member<'_>) -> String {
    let rest = token.name.strip_prefix("next").unwrap_or(token.name).trim_start_matches(['_', '-']);
    match &*token.flat {
        "endcursor" => "after".to_owned(),
        "next" => "cursor".to_owned(),
        _ => rest.chars().take(1).flat_map(char::to_lowercase).chain(rest.chars().skip(1)).collect(),
    }
}

/// Members of the objects around the records, those further up first; what stands in `next: {href: …}` is `next`.
fn members(body: &Value) -> Vec<Member<'_>> {
    let mut found = Vec::new();
    let mut open = VecDeque::from([("$".to_owned(), "", body)]);
    while let Some((path, around, value)) = open.pop_front() {
        for (name, value) in value.as_object().into_iter().flatten() {
            let is_link = around == "next" && ["href", "url"].contains(&name.as_str());
            let path = below(&path, name);
            if value.is_object() {
                open.push_back((path, name, value));
            } else {
                let name = if is_link { around } else { name };
                found.push(Member { flat: flat(name), name, path, value });
            }
        }
    }
    found
}
