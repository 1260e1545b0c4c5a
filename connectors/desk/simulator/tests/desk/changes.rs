//! The same options make the same site, and editing changes what it should.

use desk_simulator::{Edit, ServerOptions, Site, SiteOptions};

use crate::asking::{get, ids, json, list, serve, walk};

fn options(cases: usize, seed: u64) -> SiteOptions {
    SiteOptions { cases, seed, ..SiteOptions::default() }
}

const EVERYTHING: Edit = Edit {
    cases: 6,
    new_cases: 2,
    customers: 3,
    companies: 1,
    articles: 2,
    renamed_fields: 0,
    deleted_cases: 1,
    deleted_users: 1,
};

#[test]
fn a_seed_decides_everything() {
    let mut one = Site::generate(&options(300, 7));
    let mut same = Site::generate(&options(300, 7));
    assert_eq!(one.dump(), same.dump());
    assert_ne!(one.dump(), Site::generate(&options(300, 8)).dump());
    assert_eq!(one.edit(&EVERYTHING), same.edit(&EVERYTHING));
    assert_eq!(one.touch_cases(3), same.touch_cases(3));
    assert_eq!(one.dump(), same.dump());
}

#[test]
fn twenty_thousand_cases_are_quick() {
    let start = std::time::Instant::now();
    let _site = Site::generate(&options(20_000, 7));
    let took = start.elapsed();
    // Without optimisation; the release build takes a tenth of it.
    assert!(took.as_secs() < 5, "{took:?}");
}

#[test]
fn sizes_scale_with_the_cases() {
    let truth = Site::generate(&options(4_000, 7)).dump();
    let count = |name: &str| list(&truth, name).len();
    assert_eq!((count("cases"), count("messages")), (4_000, 4_000));
    assert_eq!((count("customers"), count("companies")), (1_000, 100));
    assert_eq!((count("users"), count("groups")), (25, 6));
    assert_eq!((count("articles"), count("brands")), (200, 4));
    let replies = count("replies");
    assert!((5_000..7_000).contains(&replies), "{replies}");
    let feedbacks = count("feedbacks");
    assert!((300..500).contains(&feedbacks), "{feedbacks}");
}

#[test]
fn an_empty_site_is_a_site() {
    let mut site = Site::generate(&options(0, 1));
    assert_eq!(list(&site.dump(), "cases").len(), 0);
    assert_eq!(site.edit(&Edit { new_cases: 1, cases: 1, ..Edit::default() }).new_cases.len(), 1);
}

#[test]
fn records_are_as_odd_as_real_ones() {
    let truth = Site::generate(&options(2_000, 7)).dump();
    let cases = list(&truth, "cases");
    for (field, empty) in [("external_id", ""), ("description", "")] {
        assert!(cases.iter().any(|case| case[field].is_null()), "{field} is null somewhere");
        assert!(cases.iter().any(|case| case[field] == empty), "{field} is empty somewhere");
    }
    assert!(cases.iter().any(|case| case["subject"] == ""));
    for case in cases {
        let fields: Vec<_> = case["custom_fields"].as_object().expect("fields").keys().collect();
        assert_eq!(fields, ["Plan", "area", "due", "order-no", "order_no", "plan", "score", "vip"]);
        let score = &case["custom_fields"]["score"];
        assert!(score.is_null() || score.as_str().is_some_and(|it| it.parse::<u32>().is_ok()));
        let labels = case["labels"].as_array().expect("labels").len();
        assert_eq!(case["label_ids"].as_array().expect("ids").len(), labels);
    }
    let customers = list(&truth, "customers");
    assert!(customers.iter().any(|it| it["addresses"].to_string().contains("\\r\\n")));
    assert!(customers.iter().any(|it| {
        let emails = it["emails"].as_array().expect("emails");
        emails.len() > 1 && emails.first() == emails.last()
    }));
    assert!(list(&truth, "feedbacks").iter().all(|it| it["rating"].is_string()));
    assert!(list(&truth, "articles").iter().any(|it| {
        it["body_email_auto"] == true && it["body_email"].as_str().is_some_and(|it| it.starts_with("Old"))
    }));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_is_what_the_next_delta_finds() {
    let server = serve(300, ServerOptions::default()).await;
    let before = server.dump();
    let newest = list(&before, "cases").iter().filter_map(|it| it["updated_at"].as_str()).max();
    let newest = newest.expect("cases").parse::<desk_simulator::Moment>().expect("a time");
    let changes = server.edit(&EVERYTHING);
    assert_eq!((changes.cases.len(), changes.new_cases.len()), (7, 2));
    assert_eq!((changes.replies.len(), changes.deleted_users.len()), (3, 1));

    let path = format!("/cases/search?sort_field=updated_at&since_updated_at={}", newest.0 + 1);
    let mut found = ids(&walk(&server, &path));
    found.sort_unstable();
    let mut expected = [changes.cases.clone(), changes.new_cases.clone()].concat();
    expected.sort_unstable();
    assert_eq!(found, expected);
    let opened = json(&server, &format!("/cases/{}", changes.new_cases[0]));
    let owner = opened["_links"]["customer"]["href"].as_str().expect("a customer");
    assert!(walk(&server, &format!("{}/cases", &owner[7..])).contains(&opened));
    let path = format!("/customers/search?since_updated_at={}", newest.0 + 1);
    assert_eq!(walk(&server, &path).len(), changes.customers.len());
    assert_eq!(get(&server, &format!("/users/{}", changes.deleted_users[0])).status, 404);
    assert_eq!(walk(&server, "/users").len(), list(&before, "users").len() - 1);
    // What no edit touched has not changed.
    let after = server.dump();
    let unchanged = list(&before, "cases").iter().filter(|it| list(&after, "cases").contains(it));
    assert_eq!(unchanged.count(), 300 - changes.cases.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_churning_site_changes_while_it_is_paged() {
    let server = serve(100, ServerOptions { churn: 3, ..ServerOptions::default() }).await;
    let before = list(&server.dump(), "replies").len();
    for _ in 0..9 {
        json(&server, "/cases?per_page=1");
    }
    assert_eq!(list(&server.dump(), "replies").len(), before + 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_counted_by_path() {
    let server = serve(20, ServerOptions::default()).await;
    for path in ["/cases", "/cases/3003", "/cases/3003/replies", "/users/17", "/articles/1295677/translations/zz"] {
        get(&server, path);
    }
    let requests = server.requests();
    assert_eq!(requests.total, 5);
    assert_eq!(requests.by_path["/cases/{id}/replies"], 1);
    assert_eq!(requests.by_path["/articles/{id}/translations/{locale}"], 1);
    assert_eq!((requests.by_status[&200], requests.by_status[&404]), (3, 2));
    server.forget_requests();
    assert_eq!(server.requests().total, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_server_listens_no_more() {
    let server = serve(5, ServerOptions::default()).await;
    let address = server.address();
    drop(server);
    let refused = (0..50).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(20));
        std::net::TcpStream::connect(address).is_err()
    });
    assert!(refused);
    let server = serve(5, ServerOptions::default()).await;
    let address = server.address();
    server.stop().await;
    assert!(std::net::TcpStream::connect(address).is_err());
}
