//! Everybody a desk deals with: agents and their groups, customers and their companies.

use super::Span;
use super::wording::{BACKGROUNDS, COMPANIES, COMPANY_KINDS, FIRST_NAMES, GROUPS, LAST_NAMES, STREETS, TITLES};
use crate::dice::Dice;
use crate::model::{Company, Contact, Customer, Group, User};
use crate::options::SiteOptions;

const USERS: usize = 25;
const GROUP_COUNT: usize = 6;
const KINDS: [&str; 4] = ["home", "work", "mobile", "other"];

pub(super) fn groups(eras: Span) -> Vec<Group> {
    (0..GROUP_COUNT)
        .map(|place| Group {
            id: 171_213 + 7 * place as u64,
            name: GROUPS[place],
            created_at: eras.start,
            updated_at: eras.start,
        })
        .collect()
}

pub(super) fn users(seed: u64, eras: Span, groups: &[Group]) -> Vec<User> {
    let mut dice = Dice::new(seed, "users");
    (0..USERS)
        .map(|place| {
            let first = dice.pick(&FIRST_NAMES);
            let name = format!("{first} {}", dice.pick(&LAST_NAMES));
            let created_at = eras.creation(place, USERS * 4);
            let current_login_at = (!dice.percent(15)).then(|| eras.end.plus(-dice.seconds(40 * 86_400)));
            User {
                id: 16 + 3 * place as u64,
                public_name: if dice.percent(80) { first.into() } else { String::new() },
                email: format!("agent{place}@shop.example"),
                email_verified: dice.percent(90),
                level: match place {
                    0 => "siteadmin_billing",
                    1..4 => "siteadmin",
                    _ => "agent",
                },
                created_at,
                updated_at: eras.change(created_at, &mut dice),
                current_login_at,
                last_login_at: current_login_at
                    .filter(|_| dice.percent(80))
                    .map(|login| login.plus(-dice.seconds(86_400))),
                available: dice.percent(30),
                // Some agents are in no group, some in several.
                groups: (groups.iter().map(|group| group.id)).filter(|_| dice.percent(30)).collect(),
                name,
            }
        })
        .collect()
}

fn customer_count(options: &SiteOptions) -> usize {
    (options.cases / 4).max(5)
}

pub(super) fn companies(options: &SiteOptions, eras: Span) -> Vec<Company> {
    let mut dice = Dice::new(options.seed, "companies");
    let count = (customer_count(options) / 10).max(3);
    let mut id = 70;
    (0..count)
        .map(|place| {
            id += 1 + dice.seconds(4).unsigned_abs();
            let created_at = eras.creation(place, count);
            Company {
                id,
                name: format!("{} {} {id}", dice.pick(&COMPANIES), dice.pick(&COMPANY_KINDS)),
                domains: (0..dice.below(4)).map(|nth| format!("c{id}-{nth}.example")).collect(),
                external_id: dice.percent(40).then(|| format!("erp/{id}")),
                created_at,
                updated_at: eras.change(created_at, &mut dice),
                revision: 0,
            }
        })
        .collect()
}

pub(super) fn customers(options: &SiteOptions, eras: Span, companies: &[Company]) -> Vec<Customer> {
    let mut dice = Dice::new(options.seed, "customers");
    let count = customer_count(options);
    let mut id = 9_000;
    (0..count)
        .map(|place| {
            id += 1 + dice.seconds(3).unsigned_abs();
            let created_at = eras.creation(place, count);
            let company = dice.percent(60).then(|| &companies[dice.below(companies.len())]);
            Customer {
                id,
                first_name: dice.percent(95).then(|| dice.pick(&FIRST_NAMES).into()),
                last_name: dice.percent(80).then(|| dice.pick(&LAST_NAMES).into()),
                // The name is the customer's own word; the link is the desk's. They may differ.
                company_name: match company {
                    Some(company) if dice.percent(80) => Some(company.name.clone()),
                    _ if dice.percent(20) => Some(dice.pick(&COMPANIES).into()),
                    _ => dice.percent(50).then(String::new),
                },
                company: company.map(|company| company.id),
                title: dice.percent(30).then(|| dice.pick(&TITLES)),
                uid: dice.percent(10).then(|| format!("sso-{id}")),
                external_id: dice.percent(30).then(|| format!("crm-{id}")),
                background: dice.percent(20).then(|| dice.pick(&BACKGROUNDS).into()),
                language: dice.percent(70).then(|| dice.pick(&["en", "de", "fr", "ja"])),
                locked_until: dice.percent(1).then(|| eras.end.plus(600)),
                created_at,
                updated_at: eras.change(created_at, &mut dice),
                private_portal: dice.percent(70),
                company_cases: dice.percent(20),
                emails: contacts(&mut dice, 3, |_, nth| format!("c{id}.{nth}@example.com")),
                phone_numbers: contacts(&mut dice, 2, |dice, _| format!("+1 555 {:04}", dice.below(10_000))),
                addresses: contacts(&mut dice, 2, |dice, _| dice.pick(&STREETS).into()),
                cases: Vec::new(),
                revision: 0,
            }
        })
        .collect()
}

/// Up to `most` contacts; the same one may stand there twice, as recorded.
fn contacts(dice: &mut Dice, most: usize, value: impl Fn(&mut Dice, usize) -> String) -> Vec<Contact> {
    let mut contacts: Vec<_> =
        (0..dice.below(most + 1)).map(|nth| Contact { r#type: dice.pick(&KINDS), value: value(dice, nth) }).collect();
    if dice.percent(5) {
        contacts.extend(contacts.first().cloned());
    }
    contacts
}
