//! The whole truth of a site as one JSON object, against which a sync can be compared.

use std::io::{self, Write};

use crate::json::{self, Generation, Object, Shape};
use crate::model::Interaction;
use crate::options::Era;
use crate::route;
use crate::site::Site;
use crate::view;

/// Writes lists one record at a time; memory does not follow the site's size.
struct Lists<'a> {
    out: &'a mut dyn Write,
    shape: Shape,
    is_first: bool,
}

impl Lists<'_> {
    fn list<T>(
        &mut self,
        name: &str,
        records: impl IntoIterator<Item = T>,
        write: impl Fn(T, &mut Object<'_>),
    ) -> io::Result<()> {
        self.shape.generation = route::generation(&format!("{}{name}", route::ROOT), self.shape.era);
        let opening = if self.is_first { "{" } else { ",\n" };
        write!(self.out, "{opening}\"{name}\":[")?;
        self.is_first = false;
        let mut record_json = Vec::new();
        for (place, record) in records.into_iter().enumerate() {
            record_json.clear();
            record_json.extend_from_slice(if place > 0 { b",\n" } else { b"\n" });
            json::object(&mut record_json, &self.shape, |object| {
                write(record, object);
            });
            self.out.write_all(&record_json)?;
        }
        self.out.write_all(b"]")
    }
}

impl Site {
    /// Writes every record as the API serves it, one list per entity. Replies, messages, notes and
    /// attachments also tell their `case_id`, replies their `reply_id`; `user_groups` has a group's
    /// `id` for each `user_id`; translations tell their `article_id`.
    ///
    /// # Errors
    /// When `out` cannot be written to.
    pub fn write_dump(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut lists = Lists { out, shape: Shape::whole(Generation::A, self.options.era), is_first: true };
        lists.list("cases", self.cases.rows(), |case, object| {
            view::case(self, case, object);
        })?;
        self.dump_children(&mut lists)?;
        lists.list("customers", self.customers.rows(), |customer, object| {
            view::customer(self, customer, object);
        })?;
        lists.list("companies", self.companies.rows(), |company, object| {
            view::company(self, company, object);
        })?;
        lists.list("users", self.users.rows(), view::user)?;
        lists.list("groups", self.groups.rows(), view::group)?;
        self.dump_user_groups(&mut lists)?;
        self.dump_library(&mut lists)?;
        lists.list("feedbacks", self.feedbacks.rows(), view::feedback)?;
        lists.out.write_all(b"}\n")
    }

    /// Everything as [`Site::write_dump`] writes it, read back.
    #[must_use]
    pub fn dump(&self) -> serde_json::Value {
        let mut text = Vec::new();
        self.write_dump(&mut text).expect("memory can be written to");
        serde_json::from_slice(&text).expect("a dump is JSON")
    }

    fn dump_children(&self, lists: &mut Lists<'_>) -> io::Result<()> {
        let said =
            |is_message: bool| (self.interactions.rows().iter()).filter(move |said| said.is_message == is_message);
        let of_case = |said: &Interaction, object: &mut Object<'_>| {
            object.put("case_id", &said.case);
            if !said.is_message {
                object.put("reply_id", &said.id);
            }
            view::reply(self, said, object);
        };
        lists.list("messages", said(true), of_case)?;
        lists.list("replies", said(false), of_case)?;
        lists.list("notes", self.notes.rows(), |note, object| {
            object.put("case_id", &note.case);
            view::note(note, object);
        })?;
        lists.list("attachments", self.attachments.rows(), |attachment, object| {
            object.put("case_id", &attachment.case);
            view::attachment(attachment, object);
        })
    }

    fn dump_user_groups(&self, lists: &mut Lists<'_>) -> io::Result<()> {
        let members =
            (self.users.rows().iter()).flat_map(|user| user.groups.iter().map(move |&group| (user.id, group)));
        lists.list("user_groups", members, |(user, group), object| {
            object.put("user_id", &user);
            if let Some(group) = self.groups.get(group) {
                if self.options.era == Era::Early {
                    object.put("id", &group.id);
                }
                view::group(group, object);
            }
        })
    }

    fn dump_library(&self, lists: &mut Lists<'_>) -> io::Result<()> {
        lists.list("articles", self.articles.rows(), view::article)?;
        let translations = (self.articles.rows().iter())
            .flat_map(|article| article.locales.iter().map(move |&locale| (article, locale)));
        lists.list("article_translations", translations, |(article, locale), object| {
            object.put("article_id", &article.id);
            view::translation(article, locale, object);
        })?;
        lists.list("topics", self.topics.rows(), |topic, object| {
            view::topic(topic, self.article_count(topic.id), object);
        })?;
        lists.list("brands", self.brands.rows(), view::brand)?;
        lists.list("labels", self.labels.rows(), view::label)?;
        lists.list("custom_fields", self.custom_fields.rows(), view::custom_field)
    }
}
