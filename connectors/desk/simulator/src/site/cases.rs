//! Cases and everything that hangs on one: message, replies, notes, attachments and feedback.

use super::Span;
use super::wording::{BODIES, FEEDBACK, SUBJECTS};
use crate::dice::Dice;
use crate::model::{Attachment, Case, Channel, Customer, Feedback, Group, Interaction, Label, Note, User};
use crate::moment::Moment;
use crate::options::SiteOptions;

/// Who and what the cases refer to.
pub(super) struct Around<'a> {
    pub(super) customers: &'a [Customer],
    pub(super) users: &'a [User],
    pub(super) groups: &'a [Group],
    pub(super) labels: &'a [Label],
}

#[derive(Default)]
pub(super) struct Generated {
    pub(super) cases: Vec<Case>,
    pub(super) interactions: Vec<Interaction>,
    pub(super) notes: Vec<Note>,
    pub(super) attachments: Vec<Attachment>,
    pub(super) feedbacks: Vec<Feedback>,
}

pub(super) fn generate(options: &SiteOptions, eras: Span, around: &Around<'_>) -> Generated {
    let mut dice = Dice::new(options.seed, "cases");
    let mut made = Generated::default();
    let mut id = 3_000;
    for place in 0..options.cases {
        id += 1 + dice.seconds(3).unsigned_abs();
        let created_at = eras.creation(place, options.cases);
        let mut case = draft(id, created_at, around, &mut dice);
        converse(&mut case, eras, around, &mut dice, &mut made.interactions);
        annotate(&mut case, eras, around, &mut dice, &mut made);
        case.updated_at = eras.change(case.changed_at, &mut dice);
        made.cases.push(case);
    }
    number_interactions(&mut made);
    made.feedbacks = feedbacks(&mut made.cases, &made.interactions, eras, &mut dice);
    made
}

/// A case as it arrives; `subject` and the rest are drawn, nothing has happened to it yet.
pub(super) fn draft(id: u64, created_at: Moment, around: &Around<'_>, dice: &mut Dice) -> Case {
    // Only somebody who was known by then can have written.
    let known = (around.customers).partition_point(|customer| customer.created_at <= created_at);
    let customer = &around.customers[dice.below(known.max(1))];
    let status = status(dice);
    let first_opened_at = (status != "new").then(|| created_at.plus(300));
    let is_done = matches!(status, "resolved" | "closed");
    Case {
        id,
        external_id: dice.pick_of(&[None, None, Some(0), Some(1)]).map(|filled| match filled {
            0 => String::new(),
            _ => format!("shop-{id}"),
        }),
        subject: if dice.percent(2) { String::new() } else { dice.pick(&SUBJECTS).into() },
        blurb: dice.percent(90).then(|| dice.pick(&BODIES).into()),
        description: dice.pick_of(&[None, Some(""), Some("Called twice")]).map(Into::into),
        priority: 1 + u8::try_from(dice.below(10)).unwrap_or_default(),
        status,
        channel: channel(dice),
        language: dice.percent(80).then(|| dice.pick(&["en", "de", "fr"])),
        labels: (around.labels.iter().map(|label| label.id)).filter(|_| dice.percent(8)).collect(),
        customer: customer.id,
        assigned_user: dice.percent(60).then(|| around.users[dice.below(around.users.len())].id),
        assigned_group: dice.percent(70).then(|| around.groups[dice.below(around.groups.len())].id),
        locked_by: dice.percent(1).then(|| around.users[0].id),
        feedback: false,
        route_status: dice.pick_of(&[Some("available"), Some("available"), Some("scheduled"), None]),
        first_opened_at,
        first_resolved_at: is_done.then(|| created_at.plus(7_200)),
        received_at: Some(created_at),
        changed_at: created_at.plus(if is_done { 7_200 } else { 300 }),
        created_at,
        updated_at: created_at.plus(7_200),
        interactions: Vec::new(),
        notes: Vec::new(),
        attachments: Vec::new(),
        revision: 0,
    }
}

fn status(dice: &mut Dice) -> &'static str {
    match dice.below(100) {
        0..8 => "new",
        8..23 => "open",
        23..35 => "pending",
        35..65 => "resolved",
        65..97 => "closed",
        _ => "deleted",
    }
}

fn channel(dice: &mut Dice) -> Channel {
    match dice.below(20) {
        0..11 => Channel::Email,
        11..14 => Channel::Phone,
        14..16 => Channel::Twitter,
        16..18 => Channel::Chat,
        18 => Channel::Facebook,
        _ => Channel::Qna,
    }
}

/// The message, and one and a half replies on average.
fn converse(case: &mut Case, eras: Span, around: &Around<'_>, dice: &mut Dice, interactions: &mut Vec<Interaction>) {
    const REPLIES: [usize; 10] = [0, 0, 0, 1, 1, 1, 2, 2, 3, 5];
    let mut at = case.created_at;
    for nth in 0..=dice.pick_of(&REPLIES) {
        if nth > 0 {
            at = eras.later(at, 2 * 86_400, dice);
        }
        case.changed_at = case.changed_at.max(at);
        let user = &around.users[dice.below(around.users.len())];
        // Most conversations are begun by the customer and carried on by both.
        let is_agent = dice.percent(if nth == 0 { 5 } else { 60 });
        let speaker = is_agent.then_some(user);
        let mut interaction = speak(case, at, speaker, dice);
        interaction.is_message = nth == 0;
        interactions.push(interaction);
    }
}

