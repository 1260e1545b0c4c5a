//! What a site remembers of each record. What follows from these facts (links, class names, values of
//! custom fields) is worked out when a record is written.

use crate::moment::Moment;
use crate::table::Record;

macro_rules! records {
    ($($kind:ty),+) => {$(
        impl Record for $kind {
            fn id(&self) -> u64 { self.id }
            fn created_at(&self) -> Moment { self.created_at }
            fn updated_at(&self) -> Moment { self.updated_at }
        }
    )+};
}

records!(
    Case,
    Interaction,
    Note,
    Attachment,
    Customer,
    Company,
    User,
    Group,
    Article,
    Topic,
    Brand,
    Label,
    Definition,
    Feedback
);

/// How a case arrived; `type` in its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Channel {
    Email,
    Phone,
    Twitter,
    Chat,
    Facebook,
    Qna,
}

impl Channel {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Twitter => "twitter",
            Self::Chat => "chat",
            Self::Facebook => "facebook",
            Self::Qna => "qna",
        }
    }

    /// The class in a case's link to its message.
    pub(crate) fn linked_class(self) -> &'static str {
        match self {
            Self::Twitter => "tweet",
            Self::Facebook => "facebook_post",
            Self::Qna => "community_question",
            other => other.name(),
        }
    }

    /// The class by which a message names itself; recorded to differ from the link for `phone`.
    pub(crate) fn message_class(self) -> &'static str {
        match self {
            Self::Phone => "phone_call",
            Self::Chat => "chat_message",
            other => other.linked_class(),
        }
    }

    pub(crate) fn reply_class(self) -> &'static str {
        match self {
            Self::Facebook => "facebook_comment",
            Self::Qna => "community_answer",
            other => other.message_class(),
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) id: u64,
    pub(crate) external_id: Option<String>,
    pub(crate) subject: String,
    pub(crate) blurb: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) priority: u8,
    pub(crate) status: &'static str,
    pub(crate) channel: Channel,
    pub(crate) language: Option<&'static str>,
    pub(crate) labels: Vec<u64>,
    pub(crate) customer: u64,
    pub(crate) assigned_user: Option<u64>,
    pub(crate) assigned_group: Option<u64>,
    pub(crate) locked_by: Option<u64>,
    pub(crate) feedback: bool,
    pub(crate) route_status: Option<&'static str>,
    pub(crate) first_opened_at: Option<Moment>,
    pub(crate) first_resolved_at: Option<Moment>,
    pub(crate) received_at: Option<Moment>,
    pub(crate) changed_at: Moment,
    pub(crate) created_at: Moment,
    pub(crate) updated_at: Moment,
    /// Rows of its message (always the first) and of its replies among the interactions.
    pub(crate) interactions: Vec<u32>,
    pub(crate) notes: Vec<u32>,
    pub(crate) attachments: Vec<u32>,
    /// How often its custom fields were set anew.
    pub(crate) revision: u64,
}

/// A message or a reply.
#[derive(Clone, Debug)]
pub(crate) struct Interaction {
    pub(crate) id: u64,
    pub(crate) case: u64,
    pub(crate) customer: u64,
    pub(crate) channel: Channel,
    pub(crate) is_message: bool,
    pub(crate) outgoing: bool,
    pub(crate) status: &'static str,
    pub(crate) subject: Option<String>,
    pub(crate) body: String,
    pub(crate) from: Option<String>,
    pub(crate) to: Option<String>,
    pub(crate) cc: Option<String>,
    pub(crate) bcc: Option<String>,
    pub(crate) client_type: &'static str,
    pub(crate) hidden_at: Option<Moment>,
    pub(crate) sent_by: Option<u64>,
    pub(crate) sent_at: Option<Moment>,
    pub(crate) created_at: Moment,
    pub(crate) updated_at: Moment,
}

#[derive(Clone, Debug)]
pub(crate) struct Note {
    pub(crate) id: u64,
    pub(crate) case: u64,
    pub(crate) user: u64,
    pub(crate) body: String,
    pub(crate) created_at: Moment,
    pub(crate) updated_at: Moment,
}

#[derive(Clone, Debug)]
pub(crate) struct Attachment {
    pub(crate) id: u64,
    pub(crate) case: u64,
    pub(crate) file_name: String,
    pub(crate) content_type: &'static str,
    pub(crate) size: u64,
    pub(crate) uploaded_by: Option<u64>,
    pub(crate) created_at: Moment,
    pub(crate) updated_at: Moment,
}

/// An e-mail address, a telephone number or a postal address.
#[derive(Clone, Debug, serde::Serialize)]
pub(crate) struct Contact {
    pub(crate) r#type: &'static str,
    pub(crate) value: String,
}

