//! Customers, companies, users and groups.

use super::{custom_fields, href};
use crate::json::Object;
use crate::model::{Company, Customer, Group, User};
use crate::site::Site;

pub(crate) fn customer(site: &Site, customer: &Customer, object: &mut Object<'_>) {
    object.put_late("id", &customer.id);
    object.put("first_name", &customer.first_name);
    object.put("last_name", &customer.last_name);
    object.put("company", &customer.company_name);
    object.put("title", &customer.title);
    object.put("avatar", &format!("http://www.gravatar.com/avatar/{:032x}?size=50", customer.id));
    object.put("uid", &customer.uid);
    object.put("external_id", &customer.external_id);
    object.put("background", &customer.background);
    object.put("language", &customer.language);
    object.put("locked_until", &customer.locked_until);
    object.put("created_at", &customer.created_at);
    object.put("updated_at", &customer.updated_at);
    object.put_late("access_private_portal", &customer.private_portal);
    object.put_late("access_company_cases", &customer.company_cases);
    custom_fields(object, site, "customer", (customer.id, customer.revision));
    object.put("emails", &customer.emails);
    object.put("phone_numbers", &customer.phone_numbers);
    object.put("addresses", &customer.addresses);
    object.nest("_links", |links| {
        let own = href("customers", customer.id);
        links.link("self", "customer", &own);
        let locked_by = customer.locked_until.and(site.users.rows().first());
        links.link_to("locked_by", "user", locked_by.map(|user| href("users", user.id)));
        links.link_to("company", "company", customer.company.map(|id| href("companies", id)));
        links.put("facebook_user", &());
        links.put("twitter_user", &());
        links.collection("cases", "case", &format!("{own}/cases"), customer.cases.len());
    });
}

pub(crate) fn company(site: &Site, company: &Company, object: &mut Object<'_>) {
    object.put_late("id", &company.id);
    object.put("name", &company.name);
    object.put("domains", &company.domains);
    object.put_late("external_id", &company.external_id);
    object.put("created_at", &company.created_at);
    object.put("updated_at", &company.updated_at);
    custom_fields(object, site, "company", (company.id, company.revision));
    object.nest("_links", |links| {
        let own = href("companies", company.id);
        links.link("self", "company", &own);
        links.link("customers", "customer", &format!("{own}/customers"));
        links.link("cases", "case", &format!("{own}/cases"));
    });
}

pub(crate) fn user(user: &User, object: &mut Object<'_>) {
    object.put_late("id", &user.id);
    object.put("name", &user.name);
    object.put("public_name", &user.public_name);
    object.put("email", &user.email);
    object.put("email_verified", &user.email_verified);
    object.put("level", user.level);
    object.put("avatar", &format!("http://www.gravatar.com/avatar/{:032x}", user.id));
    object.put("created_at", &user.created_at);
    object.put("updated_at", &user.updated_at);
    object.put("current_login_at", &user.current_login_at);
    object.put("last_login_at", &user.last_login_at);
    object.put("available", &user.available);
    object.put_asked("deleted", &false);
    object.nest("_links", |links| {
        const CHILDREN: [(&str, &str); 6] = [
            ("preferences", "user_preference"),
            ("searches", "search"),
            ("groups", "group"),
            ("macros", "macro"),
            ("filters", "filter"),
            ("integration_urls", "integration_url"),
        ];
        let own = href("users", user.id);
        links.link("self", "user", &own);
        for (name, class) in CHILDREN {
            links.link(name, class, &format!("{own}/{name}"));
        }
    });
}

pub(crate) fn group(group: &Group, object: &mut Object<'_>) {
    object.put_late("id", &group.id);
    object.put("name", group.name);
    object.nest("_links", |links| {
        links.link("self", "group", &href("groups", group.id));
    });
}