/// Something said on a case, by its customer or by an agent.
pub(super) fn speak(case: &Case, at: Moment, agent: Option<&User>, dice: &mut Dice) -> Interaction {
    let outgoing = agent.is_some();
    let is_email = case.channel == Channel::Email;
    let shop = "\"Shop\" <help@shop.example>".to_owned();
    let customer = format!("Ann Ünal <c{}.0@example.com>", case.customer);
    let (from, to) = if outgoing { (shop, customer) } else { (customer, shop) };
    let status = match (outgoing, dice.below(20)) {
        (false, _) => "received",
        (true, 0) => "failed",
        (true, 1) => "pending",
        (true, _) => "sent",
    };
    Interaction {
        id: 0,
        case: case.id,
        customer: case.customer,
        channel: case.channel,
        is_message: false,
        outgoing,
        status,
        subject: is_email.then(|| format!("Re: {}", case.subject)),
        body: dice.pick(&BODIES).into(),
        from: is_email.then_some(from),
        to: is_email.then_some(to),
        cc: dice.percent(5).then(|| "Bo <bo@example.com>, \"Li, C\" <cl@example.com>".into()),
        bcc: dice.percent(2).then(String::new),
        client_type: dice.pick(&["unknown", "desk_portal", "desk_agent"]),
        hidden_at: dice.percent(2).then(|| at.plus(1)),
        sent_by: agent.filter(|_| dice.percent(90)).map(|agent| agent.id),
        sent_at: (status == "sent").then_some(at),
        created_at: at,
        updated_at: at,
    }
}

fn annotate(case: &mut Case, eras: Span, around: &Around<'_>, dice: &mut Dice, made: &mut Generated) {
    let created_at = case.created_at;
    if dice.percent(20) {
        case.notes.push(u32::try_from(made.notes.len()).unwrap_or_default());
        made.notes.push(Note {
            id: 500 + made.notes.len() as u64,
            case: case.id,
            user: around.users[dice.below(around.users.len())].id,
            body: dice.pick(&BODIES).into(),
            created_at,
            updated_at: eras.later(created_at, 3_600, dice),
        });
    }
    if dice.percent(10) {
        case.attachments.push(u32::try_from(made.attachments.len()).unwrap_or_default());
        made.attachments.push(Attachment {
            id: 900 + made.attachments.len() as u64,
            case: case.id,
            file_name: dice.pick(&["receipt.pdf", "photo größer.jpg", "log (1).txt"]).into(),
            content_type: dice.pick(&["application/pdf", "image/jpeg", "text/plain"]),
            size: dice.next() % 5_000_000,
            uploaded_by: dice.percent(50).then(|| around.users[0].id),
            created_at,
            updated_at: created_at,
        });
    }
}

/// Numbers messages and replies of the whole site in the order in which they were written, for that is
/// how the interactions' cursor walks, and tells each case its own.
fn number_interactions(made: &mut Generated) {
    // Stable: what a case's conversation says within one second keeps its order.
    made.interactions.sort_by_key(|interaction| interaction.created_at);
    for (row, interaction) in made.interactions.iter_mut().enumerate() {
        interaction.id = 88_000 + 2 * row as u64;
        let case = made.cases.binary_search_by_key(&interaction.case, |case| case.id);
        let row = u32::try_from(row).expect("fewer than four billion interactions");
        made.cases[case.expect("an interaction's case exists")].interactions.push(row);
    }
}

/// One case in ten with a reply was rated.
fn feedbacks(cases: &mut [Case], interactions: &[Interaction], eras: Span, dice: &mut Dice) -> Vec<Feedback> {
    let mut feedbacks = Vec::with_capacity(cases.len() / 10);
    for case in cases.iter_mut().filter(|case| case.interactions.len() > 1) {
        if !dice.percent(14) {
            continue;
        }
        case.feedback = true;
        let reply = &interactions[case.interactions[1] as usize];
        let is_stars = dice.percent(60);
        feedbacks.push(Feedback {
            id: 0,
            rating: if is_stars { 1 + dice.pick_of(&[0, 1, 2, 3]) } else { dice.pick_of(&[0, 1]) },
            rating_type: if is_stars { "four_star" } else { "yes_no" },
            additional_feedback: dice.percent(50).then(|| dice.pick(&FEEDBACK)),
            case: case.id,
            customer: case.customer,
            reply: reply.id,
            user: reply.sent_by,
            created_at: eras.later(reply.created_at, 86_400, dice),
            updated_at: eras.end,
        });
    }
    feedbacks.sort_by_key(|feedback| feedback.created_at);
    for (place, feedback) in feedbacks.iter_mut().enumerate() {
        feedback.id = 31 + place as u64;
        feedback.updated_at = feedback.created_at;
    }
    feedbacks
}
