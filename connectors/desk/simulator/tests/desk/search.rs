//! Searching: what filters let through, and in which order.

use desk_simulator::ServerOptions;
use serde_json::Value;

use crate::asking::{get, ids, json, list, serve, walk};

fn since(all: &[Value], field: &str, from: &str) -> Vec<u64> {
    let young = all.iter().filter(|one| one[field].as_str() >= Some(from));
    young.map(|one| one["id"].as_u64().expect("an id")).collect()
}

fn sorted(mut ids: Vec<u64>) -> Vec<u64> {
    ids.sort_unstable();
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn since_is_inclusive_and_takes_unix_seconds_or_iso() {
    let server = serve(500, ServerOptions::default()).await;
    let truth = server.dump();
    for name in ["cases", "customers"] {
        let all = list(&truth, name);
        let pivot = all[all.len() / 2]["updated_at"].as_str().expect("a time");
        let expected = since(all, "updated_at", pivot);
        let unix = pivot.parse::<desk_simulator::Moment>().expect("a time").0;
        for from in [unix.to_string(), pivot.to_owned()] {
            let path = format!("/{name}/search?since_updated_at={from}&sort_field=updated_at&sort_direction=asc");
            let found = walk(&server, &path);
            assert_eq!(sorted(ids(&found)), expected, "{path}");
            let times: Vec<_> = found.iter().map(|one| one["updated_at"].as_str()).collect();
            assert!(times.is_sorted());
        }
        let rest = walk(&server, &format!("/{name}/search?max_updated_at={}", unix - 1));
        assert_eq!(rest.len() + expected.len(), all.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_id_walk_of_the_migration_tool_finds_every_case() {
    let server = serve(700, ServerOptions::default()).await;
    let mut found = Vec::new();
    let mut since = 0;
    loop {
        let path = format!("/cases/search?since_id={since}&sort_field=id&sort_direction=asc&per_page=100");
        let page = json(&server, &path);
        let these = ids(crate::asking::entries(&page));
        let Some(last) = these.last() else { break };
        since = last + 1;
        found.extend(these);
    }
    assert_eq!(found, ids(list(&server.dump(), "cases")));
    // The last id itself is still within `since_id`: the filter means "from", not "after".
    let last = found.last().expect("cases");
    assert_eq!(json(&server, &format!("/cases?since_id={last}"))["total_entries"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_cases_share_one_second() {
    let server = serve(3_000, ServerOptions::default()).await;
    let truth = server.dump();
    let mut times: Vec<_> = list(&truth, "cases").iter().map(|case| case["updated_at"].as_str()).collect();
    times.sort_unstable();
    let most = times.chunk_by(|one, other| one == other).map(<[_]>::len).max();
    assert!(most.is_some_and(|most| most > 20), "{most:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_search_needs_something_to_look_for() {
    let server = serve(100, ServerOptions::default()).await;
    assert_eq!(get(&server, "/customers/search").status, 422);
    assert_eq!(get(&server, "/customers/search?sort_field=updated_at").status, 422);
    let all = json(&server, "/customers/search?since_id=1")["total_entries"].clone();
    assert_eq!(all, list(&server.dump(), "customers").len());
    // `q` wins over `since_id`.
    assert_eq!(json(&server, "/customers/search?q=*&since_id=99999999")["total_entries"], all);
}

#[tokio::test(flavor = "multi_thread")]
async fn companies_are_searched_by_a_range() {
    let server = serve(2_000, ServerOptions::default()).await;
    let truth = server.dump();
    let all = list(&truth, "companies");
    let pivot = all[20]["updated_at"].as_str().expect("a time");
    let unix = pivot.parse::<desk_simulator::Moment>().expect("a time").0;
    let search = |range: &str| {
        let q = range.replace(' ', "+").replace('[', "%5B").replace(']', "%5D");
        walk(&server, &format!("/companies/search?q=(updated_at:{q})&sort_field=created_at"))
    };
    assert_eq!(sorted(ids(&search(&format!("[{unix} TO NOW]")))), since(all, "updated_at", pivot));
    let older = search(&format!("[* TO {}]", unix - 1));
    assert_eq!(older.len() + since(all, "updated_at", pivot).len(), all.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn cases_are_found_by_what_they_say() {
    let server = serve(800, ServerOptions::default()).await;
    let truth = server.dump();
    let count = |keep: &dyn Fn(&Value) -> bool| list(&truth, "cases").iter().filter(|it| keep(it)).count();
    let total = |path: &str| {
        let total = json(&server, &format!("/cases/search?{path}"))["total_entries"].clone();
        usize::try_from(total.as_u64().expect("a total")).expect("a small total")
    };
    assert_eq!(total("status=deleted"), count(&|case| case["status"] == "deleted"));
    assert!(total("status=deleted") > 0, "deleted cases are listed like others");
    assert_eq!(total("channels=chat,qna"), count(&|case| ["chat", "qna"].iter().any(|it| case["type"] == *it)));
    let labelled = |case: &Value| case["labels"].as_array().is_some_and(|it| it.contains(&"Größe".into()));
    assert_eq!(total("labels=Gr%C3%B6%C3%9Fe"), count(&labelled));
    assert_eq!(total("custom_plan=Gold"), count(&|case| case["custom_fields"]["plan"] == "Gold"));
    let case = &list(&truth, "cases")[3];
    assert_eq!(total(&format!("case_id={}", case["id"])), 1);
    let outside = list(&truth, "cases").iter().find(|it| it["external_id"].as_str().is_some_and(|id| !id.is_empty()));
    let outside = outside.expect("a case with an external id");
    let path = format!("/cases/e-{}", outside["external_id"].as_str().expect("text"));
    assert_eq!(json(&server, &path)["id"], outside["id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn sorting_goes_both_ways() {
    let server = serve(200, ServerOptions::default()).await;
    let mut up = ids(&walk(&server, "/cases?sort_field=updated_at&sort_direction=asc"));
    let down = ids(&walk(&server, "/cases?sort_field=updated_at&sort_direction=desc"));
    up.reverse();
    assert_eq!(up, down);
    let me = json(&server, "/users/current")["id"].clone();
    let by_name = |direction: &str| walk(&server, &format!("/users?sort_field=name&sort_direction={direction}"));
    assert_eq!(by_name("asc")[0]["id"], me);
    assert_eq!(by_name("desc").last().expect("users")["id"], me);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forgetful_article_search_loses_its_way() {
    let rules = ServerOptions { forgetful_search: true, ..ServerOptions::default() };
    let server = serve(10, rules).await;
    let page = json(&server, "/articles/search?text=refunds");
    assert_eq!(page["_links"]["first"]["href"], "/api/v2/articles?page=1&per_page=30");
}
