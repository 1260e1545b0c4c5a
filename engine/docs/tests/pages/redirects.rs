//! What becomes of addresses that readers may have linked: `tests/redirects` has a site as it was and as it is, and
//! files of redirects between the two.

use std::fs;
use std::path::Path;

use tapwright_docs::{Format, Redirects, Site, SiteFault, Subject, Template};

use crate::html;
use crate::{NOTHING, connector, repository};

/// What becomes of a folder of pages, compared with what is to be there, or written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Act {
    Check,
    Write,
}

/// Makes the site of a spec; says what is written or differs.
fn make(spec: &str, (folder, act): (&Path, Act), formats: &[Format]) -> Result<Vec<String>, SiteFault> {
    let template = Template::default();
    let site = Site::new(&template, formats).expect("a site").redirecting(Redirects::read(folder)?);
    let connector = connector(&format!("tests/redirects/specs/{spec}.yaml"));
    let subjects = [Subject { connector: &connector, older: &[], evidence: &NOTHING }];
    match act {
        Act::Check => Ok(site.check(&subjects, folder)?.iter().map(ToString::to_string).collect()),
        Act::Write => Ok(site.write(&subjects, folder)?.iter().map(|path| path.display().to_string()).collect()),
    }
}

fn write(spec: &str, folder: &Path) -> Result<Vec<String>, SiteFault> {
    make(spec, (folder, Act::Write), &Format::ALL)
}

fn check(spec: &str, folder: &Path) -> Result<Vec<String>, SiteFault> {
    make(spec, (folder, Act::Check), &Format::ALL)
}

/// What is said, with names of the folder that do not change.
fn told(fault: &SiteFault, folder: &Path) -> String {
    fault.to_string().replace(&folder.display().to_string(), "pages")
}

/// A site as it was, with these redirects for what it is.
fn before(redirects: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    write("before", folder.path()).expect("a first site");
    let from = repository("tests/redirects").join(format!("{redirects}.yaml"));
    fs::copy(from, folder.path().join("redirects.yaml")).expect("redirects");
    folder
}

#[test]
fn redirects_that_are_wrong_are_told_with_what_is_gone() {
    let mut names: Vec<String> = fs::read_dir(repository("tests/redirects"))
        .expect("the cases")
        .filter_map(|entry| Some(entry.expect("a case").file_name().to_str()?.strip_suffix(".yaml")?.to_owned()))
        .filter(|name| name != "right")
        .collect();
    names.sort();
    assert!(names.len() >= 8, "{names:?}");
    insta::with_settings!({snapshot_path => repository("tests/redirects"), prepend_module_to_snapshot => false, omit_expression => true}, {
        for name in names {
            let folder = before(&name);
            let fault = write("after", folder.path()).expect_err("a fault");
            let said = told(&fault, folder.path());
            let checked = check("after", folder.path()).expect_err("a fault");
            assert_eq!(said, told(&checked, folder.path()), "{name}: a check says the same");
            insta::assert_snapshot!(name, said);
        }
    });
}

#[test]
fn what_is_gone_leads_on_for_ever() {
    let folder = before("right");
    let path = folder.path();
    let addresses = || fs::read_to_string(path.join("addresses.txt")).expect("addresses");
    let first = addresses();
    write("after", path).expect("a site");
    assert_eq!(check("after", path).expect("a check"), [""; 0]);
    let second = addresses();
    assert!(first.lines().all(|address| second.contains(address)), "{second}");
    assert!(second.contains("shop/tags.html#stream-tags-field-id\n"), "{second}");

    // As if the lines had been taken out, long after.
    fs::write(path.join("redirects.yaml"), "").expect("no redirects");
    let fault = told(&write("after", path).expect_err("a fault"), path);
    for line in ["\nshop/labels.html: shop.html\n", "\nshop.html#stream-labels: shop.html\n"] {
        assert!(fault.contains(line), "{fault}");
    }
    // The lines that are told are such that they can be pasted.
    let lines: Vec<&str> = fault.lines().filter(|line| line.starts_with("shop")).collect();
    fs::write(path.join("redirects.yaml"), lines.join("\n")).expect("redirects");
    write("after", path).expect("a site");
    assert_eq!(check("after", path).expect("a check"), [""; 0]);
}

