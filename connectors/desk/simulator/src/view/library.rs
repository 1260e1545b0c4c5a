//! Articles, topics, brands, labels and definitions of custom fields.

use super::href;
use crate::json::Object;
use crate::model::{Article, BODY_VARIANTS, Brand, Definition, Label, Topic, Values};

pub(crate) fn article(article: &Article, object: &mut Object<'_>) {
    object.put_late("id", &article.id);
    object.put("locale", &article.locale);
    object.put("subject", &article.subject);
    bodies(article, object);
    let percent = (article.rating_score * 100).checked_div(article.rating_count);
    object.put("rating", &percent.unwrap_or_default());
    object.put("rating_count", &article.rating_count);
    object.put("rating_score", &article.rating_score);
    object.put("keywords", &article.keywords);
    object.put("position", &article.position);
    object.put("quickcode", &article.quickcode);
    object.put("publish_at", &article.publish_at);
    object.put("updated_at", &article.updated_at);
    object.put("created_at", &article.created_at);
    object.put("in_support_center", &article.in_support_center);
    object.put("internal_notes", &article.internal_notes);
    object.put("public_url", &public_url(article));
    object.put_late("available_locales", &article.locales);
    object.nest("_links", |links| {
        let own = href("articles", article.id);
        links.link("self", "article", &own);
        links.link("topic", "topic", &href("topics", article.topic));
        links.link("translations", "article_translation", &format!("{own}/translations"));
        links.collection("attachments", "attachment", &format!("{own}/attachments"), 0);
        links.link("created_by", "user", &href("users", article.author));
        links.link("updated_by", "user", &href("users", article.editor));
    });
}

fn public_url(article: &Article) -> String {
    format!("http://shop.desk.com/customer/portal/articles/{}-help", article.id)
}

fn bodies(article: &Article, object: &mut Object<'_>) {
    object.put("body", &article.body);
    for (name, (text, auto)) in BODY_VARIANTS.iter().zip(&article.variants) {
        object.put(&format!("body_{name}"), text);
        object.put(&format!("body_{name}_auto"), auto);
    }
}

/// A translation has no id of its own: its address ends in the locale.
pub(crate) fn translation(article: &Article, locale: &str, object: &mut Object<'_>) {
    object.put("locale", locale);
    object.put("subject", &format!("[{locale}] {}", article.subject));
    bodies(article, object);
    object.put("outdated", &article.id.is_multiple_of(5));
    object.put("publish_at", &article.publish_at);
    object.put("created_at", &article.created_at);
    object.put("updated_at", &article.updated_at);
    object.nest("_links", |links| {
        let own = href("articles", article.id);
        links.link("self", "article_translation", &format!("{own}/translations/{locale}"));
        links.link("article", "article", &own);
    });
}

pub(crate) fn topic(topic: &Topic, articles: usize, object: &mut Object<'_>) {
    object.put_late("id", &topic.id);
    object.put("name", topic.name);
    object.put("description", &topic.description);
    object.put("position", &topic.position);
    object.put("allow_questions", &topic.allow_questions);
    object.put("in_support_center", &topic.in_support_center);
    object.put("created_at", &topic.created_at);
    object.put("updated_at", &topic.updated_at);
    object.nest("_links", |links| {
        let own = href("topics", topic.id);
        links.link("self", "topic", &own);
        links.collection("articles", "article", &format!("{own}/articles"), articles);
        links.link("translations", "topic_translation", &format!("{own}/translations"));
    });
}

pub(crate) fn topic_translation(topic: &Topic, object: &mut Object<'_>) {
    object.put("locale", "en");
    object.put("name", topic.name);
    object.put("created_at", &topic.created_at);
    object.put("updated_at", &topic.updated_at);
    object.nest("_links", |links| {
        let own = href("topics", topic.id);
        links.link("self", "topic_translation", &format!("{own}/translations/en"));
        links.link("topic", "topic", &own);
    });
}

pub(crate) fn brand(brand: &Brand, object: &mut Object<'_>) {
    object.put_late("id", &brand.id);
    object.put("name", brand.name);
    object.put("created_at", &brand.created_at);
    object.put("updated_at", &brand.updated_at);
    object.nest("_links", |links| {
        let own = href("brands", brand.id);
        links.link("self", "brand", &own);
        links.link("articles", "article", &format!("{own}/articles"));
    });
}

pub(crate) fn label(label: &Label, object: &mut Object<'_>) {
    object.put_late("id", &label.id);
    object.put("name", label.name);
    object.put("description", &label.description);
    object.put("enabled", &label.enabled);
    object.put("types", label.types);
    object.put("color", label.color);
    object.nest("_links", |links| {
        links.link("self", "label", &href("labels", label.id));
    });
}

/// A definition; its id stands in its address only.
pub(crate) fn custom_field(field: &Definition, object: &mut Object<'_>) {
    object.put("name", field.name);
    object.put("label", field.label);
    object.put("type", field.kind);
    object.put("active", &field.active);
    object.nest("data", |data| match field.values {
        Values::Text => data.put("type", "string"),
        Values::Number => data.put("type", "integer"),
        Values::Date => data.put("type", "date"),
        Values::Boolean => data.put("type", "boolean"),
        Values::List(choices) => {
            data.put("type", "list");
            data.put("choices", choices);
        }
    });
    object.nest("_links", |links| {
        links.link("self", "custom_field", &href("custom_fields", field.id));
    });
}
