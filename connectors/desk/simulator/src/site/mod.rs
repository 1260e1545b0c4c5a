//! A help desk: all its records, and what can be found in them.

mod cases;
mod custom_fields;
mod edit;
mod library;
mod people;
mod wording;

pub(crate) use custom_fields::FieldValue;
pub use edit::{Changes, Edit};

use crate::dice::Dice;
use crate::model::{
    Article, Attachment, Brand, Case, Company, Customer, Definition, Feedback, Group, Interaction, Label, Note, Topic,
    User,
};
use crate::moment::Moment;
use crate::options::SiteOptions;
use crate::table::Table;

/// How long before its present a site was opened.
const HISTORY: i64 = 3 * 365 * 86_400;

/// A Desk site with all its records. The same options give the same site, and the same edits on it
/// the same changes.
#[derive(Clone, Debug)]
pub struct Site {
    pub(crate) options: SiteOptions,
    /// The site's own time. Only edits move it, so that nothing depends on the wall clock.
    pub(crate) clock: Moment,
    /// When a user was last changed or deleted: the entity tag of all users' lists.
    pub(crate) users_changed_at: Moment,
    pub(crate) edits: Dice,
    pub(crate) cases: Table<Case>,
    pub(crate) interactions: Table<Interaction>,
    pub(crate) notes: Table<Note>,
    pub(crate) attachments: Table<Attachment>,
    pub(crate) customers: Table<Customer>,
    pub(crate) companies: Table<Company>,
    pub(crate) users: Table<User>,
    pub(crate) groups: Table<Group>,
    pub(crate) articles: Table<Article>,
    pub(crate) topics: Table<Topic>,
    pub(crate) brands: Table<Brand>,
    pub(crate) labels: Table<Label>,
    pub(crate) custom_fields: Table<Definition>,
    pub(crate) feedbacks: Table<Feedback>,
}

impl Site {
    /// Makes the site that these options describe.
    #[must_use]
    pub fn generate(options: &SiteOptions) -> Self {
        let eras = Span::before(options.today);
        let groups = people::groups(eras);
        let users = people::users(options.seed, eras, &groups);
        let companies = people::companies(options, eras);
        let mut customers = people::customers(options, eras, &companies);
        let labels = library::labels(eras);
        let cases = cases::generate(
            options,
            eras,
            &cases::Around { customers: &customers, users: &users, groups: &groups, labels: &labels },
        );
        for (row, case) in cases.cases.iter().enumerate() {
            // Customer ids are a site's oldest numbers; each case names one that exists.
            let owner = customers.binary_search_by_key(&case.customer, |customer| customer.id);
            let row = u32::try_from(row).expect("fewer than four billion cases");
            customers[owner.expect("a case's customer exists")].cases.push(row);
        }
        let brands = library::brands(eras);
        let topics = library::topics(eras, &brands);
        let articles = library::articles(options.seed, eras, &topics, &users);
        let users_changed_at = users.iter().map(|user| user.updated_at).max();
        Self {
            options: options.clone(),
            clock: options.today,
            users_changed_at: users_changed_at.unwrap_or(options.today),
            edits: Dice::new(options.seed, "edits"),
            cases: Table::new(cases.cases),
            interactions: Table::new(cases.interactions),
            notes: Table::new(cases.notes),
            attachments: Table::new(cases.attachments),
            feedbacks: Table::new(cases.feedbacks),
            customers: Table::new(customers),
            companies: Table::new(companies),
            users: Table::new(users),
            groups: Table::new(groups),
            articles: Table::new(articles),
            topics: Table::new(topics),
            brands: Table::new(brands),
            labels: Table::new(labels),
            custom_fields: Table::new(custom_fields::definitions(eras)),
        }
    }

    /// The message and the replies of a case, in the order in which they were written.
    pub(crate) fn conversation<'s>(&'s self, case: &'s Case) -> impl Iterator<Item = &'s Interaction> {
        (case.interactions.iter()).map(|&row| &self.interactions.rows()[row as usize])
    }

    pub(crate) fn article_count(&self, topic: u64) -> usize {
        self.articles.rows().iter().filter(|article| article.topic == topic).count()
    }

    pub(crate) fn label_name(&self, id: u64) -> Option<&'static str> {
        self.labels.get(id).map(|label| label.name)
    }
}

/// From a site's opening to its present.
#[derive(Clone, Copy, Debug)]
struct Span {
    start: Moment,
    end: Moment,
}

impl Span {
    fn before(end: Moment) -> Self {
        Self { start: end.plus(-HISTORY), end }
    }

    /// The moment of creation of the `place`th of `count` records, evenly spread and ascending.
    fn creation(self, place: usize, count: usize) -> Moment {
        let (place, count) = (place.cast_signed() as i64, count.cast_signed() as i64);
        self.start.plus((self.end.0 - self.start.0 - 3600) * place / count.max(1))
    }

    /// Some moment from `created` on. One record in twelve was last touched by one of a few bulk
    /// actions, which stamp the same second on very many.
    fn change(self, created: Moment, dice: &mut Dice) -> Moment {
        const BULK_ACTIONS: i64 = 6;
        if dice.percent(8) {
            let action = dice.seconds(BULK_ACTIONS) + 1;
            let stamp = self.end.plus(-(HISTORY / 12) * action / BULK_ACTIONS - 3600);
            if stamp >= created {
                return stamp;
            }
        }
        self.later(created, 30 * 86_400, dice)
    }

    /// Up to `within` seconds later, but never in the future.
    fn later(self, than: Moment, within: i64, dice: &mut Dice) -> Moment {
        than.plus(1 + dice.seconds(within)).min(self.end)
    }
}