#[test]
fn a_page_that_is_gone_is_a_page_that_leads_on() {
    let folder = before("right");
    write("after", folder.path()).expect("a site");
    let page = fs::read_to_string(folder.path().join("shop/labels.html")).expect("a page");
    let elements = html::read(&page);
    let has = |tag: &str, key: &str, value: &str| {
        elements.iter().any(|one| one.tag == tag && one.attribute(key) == Some(value))
    };
    assert!(
        has("meta", "content", "noindex") && has("a", "data-was", "labels") && has("a", "data-is", "tags"),
        "{page}"
    );
    assert!(!has("meta", "content", "0; url=../shop/tags.html"), "a line of an anchor must not be passed over: {page}");
    let line = "<p id=\"stream-labels-field-text\">Moved to <a href=\"../shop/items.html#stream-items-field-title\">";
    assert!(page.contains(line), "{page}");
    assert!(has("link", "href", "../shop/tags.html") && has("a", "href", "../shop/tags.html"), "{page}");

    let template = Template::default();
    let redirects = Redirects::read(folder.path()).expect("redirects");
    let site = Site::new(&template, &Format::ALL).expect("a site").redirecting(redirects).at("https://docs.example");
    let connector = connector("tests/redirects/specs/after.yaml");
    let subjects = [Subject { connector: &connector, older: &[], evidence: &NOTHING }];
    site.write(&subjects, folder.path()).expect("a site");
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).expect("a file");
    let own = "<link rel=\"canonical\" href=\"https://docs.example/shop/tags.html\">";
    assert!(read("shop/labels.html").contains(own));
    assert!(!read("sitemap.xml").contains("labels"), "who searches is led to what is there");
}

#[test]
fn an_anchor_that_is_gone_leads_on_from_its_page() {
    let folder = before("right");
    write("after", folder.path()).expect("a site");
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).expect("a page");
    let moved = "<p id=\"stream-labels\">Moved to <a href=\"#stream-tags\">shop.html#stream-tags</a>.</p>\n";
    let page = read("shop.html");
    assert!(page.contains(&format!("<div class=\"moved\">\n{moved}</div>\n</main>")), "{page}");
    html::read(&page);
    let field = "<p id=\"stream-items-field-name\">Moved to <a href=\"#stream-items-field-title\">";
    assert!(read("shop/items.html").contains(field));

    let elsewhere = "shop.html#stream-labels: shop/tags.html#stream-tags-field-id\nshop/labels.html: index.html\n\
                     shop/items.html#stream-items-field-name: shop/items.html\n";
    fs::write(folder.path().join("redirects.yaml"), elsewhere).expect("redirects");
    write("after", folder.path()).expect("a site");
    let led_on = "<noscript><meta http-equiv=\"refresh\" content=\"0; url=../index.html\"></noscript>";
    assert!(read("shop/labels.html").contains(led_on), "{}", read("shop/labels.html"));
    assert!(
        read("shop.html").contains("<p id=\"stream-labels\">Moved to <a href=\"shop/tags.html#stream-tags-field-id\">")
    );
    assert!(!read("shop/items.html").contains("class=\"moved\""), "the page is shown from its top anyway");
}

#[test]
fn pages_of_markdown_alone_keep_no_addresses() {
    let folder = tempfile::tempdir().expect("a folder");
    let markdown = |spec| make(spec, (folder.path(), Act::Write), &[Format::Markdown]);
    assert!(markdown("before").expect("pages").iter().all(|path| !path.ends_with("addresses.txt")));
    markdown("after").expect("pages");
}
