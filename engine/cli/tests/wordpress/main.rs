//! `specs/wordpress.yaml` against a real WordPress, as Debian packages it: after each sync every field of every row is
//! what WordPress's own database holds, and a second sync moves only what changed.
//!
//! How the test finds WordPress and what it needs stands in `tests/wordpress/README.md`.

#[path = "../real/mod.rs"]
mod real;
mod server;
mod truth;

use real::difference::Difference;
use real::served::is_left_out;
use real::target::Target;
use server::WordPress;

#[test]
fn rows_are_what_wordpress_holds() {
    if is_left_out("wordpress", server::lacking()) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let wordpress = WordPress::start(folder.path());
    let database = folder.path().join("tapwright.db");
    let settings = vec![
        ("TAPWRIGHT_WORDPRESS_URL", wordpress.url()),
        ("TAPWRIGHT_WORDPRESS_USERNAME", "admin".to_owned()),
        ("TAPWRIGHT_WORDPRESS_APPLICATION_PASSWORD", wordpress.password.clone()),
    ];
    let site = Site { wordpress, target: Target { connector: "wordpress", database, settings } };

    let first = site.target.sync(&[]);
    assert_eq!(site.differences(), [], "after the first sync");
    assert!(first.count("posts", "pages") > 3, "pages meet between changes of one second");
    let drafts: i64 =
        site.number("SELECT count(*) FROM posts WHERE status IN ('draft', 'pending', 'private', 'trash', 'future')");
    assert!(drafts > 100, "hidden posts are there");

    let deleted: i64 = site.wordpress.run("edit.php").trim().parse().expect("the number of the deleted post");
    let second = site.target.sync(&[]);
    site.kept_only_what_was_deleted(deleted);
    let moved = |stream: &str| second.moved(stream);
    assert_eq!(moved("posts"), [1, 4, 0]);
    // One is spam now, one stands under a post in the trash; the address of another moved with its post.
    assert_eq!(moved("comments"), [0, 3, 2]);
    assert_eq!(moved("users"), [1, 0, 1]);
    // The files of posts that went have another address now.
    assert_eq!(moved("media"), [0, 2, 0]);
    assert!(second.count("revisions", "new") >= 3, "{:#}", second.report);

    site.target.sync(&["--full-refresh"]);
    assert_eq!(site.differences(), [], "after a full refresh");

    site.target.sync(&[]).nothing_moved();

    site.target.is_refused(&["--set", "application_password=nobody"]);
    assert_eq!(site.differences(), [], "after a sync with a wrong password");
}

/// The WordPress that is read, and the database that it is read into.
struct Site {
    wordpress: WordPress,
    target: Target,
}

impl Site {
    fn differences(&self) -> Vec<Difference> {
        truth::differences(&self.wordpress, &self.target.open())
    }

    fn number(&self, sql: &str) -> i64 {
        self.target.open().query_row(sql, [], |row| row.get(0)).unwrap_or_else(|fault| panic!("{sql}: {fault}"))
    }

    /// WordPress keeps no trace of a deleted post: its rows stay, and nothing else differs.
    fn kept_only_what_was_deleted(&self, deleted: i64) {
        for difference in self.differences() {
            let of_post = match difference.table.as_str() {
                "posts" => "id",
                "revisions" => "post_id",
                "posts__categories" | "posts__tags" => "_sdc_source_key_id",
                _ => panic!("{difference:#?}"),
            };
            let only_deleted = difference.extra.iter().all(|row| row[of_post] == deleted);
            assert!(difference.lacking.is_empty() && only_deleted, "{difference:#?}");
        }
        assert_eq!(self.number(&format!("SELECT count(*) FROM posts WHERE id = {deleted}")), 1);
    }
}
