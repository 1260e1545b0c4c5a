//! Changing a site as its agents and customers would, so that a second sync has something to find.

use serde::Serialize;

use super::Site;
use super::cases::{Around, draft, speak};
use crate::table::Record;

const STATUSES: [&str; 4] = ["open", "pending", "resolved", "closed"];

/// What to change. Which records are chosen follows from the site's seed and its earlier edits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Edit {
    /// Cases to give another subject and status; every second one also gets a reply.
    pub cases: usize,
    /// Cases to add, each with its message.
    pub new_cases: usize,
    /// Customers to change.
    pub customers: usize,
    /// Companies to change.
    pub companies: usize,
    /// Articles to rewrite.
    pub articles: usize,
    /// Cases to mark `deleted`; they stay in every list, as on Desk.
    pub deleted_cases: usize,
    /// Custom fields to rename, three at most.
    pub renamed_fields: usize,
    /// Users to delete; they are gone from every list, links to them stay.
    pub deleted_users: usize,
}

/// What an edit did: the ids concerned.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Changes {
    /// Changed cases, those marked deleted included.
    pub cases: Vec<u64>,
    /// Added cases.
    pub new_cases: Vec<u64>,
    /// Added replies; the first message of a new case is none.
    pub replies: Vec<u64>,
    /// Changed customers.
    pub customers: Vec<u64>,
    /// Changed companies.
    pub companies: Vec<u64>,
    /// Rewritten articles.
    pub articles: Vec<u64>,
    /// Renamed custom fields.
    pub renamed_fields: Vec<u64>,
    /// Deleted users.
    pub deleted_users: Vec<u64>,
}

impl Site {
    /// Changes the site. Its clock goes on by one second, which all changed records carry.
    pub fn edit(&mut self, edit: &Edit) -> Changes {
        self.clock = self.clock.plus(1);
        let mut changes = Changes::default();
        for nth in 0..edit.cases {
            self.touch_case(nth, &mut changes);
        }
        for _ in 0..edit.deleted_cases {
            self.delete_case(&mut changes);
        }
        for _ in 0..edit.new_cases {
            self.open_case(&mut changes);
        }
        let now = self.clock;
        for _ in 0..edit.customers.min(self.customers.rows().len()) {
            let row = self.edits.below(self.customers.rows().len());
            self.customers.change(row, |customer| {
                customer.title = Some("Promoted");
                customer.revision += 1;
                customer.updated_at = now;
            });
            changes.customers.push(self.customers.rows()[row].id);
        }
        for _ in 0..edit.companies.min(self.companies.rows().len()) {
            let row = self.edits.below(self.companies.rows().len());
            self.companies.change(row, |company| {
                company.revision += 1;
                company.domains.push(format!("more{}.example", company.revision));
                company.updated_at = now;
            });
            changes.companies.push(self.companies.rows()[row].id);
        }
        for _ in 0..edit.articles.min(self.articles.rows().len()) {
            let row = self.edits.below(self.articles.rows().len());
            self.articles.change(row, |article| {
                article.body = format!("<p>Rewritten at {now}</p>");
                article.updated_at = now;
            });
            changes.articles.push(self.articles.rows()[row].id);
        }
        changes.renamed_fields = self.rename_fields(edit.renamed_fields);
        for _ in 0..edit.deleted_users {
            self.delete_user(&mut changes);
        }
        changes
    }

    /// Changes `count` cases and replies to every second one.
    pub fn touch_cases(&mut self, count: usize) -> Changes {
        self.edit(&Edit { cases: count, ..Edit::default() })
    }

    fn touch_case(&mut self, nth: usize, changes: &mut Changes) {
        let Some(row) = self.some_case(&changes.cases) else {
            return;
        };
        let now = self.clock;
        let status = self.edits.pick(&STATUSES);
        self.cases.change(row, |case| {
            case.subject = format!("Edited: {}", case.subject.trim_start_matches("Edited: "));
            case.status = status;
            case.first_opened_at = case.first_opened_at.or(Some(now));
            if matches!(status, "resolved" | "closed") {
                case.first_resolved_at = case.first_resolved_at.or(Some(now));
            }
            case.revision += 1;
            case.changed_at = now;
            case.updated_at = now;
        });
        changes.cases.push(self.cases.rows()[row].id);
        if nth.is_multiple_of(2) {
            changes.replies.push(self.say(row));
        }
    }

    fn delete_case(&mut self, changes: &mut Changes) {
        let Some(row) = self.some_case(&changes.cases) else {
            return;
        };
        let now = self.clock;
        self.cases.change(row, |case| {
            case.status = "deleted";
            case.updated_at = now;
        });
        changes.cases.push(self.cases.rows()[row].id);
    }

    fn open_case(&mut self, changes: &mut Changes) {
        let around = Around {
            customers: self.customers.rows(),
            users: self.users.rows(),
            groups: self.groups.rows(),
            labels: self.labels.rows(),
        };
        let mut case = draft(self.cases.next_id(), self.clock, &around, &mut self.edits);
        case.status = "new";
        case.first_opened_at = None;
        case.first_resolved_at = None;
        case.changed_at = self.clock;
        case.updated_at = self.clock;
        let (id, customer) = (case.id, case.customer);
        let row = self.cases.push(case);
        self.say(row);
        if let Some(owner) = self.customers.position(customer) {
            let row = u32::try_from(row).expect("fewer than four billion cases");
            self.customers.change(owner, |customer| customer.cases.push(row));
        }
        changes.new_cases.push(id);
    }

    /// Adds a message to a case that has none yet, a reply otherwise.
    fn say(&mut self, row: usize) -> u64 {
        let user = self.edits.below(self.users.rows().len());
        let case = &self.cases.rows()[row];
        let is_agent = !case.interactions.is_empty() && self.edits.percent(60);
        let agent = self.users.rows().get(user).filter(|_| is_agent);
        let mut said = speak(case, self.clock, agent, &mut self.edits);
        said.is_message = case.interactions.is_empty();
        said.id = self.interactions.next_id();
        let id = said.id;
        let place = self.interactions.push(said);
        let place = u32::try_from(place).expect("fewer than four billion interactions");
        self.cases.change(row, |case| case.interactions.push(place));
        id
    }

    /// The last user stays: somebody must be asking.
    fn delete_user(&mut self, changes: &mut Changes) {
        let count = self.users.rows().len();
        if count < 2 {
            return;
        }
        let row = 1 + self.edits.below(count - 1);
        changes.deleted_users.push(self.users.remove(row).id());
        self.users_changed_at = self.clock;
    }

    /// A case that this edit did not change yet.
    fn some_case(&mut self, changed: &[u64]) -> Option<usize> {
        let count = self.cases.rows().len();
        let start = self.edits.below(count);
        (0..count).map(|step| (start + step) % count).find(|&row| !changed.contains(&self.cases.rows()[row].id))
    }
}
