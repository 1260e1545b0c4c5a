//! Cases, and what hangs on them besides what is said.

use super::{custom_fields, customer, group, href, reply, user};
use crate::json::Object;
use crate::model::{Attachment, Case, Channel, Feedback, Note};
use crate::options::Era;
use crate::site::Site;

pub(crate) fn case(site: &Site, case: &Case, object: &mut Object<'_>) {
    object.put_late("id", &case.id);
    object.put("blurb", &case.blurb);
    object.put_late("changed_at", &case.changed_at);
    object.put("created_at", &case.created_at);
    custom_fields(object, site, "ticket", (case.id, case.revision));
    object.put("description", &case.description);
    object.put("external_id", &case.external_id);
    object.put("first_opened_at", &case.first_opened_at);
    object.put("first_resolved_at", &case.first_resolved_at);
    object.put_late("label_ids", &case.labels);
    let labels: Vec<_> = (case.labels.iter()).filter_map(|&id| site.label_name(id)).collect();
    object.put("labels", &labels);
    object.put("language", &case.language);
    object.put("locked_until", &case.locked_by.map(|_| case.updated_at.plus(900)));
    object.put("opened_at", &case.first_opened_at);
    object.put("priority", &case.priority);
    object.put("received_at", &case.received_at);
    let is_done = matches!(case.status, "resolved" | "closed");
    object.put("resolved_at", &case.first_resolved_at.filter(|_| is_done));
    object.put("status", case.status);
    object.put("subject", &case.subject);
    object.put("type", case.channel.name());
    object.put("updated_at", &case.updated_at);
    object.put("active_at", &case.changed_at);
    object.put_late("active_attachments_count", &case.attachments.len());
    object.put_late("active_notes_count", &case.notes.len());
    object.put_late("has_pending_interactions", &said(site, case, "pending"));
    object.put_late("has_failed_interactions", &said(site, case, "failed"));
    object.put_late("route_status", &case.route_status);
    if case.channel == Channel::Qna {
        object.put("public_url", &public_question(case.id));
    }
    object.nest("_links", |links| case_links(case, links));
    embed(site, case, object);
}

fn said(site: &Site, case: &Case, status: &str) -> bool {
    site.conversation(case).any(|said| said.status == status)
}

pub(super) fn public_question(case: u64) -> String {
    format!("http://shop.desk.com/customer/portal/questions/{case}")
}

fn case_links(case: &Case, links: &mut Object<'_>) {
    let own = href("cases", case.id);
    let replies = case.interactions.len().saturating_sub(1);
    links.link("labels", "label", &format!("{own}/labels"));
    links.link_to("assigned_group", "group", case.assigned_group.map(|id| href("groups", id)));
    links.link("macro_preview", "macro_preview", &format!("{own}/macros/preview"));
    links.link_to("locked_by", "user", case.locked_by.map(|id| href("users", id)));
    links.collection("case_links", "case_link", &format!("{own}/links"), 0);
    links.collection("attachments", "attachment", &format!("{own}/attachments"), case.attachments.len());
    links.link("history", "history", &format!("{own}/history"));
    if links.is_late() {
        links.link_to("feedbacks", "feedback", case.feedback.then(|| format!("{own}/feedbacks")));
    }
    links.link("customer", "customer", &href("customers", case.customer));
    links.collection("replies", "reply", &format!("{own}/replies"), replies);
    links.link("draft", "reply", &format!("{own}/replies/draft"));
    links.collection("notes", "note", &format!("{own}/notes"), case.notes.len());
    links.link_to("assigned_user", "user", case.assigned_user.map(|id| href("users", id)));
    links.link("self", "case", &own);
    links.link("message", case.channel.linked_class(), &format!("{own}/message"));
}

/// Full records beside the links, for the names given in `embed=`.
fn embed(site: &Site, case: &Case, object: &mut Object<'_>) {
    let asked = object.shape().embed.clone();
    if asked.is_empty() {
        return;
    }
    object.nest("_embedded", |embedded| {
        for name in &asked {
            match name.as_str() {
                "customer" => match site.customers.get(case.customer) {
                    Some(owner) => {
                        embedded.nest_record(name, |object| customer(site, owner, object));
                    }
                    None => embedded.put(name, &()),
                },
                "assigned_user" => embed_user(site, case.assigned_user, name, embedded),
                "assigned_group" => match case.assigned_group.and_then(|id| site.groups.get(id)) {
                    Some(found) => embedded.nest_record(name, |object| group(found, object)),
                    None => embedded.put(name, &()),
                },
                "message" => match site.conversation(case).next() {
                    Some(message) => {
                        embedded.nest_record(name, |object| reply(site, message, object));
                    }
                    None => embedded.put(name, &()),
                },
                _ => {}
            }
        }
    });
}

pub(super) fn embed_user(site: &Site, id: Option<u64>, name: &str, embedded: &mut Object<'_>) {
    match id.and_then(|id| site.users.get(id)) {
        Some(found) => embedded.nest_record(name, |object| user(found, object)),
        None => embedded.put(name, &()),
    }
}

pub(crate) fn note(note: &Note, object: &mut Object<'_>) {
    object.put_late("id", &note.id);
    object.put("body", &note.body);
    object.put("created_at", &note.created_at);
    object.put("updated_at", &note.updated_at);
    object.put_late("erased_at", &());
    object.nest("_links", |links| {
        let case = href("cases", note.case);
        links.link("self", "note", &format!("{case}/notes/{}", note.id));
        links.link("case", "case", &case);
        links.link("user", "user", &href("users", note.user));
        if links.is_late() {
            links.put("erased_by", &());
        }
    });
}

pub(crate) fn attachment(attachment: &Attachment, object: &mut Object<'_>) {
    let case = href("cases", attachment.case);
    let own = format!("{case}/attachments/{}", attachment.id);
    object.put_late("id", &attachment.id);
    object.put("file_name", &attachment.file_name);
    object.put("content_type", attachment.content_type);
    match object.shape().era {
        Era::Early => object.put("size", &attachment.size.to_string()),
        Era::Late => object.put("size", &attachment.size),
    }
    object.put("url", &format!("https://shop.desk.com{own}/url"));
    object.put_late("erased_at", &());
    object.put("created_at", &attachment.created_at);
    object.put("updated_at", &attachment.updated_at);
    object.nest("_links", |links| {
        links.link("self", "attachment", &own);
        links.link("case", "case", &case);
        links.link_to("uploaded_by", "user", attachment.uploaded_by.map(|id| href("users", id)));
    });
}

/// A rating; its number was sent as a text, which cost one client a release.
pub(crate) fn feedback(feedback: &Feedback, object: &mut Object<'_>) {
    let case = href("cases", feedback.case);
    object.put_late("id", &feedback.id);
    object.put("rating", &feedback.rating.to_string());
    object.put("rating_type", feedback.rating_type);
    object.put("additional_feedback", &feedback.additional_feedback);
    object.put("created_at", &feedback.created_at);
    object.put("updated_at", &feedback.updated_at);
    object.nest("_links", |links| {
        links.link("self", "feedback", &href("feedbacks", feedback.id));
        links.link("case", "case", &case);
        links.link("customer", "customer", &href("customers", feedback.customer));
        links.link("reply", "reply", &format!("{case}/replies/{}", feedback.reply));
        links.link_to("user", "user", feedback.user.map(|id| href("users", id)));
    });
}
