//! Lists: their envelope in both generations, their pages and their limits.

use desk_simulator::{Era, Server, ServerOptions, Site, SiteOptions};

use crate::asking::{entries, get, ids, json, list, serve, walk};

fn places(text: &str, keys: &[&str]) -> Vec<usize> {
    let at = |key: &&str| text.find(&format!("\"{key}\":")).unwrap_or_else(|| panic!("no {key}"));
    keys.iter().map(at).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_generation_writes_its_own_order() {
    let server = serve(300, ServerOptions::default()).await;
    let old = get(&server, "/customers?page=2&per_page=10").text();
    let order = ["total_entries", "page", "_links", "self", "first", "last", "previous", "next"];
    assert!(places(&old, &order).is_sorted(), "{}", &old[..900]);
    assert!(old.contains(r#""self":{"href":"/api/v2/customers?page=2&per_page=10","class":"page"}"#));
    let new = get(&server, "/cases?page=2&per_page=10").text();
    let order = ["page", "total_entries", "_links", "self", "first", "last", "next", "previous"];
    assert!(places(&new, &order).is_sorted(), "{}", &new[..900]);
    assert!(new.contains(r#""self":{"class":"page","href":"/api/v2/cases?page=2&per_page=10"}"#));
}

#[tokio::test(flavor = "multi_thread")]
async fn links_keep_own_parameters_and_end_in_null() {
    let server = serve(300, ServerOptions::default()).await;
    let page = json(&server, "/cases/search?subject=please+help&page=1&status=new,open&per_page=2");
    let links = &page["_links"];
    assert_eq!(links["first"]["href"], "/api/v2/cases/search?subject=please+help&status=new%2Copen&page=1&per_page=2");
    assert!(links["previous"].is_null());
    let last = json(&server, links["last"]["href"].as_str().expect("a link")[7..].as_ref());
    assert!(last["_links"]["next"].is_null());
    let none = json(&server, "/cases/search?subject=nobody+wrote+this");
    assert_eq!(none["total_entries"], 0);
    assert_eq!(none["_links"]["first"], none["_links"]["last"]);
    assert!(none["_links"]["next"].is_null() && entries(&none).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn walking_every_list_gives_the_whole_truth() {
    let server = serve(400, ServerOptions::default()).await;
    let truth = server.dump();
    let lists = [
        "cases",
        "customers",
        "companies",
        "users",
        "groups",
        "articles",
        "topics",
        "brands",
        "labels",
        "custom_fields",
        "feedbacks",
        "notes",
    ];
    for name in lists {
        let mut walked = walk(&server, &format!("/{name}?per_page=7"));
        if name == "notes" {
            for note in &mut walked {
                let case = note["_links"]["case"]["href"].as_str().expect("a case").to_owned();
                let id: u64 = case.rsplit('/').next().and_then(|id| id.parse().ok()).expect("an id");
                note["case_id"] = id.into();
            }
        }
        assert_eq!(&walked, list(&truth, name), "{name}");
    }
    let mut groups = Vec::new();
    for user in list(&truth, "users") {
        for mut group in walk(&server, &format!("/users/{}/groups", user["id"])) {
            group["user_id"] = user["id"].clone();
            groups.push(group);
        }
    }
    assert_eq!(&groups, list(&truth, "user_groups"));
}

#[tokio::test(flavor = "multi_thread")]
async fn page_sizes_have_defaults_and_maxima() {
    let server = serve(600, ServerOptions::default()).await;
    let sizes = [
        ("/cases", 50, 100),
        ("/cases/search", 50, 100),
        ("/customers", 50, 100),
        ("/companies/search?q=*", 50, 500),
        ("/articles", 50, 500),
        ("/articles/search?text=a", 30, 500),
        ("/users", 50, 1000),
        ("/groups", 50, 1000),
        ("/labels", 50, 1000),
        ("/custom_fields", 50, 1000),
    ];
    for (path, default, max) in sizes {
        let sep = if path.contains('?') { '&' } else { '?' };
        let link = |path: &str| json(&server, path)["_links"]["self"]["href"].to_string();
        assert!(link(path).ends_with(&format!("per_page={default}\"")), "{path}");
        let clamped = link(&format!("{path}{sep}per_page=5000"));
        assert!(clamped.ends_with(&format!("per_page={max}\"")), "{path}");
    }
    assert_eq!(entries(&json(&server, "/cases?per_page=5000")).len(), 100);
    let rules = ServerOptions { strict_per_page: true, ..ServerOptions::default() };
    let strict = serve(10, rules).await;
    let refused = get(&strict, "/cases?per_page=101");
    assert_eq!(refused.status, 422);
    assert_eq!(refused.json()["message"], "per_page parameter must be less than or equal to 100");
}

#[tokio::test(flavor = "multi_thread")]
async fn page_501_is_refused() {
    let server = serve(1_100, ServerOptions::default()).await;
    assert_eq!(entries(&json(&server, "/cases?per_page=2&page=500")).len(), 2);
    for path in ["/cases?per_page=2&page=501", "/customers?page=501"] {
        let refused = get(&server, path);
        assert_eq!(refused.status, 422);
        assert_eq!(refused.text(), r#"{"message":"page parameter must be less than or equal to 500"}"#);
    }
    assert_eq!(get(&server, "/notes?page=501").status, 200);
    assert_eq!(get(&server, "/notes?page=30001").status, 422);
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_and_embed_shape_the_entries() {
    let server = serve(60, ServerOptions::default()).await;
    let page = json(&server, "/cases?fields=id,subject&per_page=3");
    for case in entries(&page) {
        let keys: Vec<_> = case.as_object().expect("a case").keys().collect();
        assert_eq!(keys, ["_links", "id", "subject"]);
    }
    let whole = json(&server, "/cases?embed=customer,assigned_user");
    for case in entries(&whole) {
        let link = case["_links"]["customer"]["href"].as_str().expect("a customer");
        assert_eq!(case["_embedded"]["customer"]["_links"]["self"]["href"], link);
        let is_assigned = case["_links"]["assigned_user"].is_object();
        assert_eq!(case["_embedded"]["assigned_user"].is_object(), is_assigned);
    }
    assert!(json(&server, "/users/current")["deleted"].is_null());
    assert_eq!(json(&server, "/users/current?fields=deleted")["deleted"], false);
    let known = walk(&server, "/companies?fields=id,external_id");
    assert!(known.iter().all(|company| company["external_id"].is_string()));
    assert!(known.len() < walk(&server, "/companies?fields=id").len());
}

#[tokio::test(flavor = "multi_thread")]
async fn interactions_walk_by_cursor_until_they_are_refused() {
    let server = serve(120, ServerOptions::default()).await;
    let mut walked = Vec::new();
    let mut path = "/interactions?per_page=100&since_id=0".to_owned();
    let refused = loop {
        let reply = get(&server, &path);
        if reply.status != 200 {
            break reply;
        }
        let page = reply.json();
        walked.extend(entries(&page).iter().cloned());
        path = page["_links"]["next"]["href"].as_str().expect("never null")[7..].to_owned();
    };
    assert_eq!(refused.status, 422);
    assert_eq!(refused.json()["message"], "no records found with id greater than since_id");
    let truth = server.dump();
    assert_eq!(walked.len(), list(&truth, "messages").len() + list(&truth, "replies").len());
    assert!(ids(&walked).is_sorted());
}

#[tokio::test(flavor = "multi_thread")]
async fn replies_have_no_id_but_an_address() {
    let server = serve(40, ServerOptions::default()).await;
    let truth = server.dump();
    for case in list(&truth, "cases") {
        let replies = walk(&server, &format!("/cases/{}/replies?per_page=2", case["id"]));
        assert_eq!(case["_links"]["replies"]["count"], replies.len());
        for reply in replies {
            assert!(reply.get("id").is_none());
            let own = reply["_links"]["self"]["href"].as_str().expect("an address");
            assert_eq!(json(&server, &own[7..]), reply);
            let id: u64 = own.rsplit('/').next().and_then(|id| id.parse().ok()).expect("an id");
            let known = list(&truth, "replies").iter().find(|known| known["reply_id"] == id);
            let known = known.expect("a reply of the dump");
            assert_eq!(known["case_id"], case["id"]);
            assert_eq!(known["body"], reply["body"]);
        }
        let message = json(&server, &format!("/cases/{}/message", case["id"]));
        assert!(message["_links"]["self"]["href"].as_str().is_some_and(|it| it.ends_with("/message")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_link_of_every_kind_leads_somewhere() {
    let server = serve(60, ServerOptions::default()).await;
    for name in ["cases", "customers", "companies", "users", "articles", "feedbacks", "topics"] {
        let all = walk(&server, &format!("/{name}?per_page=100"));
        for record in all.iter().step_by(7) {
            for (link, target) in record["_links"].as_object().expect("links") {
                let skipped = ["draft", "macro_preview"].contains(&link.as_str());
                if let Some(href) = target["href"].as_str().filter(|_| !skipped) {
                    assert_eq!(get(&server, &href[7..]).status, 200, "{name}: {link} {href}");
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_of_2013_have_no_ids_and_no_page() {
    let site = Site::generate(&SiteOptions { cases: 30, era: Era::Early, ..SiteOptions::default() });
    let server = Server::start(site, ServerOptions::default()).await.expect("a free port");
    let page = json(&server, "/cases");
    assert!(page.get("page").is_none());
    for case in entries(&page) {
        assert!(case.get("id").is_none());
        assert!(case["_links"]["replies"].get("count").is_none());
        assert!(!case["custom_fields"]["vip"].is_boolean());
    }
    assert!(get(&server, "/cases").headers.contains_key("etag"));
}