#[derive(Clone, Debug)]
pub(crate) struct Customer {
    pub(crate) id: u64,
    pub(crate) first_name: Option<String>,
    pub(crate) last_name: Option<String>,
    pub(crate) company_name: Option<String>,
    pub(crate) company: Option<u64>,
    pub(crate) title: Option<&'static str>,
    pub(crate) uid: Option<String>,
    pub(crate) external_id: Option<String>,
    pub(crate) background: Option<String>,
    pub(crate) language: Option<&'static str>,
    pub(crate) locked_until: Option<Moment>,
    pub(crate) created_at: Moment,
    pub(crate) updated_at: Moment,
    pub(crate) private_portal: bool,
    pub(crate) company_cases: bool,
    pub(crate) emails: Vec<Contact>,
    pub(crate) phone_numbers: Vec<Contact>,
    pub(crate) addresses: Vec<Contact>,
    /// Rows of the customer's cases.
    pub(crate) cases: Vec<u32>,
    pub(crate) revision: u64,
}

#[derive(Clone, Debug)]
pub(crate) struct Company {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) domains: Vec<String>,
    pub(crate) external_id: Option<String>,
    pub(crate) created_at: Moment,
    pub(crate) updated_at: Moment,
    pub(crate) revision: u64,
}

#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) public_name: String,
    pub(crate) email: String,
    pub(crate) email_verified: bool,
    pub(crate) level: &'static str,
    pub(crate) created_at: Moment,
    pub(crate) updated_at: Moment,
    pub(crate) current_login_at: Option<Moment>,
    pub(crate) last_login_at: Option<Moment>,
    pub(crate) available: bool,
    pub(crate) groups: Vec<u64>,
}

#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) id: u64,
    pub(crate) name: &'static str,
    pub(crate) created_at: Moment,
    pub(crate) updated_at: Moment,
}

/// The variants of an article's body, each with its own `_auto` flag, in the order Desk writes them.
pub(crate) const BODY_VARIANTS: [&str; 7] = ["email", "chat", "web_callback", "twitter", "qna", "phone", "facebook"];

#[derive(Clone, Debug)]
pub(crate) struct Article {
    pub(crate) id: u64,
    pub(crate) locale: Option<&'static str>,
    pub(crate) locales: Vec<&'static str>,
    pub(crate) subject: String,
    pub(crate) body: String,
    /// Text and flag of each of [`BODY_VARIANTS`]; a variant may be stale although its flag is true.
    pub(crate) variants: Vec<(String, bool)>,
    pub(crate) rating_count: u64,
    pub(crate) rating_score: u64,
    pub(crate) keywords: Option<&'static str>,
    pub(crate) position: u64,
    pub(crate) quickcode: Option<String>,
    pub(crate) publish_at: Option<Moment>,
    pub(crate) in_support_center: Option<bool>,
    pub(crate) internal_notes: Option<&'static str>,
    pub(crate) topic: u64,
    pub(crate) brand: u64,
    pub(crate) author: u64,
    pub(crate) editor: u64,
    pub(crate) created_at: Moment,
    pub(crate) updated_at: Moment,
}

#[derive(Clone, Debug)]
pub(crate) struct Topic {
    pub(crate) id: u64,
    pub(crate) name: &'static str,
    pub(crate) description: Option<&'static str>,
    pub(crate) position: u64,
    pub(crate) allow_questions: bool,
    pub(crate) in_support_center: Option<bool>,
    pub(crate) brand: u64,
    pub(crate) created_at: Moment,
    pub(crate) updated_at: Moment,
}

#[derive(Clone, Debug)]
pub(crate) struct Brand {
    pub(crate) id: u64,
    pub(crate) name: &'static str,
    pub(crate) created_at: Moment,
    pub(crate) updated_at: Moment,
}

#[derive(Clone, Debug)]
pub(crate) struct Label {
    pub(crate) id: u64,
    pub(crate) name: &'static str,
    pub(crate) description: Option<&'static str>,
    pub(crate) enabled: bool,
    pub(crate) types: &'static [&'static str],
    pub(crate) color: &'static str,
    pub(crate) created_at: Moment,
    pub(crate) updated_at: Moment,
}

/// A custom field: `kind` is `ticket` (which means cases), `customer` or `company`.
#[derive(Clone, Debug)]
pub(crate) struct Definition {
    pub(crate) id: u64,
    pub(crate) name: &'static str,
    pub(crate) label: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) active: bool,
    pub(crate) values: Values,
    pub(crate) created_at: Moment,
    pub(crate) updated_at: Moment,
}

/// What a custom field holds. A list may be dependent: its choices are then `Parent::Child`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Values {
    Text,
    Number,
    Date,
    Boolean,
    List(&'static [&'static str]),
}

#[derive(Clone, Debug)]
pub(crate) struct Feedback {
    pub(crate) id: u64,
    pub(crate) rating: u8,
    pub(crate) rating_type: &'static str,
    pub(crate) additional_feedback: Option<&'static str>,
    pub(crate) case: u64,
    pub(crate) customer: u64,
    pub(crate) reply: u64,
    pub(crate) user: Option<u64>,
    pub(crate) created_at: Moment,
    pub(crate) updated_at: Moment,
}
