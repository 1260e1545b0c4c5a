//! What a desk keeps ready: articles, their topics and brands, and labels.

use super::Span;
use super::wording::{ARTICLES, BRANDS, COLORS, LABELS, TOPICS};
use crate::dice::Dice;
use crate::model::{Article, BODY_VARIANTS, Brand, Label, Topic, User};

const ARTICLE_COUNT: usize = 200;

pub(super) fn labels(eras: Span) -> Vec<Label> {
    (LABELS.iter().enumerate())
        .map(|(place, name)| Label {
            id: 1_789_180 + 3 * place as u64,
            name,
            description: (place % 3 == 0).then_some("Set by hand"),
            enabled: place % 7 != 6,
            types: if place % 4 == 3 { &["case", "macro"] } else { &["case"] },
            color: COLORS[place % COLORS.len()],
            created_at: eras.start,
            updated_at: eras.start,
        })
        .collect()
}

pub(super) fn brands(eras: Span) -> Vec<Brand> {
    (BRANDS.iter().enumerate())
        .map(|(place, name)| {
            let created_at = eras.creation(place, BRANDS.len());
            Brand { id: 5 + 2 * place as u64, name, created_at, updated_at: created_at }
        })
        .collect()
}

pub(super) fn topics(eras: Span, brands: &[Brand]) -> Vec<Topic> {
    (TOPICS.iter().enumerate())
        .map(|(place, name)| {
            let created_at = eras.creation(place, TOPICS.len() * 3);
            Topic {
                id: 498_301 + 11 * place as u64,
                name,
                description: match place % 3 {
                    0 => None,
                    1 => Some(""),
                    _ => Some("Everything about it"),
                },
                position: place as u64 + 1,
                allow_questions: place % 2 == 0,
                in_support_center: (place % 5 != 4).then_some(place % 4 != 3),
                brand: brands[place % brands.len()].id,
                created_at,
                updated_at: created_at.plus(86_400),
            }
        })
        .collect()
}

pub(super) fn articles(seed: u64, eras: Span, topics: &[Topic], users: &[User]) -> Vec<Article> {
    let mut dice = Dice::new(seed, "articles");
    (0..ARTICLE_COUNT)
        .map(|place| {
            let topic = &topics[dice.below(topics.len())];
            let subject = dice.pick(&ARTICLES);
            let created_at = eras.creation(place, ARTICLE_COUNT);
            let rating_count = dice.seconds(40).unsigned_abs();
            let locale = dice.percent(70).then(|| dice.pick(&["en", "en_us", "de"]));
            let text = format!("{subject}: how it works, part {place}.");
            Article {
                id: 1_295_677 + 13 * place as u64,
                locale,
                locales: locales(locale, &mut dice),
                subject: format!("{subject} {place}"),
                body: format!("<p>{text}</p>\r\n<ul><li>Ask &amp; wait</li></ul>"),
                variants: BODY_VARIANTS.iter().map(|name| variant(name, &text, &mut dice)).collect(),
                rating_count,
                rating_score: dice.next() % (rating_count + 1),
                keywords: dice.pick_of(&[None, Some(""), Some("money, back, возврат")]),
                position: place as u64 + 1,
                quickcode: dice.percent(10).then(|| format!("q{place}")),
                publish_at: dice.percent(90).then(|| created_at.plus(60)),
                in_support_center: dice.pick_of(&[Some(true), Some(true), Some(false), None]),
                internal_notes: dice.pick_of(&[None, Some(""), Some("Check with \"legal\"")]),
                topic: topic.id,
                brand: topic.brand,
                author: users[dice.below(users.len())].id,
                editor: users[dice.below(users.len())].id,
                created_at,
                updated_at: eras.change(created_at, &mut dice),
            }
        })
        .collect()
}

fn locales(own: Option<&'static str>, dice: &mut Dice) -> Vec<&'static str> {
    let own = own.unwrap_or("en");
    let others = ["fr", "ja", "es"].into_iter().filter(|_| dice.percent(25));
    std::iter::once(own).chain(others).collect()
}

/// A variant's text and its flag. A true flag promises the text of the body, yet stale texts under a
/// true flag are recorded too.
fn variant(name: &str, text: &str, dice: &mut Dice) -> (String, bool) {
    let same = match name {
        "web_callback" => format!("<p>{text}</p>"),
        _ => text.to_owned(),
    };
    match dice.below(10) {
        0 => (format!("For {name}: {text}"), false),
        1 => (String::new(), false),
        2 => (format!("Old: {text}"), true),
        _ => (same, true),
    }
}
