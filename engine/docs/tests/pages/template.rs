//! Templates: the built-in ones read only what there is, a folder's files take the place of theirs, and what is wrong in
//! one is told with its place.

use std::collections::BTreeSet;

use tapwright_docs::{Format, Site, Template, TemplateFault, render, template_reference};

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }
    folder
}

fn read(files: &[(&str, &str)]) -> Result<Template, TemplateFault> {
    let folder = folder(files);
    Template::named(folder.path().to_str().expect("a path"))
}

fn desk(template: &Template, format: Format) -> String {
    render(&super::connector("specs/desk.yaml"), template, format).expect("a page")
}

/// What is said of a wrong template, with the folder left out of it.
fn fault(files: &[(&str, &str)]) -> String {
    let folder = folder(files);
    let fault = Template::named(folder.path().to_str().expect("a path")).expect_err("a fault");
    fault.to_string().replace(&format!("{}/", folder.path().display()), "")
}

#[test]
fn built_in_templates_read_only_what_there_is() {
    for name in ["site", "stitch", "segment"] {
        let folder = tempfile::tempdir().expect("a folder");
        Template::named(name).expect("a template").eject(folder.path()).expect("its files");
        let own = Template::named(folder.path().to_str().expect("a path"));
        let own = own.unwrap_or_else(|fault| panic!("{name}: {fault}"));
        assert_eq!(own.formats(), Template::named(name).expect("a template").formats(), "{name}");
    }
}

#[test]
fn files_of_a_folder_take_the_place_of_those_that_it_extends() {
    let own =
        read(&[("page.md", "{{ title }}: {% for one in streams %}{{ one.name }} {% endfor %}")]).expect("a template");
    assert!(desk(&own, Format::Markdown).starts_with("Desk: cases replies"));
    assert_eq!(desk(&own, Format::Html), desk(&Template::default(), Format::Html));
    assert_eq!(own.formats(), Format::ALL);

    let stitch = read(&[("template.yaml", "extends: stitch\n")]).expect("a template");
    assert_eq!(stitch.formats(), [Format::Markdown]);
    assert!(desk(&stitch, Format::Markdown).contains("permalink: /integrations/saas/desk"));
}

#[test]
fn a_folder_changes_single_blocks_of_a_page() {
    let files = [
        (
            "page.html",
            "{% extends 'site/page.html' %}{% block footer %}<p>{% include 'parts/made.html' %}</p>{% endblock %}",
        ),
        ("parts/made.html", "Made by {{ author.name if author else 'us' }}"),
        ("static/style.css", "body { color: teal }"),
        ("README.md", "{{ nobody reads it }}"),
    ];
    let page = desk(&read(&files).expect("a template"), Format::Html);
    assert!(page.contains("<p>Made by Stitch</p>"), "{page}");
    assert!(page.contains("<h2>Configuration</h2>") && !page.contains("Generated from the spec"));
}

#[test]
fn files_that_pages_share_go_into_the_site_as_they_are() {
    let own = read(&[("static/style.css", "body { color: {{ nobody }} }"), ("static/logo.svg", "<svg/>")]);
    let own = own.expect("a template");
    let shared = |formats: &[Format]| {
        let files = Site::new(&own, formats).and_then(|site| site.front(&[], &BTreeSet::new())).expect("files");
        files.into_iter().filter(|file| file.name.starts_with("static/")).collect::<Vec<_>>()
    };
    let files = shared(&[Format::Html]);
    let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["static/logo.svg", "static/script.js", "static/style.css", "static/search.js"]);
    assert_eq!(files[2].text, "body { color: {{ nobody }} }");
    assert_eq!(shared(&[Format::Markdown]), []);
}

#[test]
fn names_that_do_not_exist_are_all_told_with_their_places() {
    let files = [
        (
            "page.md",
            "# {{ titel }}\n{% for stream in streams %}\n{{ stream.colums|join }}\n{% if false %}{{ stream.name|upcase }}{% endif %}\n\
             {% endfor %}\n{{ stream.name }}\n{% include \"foot.md\" %}\n{% for column in streams[0].columns %}{{ column.typ }}{% endfor %}\n",
        ),
        ("foot.md", "{{ version.major }} {{ auther.name }} {% set a = author %}{{ a.nam }}\n"),
        ("index.md", "{% for page in pages %}{{ page.titel }}{% endfor %}{{ title }}\n"),
    ];
    insta::assert_snapshot!(fault(&files));
}

#[test]
fn files_that_are_wrong_or_that_no_page_takes_are_told() {
    let files = [
        ("pge.md", "{{ title }}"),
        ("page.md", "{% include 'foot.md' %}{% include name ~ '.md' %}"),
        ("index.md", "{% for page in pages %}\n{{ page.name }\n{% endfor %}"),
        ("page.html", "{% extends 'site/page.html' %}{% block fotter %}{% endblock %}"),
    ];
    insta::assert_snapshot!(fault(&files));
}

#[test]
fn a_manifest_names_a_template_of_the_program() {
    let wrong = ["extends: sit\n", "extend: site\n"].map(|text| fault(&[("template.yaml", text)]));
    insta::assert_snapshot!(wrong.join("\n\n"));
}

#[test]
fn an_unknown_template_is_told_with_the_nearest() {
    let unknown = Template::named("sttich").expect_err("a fault");
    let stitch = Template::named("stitch").expect("a template");
    let without = stitch.formats_of(Some(Format::Html)).expect_err("a fault");
    insta::assert_snapshot!(format!("{unknown}\n\n{without}"));
}

#[test]
fn nothing_is_overwritten_by_the_files_of_a_template() {
    let folder = folder(&[("static/style.css", "mine")]);
    let fault = Template::default().eject(folder.path()).expect_err("a fault");
    assert!(fault.to_string().contains("style.css is there already"), "{fault}");
    assert!(!folder.path().join("page.md").exists());
    assert_eq!(std::fs::read_to_string(folder.path().join("static/style.css")).expect("a file"), "mine");
}

#[test]
fn the_reference_is_that_of_the_types() {
    let path = super::repository("docs/reference/template-context.md");
    let committed = std::fs::read_to_string(&path).expect("the reference");
    assert!(committed == template_reference(), "write it anew: tapwright schema --template > {}", path.display());
}
