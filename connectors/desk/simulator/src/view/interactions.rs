//! What is said on cases: messages and replies, each in the form of its channel.

use super::cases::{embed_user, public_question};
use super::href;
use crate::json::Object;
use crate::model::{Channel, Interaction};
use crate::site::Site;

/// A message or reply under its case: without `id`, which none of the recorded ones has.
pub(crate) fn reply(site: &Site, said: &Interaction, object: &mut Object<'_>) {
    object.put("created_at", &said.created_at);
    object.put("updated_at", &said.updated_at);
    if said.channel != Channel::Phone {
        object.put("sent_at", &said.sent_at);
    }
    object.put_late("erased_at", &());
    object.put_late("hidden_by", &());
    object.put("hidden_at", &said.hidden_at);
    object.put("body", &said.body);
    if said.channel != Channel::Phone {
        object.put("from", &said.from);
        object.put("to", &said.to);
        object.put("cc", &said.cc);
        object.put("bcc", &said.bcc);
    }
    object.put("client_type", said.client_type);
    object.put("direction", if said.outgoing { "out" } else { "in" });
    object.put("status", said.status);
    object.put("subject", &said.subject);
    object.put("hidden", &said.hidden_at.is_some());
    by_class(said, object);
    object.put_asked("body_text", &said.body);
    object.put_asked("body_html", &format!("<p>{}</p>", said.body));
    object.put_asked("headers_raw", &format!("X-Case: {}\r\n", said.case));
    object.nest("_links", |links| reply_links(said, links));
    let asked = object.shape().embed.clone();
    if !asked.is_empty() {
        object.nest("_embedded", |embedded| {
            for name in asked.iter().filter(|name| matches!(name.as_str(), "sent_by" | "entered_by")) {
                embed_user(site, said.sent_by, name, embedded);
            }
        });
    }
}

/// The attributes that only messages of one channel have.
fn by_class(said: &Interaction, object: &mut Object<'_>) {
    match (said.channel, said.is_message) {
        (Channel::Email, _) => {}
        (Channel::Phone, _) => object.put("entered_at", &said.created_at),
        (Channel::Twitter, _) => {
            object.put("type", if said.id.is_multiple_of(4) { "dm" } else { "mention" });
            object.put("twitter_status_id", &(700_000_000_000_000_000 + said.id).to_string());
        }
        (Channel::Chat, _) => object.put("event_type", "message"),
        (Channel::Facebook, _) => {
            object.put("facebook_id", &format!("{}_{}", said.customer, said.id));
            object.put("from_facebook_name", "Ann Ünal");
            object.put("liked", &said.id.is_multiple_of(4));
        }
        (Channel::Qna, true) => {
            object.put("public_url", &public_question(said.case));
            object.put("answers_disallowed_at", &());
            object.put("are_answers_disallowed", &false);
            object.put("agent_answer_count", &0);
            object.put("customer_answer_count", &0);
        }
        (Channel::Qna, false) => {
            object.put("rating", &());
            object.put("rating_count", &0);
            object.put("rating_score", &0);
            object.put("is_best_answer", &false);
        }
    }
}

fn reply_links(said: &Interaction, links: &mut Object<'_>) {
    let case = href("cases", said.case);
    let (own, class) = match said.is_message {
        true => (format!("{case}/message"), said.channel.message_class()),
        false => (format!("{case}/replies/{}", said.id), said.channel.reply_class()),
    };
    links.link("self", class, &own);
    links.link("splits", "split", &format!("{own}/splits"));
    links.put("outbound_mailbox", &());
    links.link("case", "case", &case);
    links.link("customer", "customer", &href("customers", said.customer));
    let by = said.sent_by.map(|id| href("users", id));
    links.link_to("sent_by", "user", by.clone());
    if said.channel == Channel::Phone {
        links.link_to("entered_by", "user", by);
    }
    links.put("erased_by", &());
    links.link("attachments", "attachment", &format!("{own}/attachments"));
}

/// A message or reply in the list of the whole site: the late API, which has the `id`.
pub(crate) fn interaction(site: &Site, said: &Interaction, object: &mut Object<'_>) {
    object.put_late("id", &said.id);
    reply(site, said, object);
}

/// One entry of a case's history: something said on it.
pub(crate) fn history(said: &Interaction, object: &mut Object<'_>) {
    object.put("type", if said.is_message { "created" } else { "replied" });
    object.put("context", if said.outgoing { "agent" } else { "customer" });
    object.put("created_at", &said.created_at);
    object.put::<[()]>("changes", &[]);
    object.nest("_links", |links| {
        links.link("self", "history", &format!("{}/history/{}", href("cases", said.case), said.id));
    });
}
