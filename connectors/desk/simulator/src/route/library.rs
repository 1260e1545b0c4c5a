//! `/articles`, `/topics`, `/brands`, `/labels` and `/custom_fields`.

use super::case_search::contains;
use super::{Ask, by_id, empty, many, one};
use crate::answer::{Answer, Tag};
use crate::model::{Article, Label, Topic};
use crate::page::{self, Paging};
use crate::select::{Filters, Rows, Sort, select};
use crate::site::Site;
use crate::view;

const ARTICLES: Paging = Paging::up_to(500);
/// The one list that was recorded with another default than 50.
const ARTICLE_SEARCH: Paging = Paging { default: 30, ..Paging::up_to(500) };
const LABELS: Paging = Paging::up_to(1000);
const CUSTOM_FIELDS: Paging = Paging::up_to(1000);
const OTHERS: Paging = Paging::up_to(100);

const ARTICLE_SORTS: [Sort<Article>; 4] = [
    Sort { field: "subject", compare: |one, other| one.subject.cmp(&other.subject) },
    Sort { field: "position", compare: |one, other| one.position.cmp(&other.position) },
    Sort { field: "rating", compare: |one, other| one.rating_count.cmp(&other.rating_count) },
    Sort { field: "score", compare: |one, other| one.rating_score.cmp(&other.rating_score) },
];
const TOPIC_SORTS: [Sort<Topic>; 2] = [
    Sort { field: "name", compare: |one, other| one.name.cmp(other.name) },
    Sort { field: "position", compare: |one, other| one.position.cmp(&other.position) },
];

pub(super) fn articles(site: &Site, ask: &Ask<'_>, path: &[&str]) -> Option<Answer> {
    Some(match path {
        [] => article_page(site, ask, None),
        ["search"] => article_search(site, ask),
        [id] => {
            let article = by_id(&site.articles, id)?;
            one(ask, |object| view::article(article, object))
        }
        [id, "translations"] => {
            let article = by_id(&site.articles, id)?;
            page::list(ask, OTHERS, article.locales.len(), |place, object| {
                view::translation(article, article.locales[place], object);
            })
        }
        [id, "translations", locale] => {
            let article = by_id(&site.articles, id)?;
            let locale = article.locales.iter().find(|known| known == &locale)?;
            one(ask, |object| view::translation(article, locale, object))
        }
        [id, "attachments"] => {
            by_id(&site.articles, id)?;
            empty(ask)
        }
        _ => return None,
    })
}

fn article_page(site: &Site, ask: &Ask<'_>, keep: Option<&dyn Fn(&Article) -> bool>) -> Answer {
    let rows = select(&site.articles, ask.query, &Filters::NONE, &ARTICLE_SORTS, keep);
    many(ask, ARTICLES, &site.articles, &rows, view::article)
}

fn article_search(site: &Site, ask: &Ask<'_>) -> Answer {
    let query = ask.query;
    let ids =
        |name: &str| query.list(name).map(|ids| ids.iter().filter_map(|id| id.parse().ok()).collect::<Vec<u64>>());
    let (topics, brands) = (ids("topic_ids"), ids("brand_ids"));
    let keep = |article: &Article| {
        query.get("text").is_none_or(|text| contains(&article.subject, text) || contains(&article.body, text))
            && topics.as_ref().is_none_or(|ids| ids.contains(&article.topic))
            && brands.as_ref().is_none_or(|ids| ids.contains(&article.brand))
            && query
                .get("in_support_center")
                .is_none_or(|asked| (asked == "true") == article.in_support_center.unwrap_or_default())
    };
    let rows = select(&site.articles, query, &Filters::NONE, &ARTICLE_SORTS, Some(&keep));
    many(ask, ARTICLE_SEARCH, &site.articles, &rows, view::article).tagged(Tag::Careless)
}

pub(super) fn topics(site: &Site, ask: &Ask<'_>, path: &[&str]) -> Option<Answer> {
    let write = |topic: &Topic, object: &mut crate::json::Object<'_>| {
        view::topic(topic, site.article_count(topic.id), object);
    };
    Some(match path {
        [] => {
            let query = ask.query;
            let keep = |topic: &Topic| {
                query.get("brand_id").is_none_or(|id| id.parse() == Ok(topic.brand))
                    && query
                        .get("in_support_center")
                        .is_none_or(|asked| (asked == "true") == topic.in_support_center.unwrap_or_default())
            };
            let rows = select(&site.topics, query, &Filters::NONE, &TOPIC_SORTS, Some(&keep));
            many(ask, OTHERS, &site.topics, &rows, write)
        }
        [id] => {
            let topic = by_id(&site.topics, id)?;
            one(ask, |object| write(topic, object))
        }
        [id, "articles"] => {
            let topic = by_id(&site.topics, id)?.id;
            article_page(site, ask, Some(&|article| article.topic == topic))
        }
        [id, "translations"] => {
            let topic = by_id(&site.topics, id)?;
            page::list(ask, OTHERS, 1, |_, object| {
                view::topic_translation(topic, object);
            })
        }
        _ => return None,
    })
}

pub(super) fn brands(site: &Site, ask: &Ask<'_>, path: &[&str]) -> Option<Answer> {
    Some(match path {
        [] => {
            let rows = select(&site.brands, ask.query, &Filters::NONE, &[], None);
            many(ask, OTHERS, &site.brands, &rows, view::brand)
        }
        [id] => {
            let brand = by_id(&site.brands, id)?;
            one(ask, |object| view::brand(brand, object))
        }
        [id, "articles"] => {
            let brand = by_id(&site.brands, id)?.id;
            article_page(site, ask, Some(&|article| article.brand == brand))
        }
        _ => return None,
    })
}

pub(super) fn labels(site: &Site, ask: &Ask<'_>, path: &[&str]) -> Option<Answer> {
    Some(match path {
        [] | ["search"] => {
            let names = ask.query.list(if path.is_empty() { "" } else { "names" });
            let name = ask.query.get("name").filter(|_| !path.is_empty());
            let keep = |label: &Label| {
                names.as_ref().is_none_or(|names| names.iter().any(|name| name == label.name))
                    && name.is_none_or(|name| contains(label.name, name))
            };
            let rows = select(&site.labels, ask.query, &Filters::NONE, &[], Some(&keep));
            let newest = site.labels.rows().iter().map(|label| label.updated_at.0).max();
            many(ask, LABELS, &site.labels, &rows, view::label).tagged(Tag::Timestamp(newest.unwrap_or_default()))
        }
        [id] => {
            let label = by_id(&site.labels, id)?;
            one(ask, |object| view::label(label, object))
        }
        _ => return None,
    })
}

pub(super) fn custom_fields(site: &Site, ask: &Ask<'_>, path: &[&str]) -> Option<Answer> {
    Some(match path {
        [] => {
            let rows = Rows::all(&site.custom_fields);
            many(ask, CUSTOM_FIELDS, &site.custom_fields, &rows, view::custom_field)
        }
        [id] => {
            let field = by_id(&site.custom_fields, id)?;
            one(ask, |object| view::custom_field(field, object))
        }
        _ => return None,
    })
}
