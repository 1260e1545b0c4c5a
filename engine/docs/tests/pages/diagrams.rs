//! The drawings of a page: what they show is what the spec says, and nothing covers anything, with few streams and with
//! many.

use tapwright_docs::{Format, Template, render};
use tapwright_spec::diagnostic::Style;
use tapwright_spec::{Connector, Source};

use crate::html::{self, Element};

/// A drawing with its boxes and how many lines it has.
struct Drawing {
    boxes: Vec<[f64; 4]>,
    names: Vec<String>,
    lines: usize,
    width: f64,
    height: f64,
}

fn number(element: &Element, name: &str) -> f64 {
    element.attribute(name).and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("{name} of {element:?}"))
}

fn drawings(page: &str) -> Vec<Drawing> {
    let elements = html::read(page);
    let drawn = elements.iter().filter(|one| one.tag == "svg" && one.attribute("class") == Some("diagram"));
    drawn
        .map(|svg| {
            let within = || elements.iter().filter(|one| svg.inner.contains(&one.inner.start));
            let of = |class: &'static str| {
                within()
                    .filter(move |one| one.attribute("class").is_some_and(|all| all.split(' ').any(|one| one == class)))
            };
            assert!(svg.attribute("aria-label").is_some_and(|label| !label.is_empty()));
            Drawing {
                boxes: of("box").map(|one| ["x", "y", "width", "height"].map(|name| number(one, name))).collect(),
                names: of("name").map(|one| page[one.inner.clone()].to_owned()).collect(),
                lines: of("line").count(),
                width: number(svg, "width"),
                height: number(svg, "height"),
            }
        })
        .collect()
}

fn checked(spec: &str) -> Connector {
    match tapwright_spec::check(&Source::new("made.yaml", spec)) {
        Ok(connector) => connector,
        Err(faults) => panic!("{}", faults.render(Style::Plain)),
    }
}

/// Streams that refer to each other and are read for each other, in no order at all.
pub(crate) fn made(streams: usize) -> Connector {
    let mut spec =
        "tapwright: 1\nname: made\ntitle: Made\nversion: 1.0.0\nabout: {summary: Made.}\nconfig: {}\nauth: none\n\
                    http: {base_url: \"http://made.example\", records: \"$[*]\", pagination: none}\nstreams:\n"
            .to_owned();
    for at in 0..streams {
        let (parent, other, third) = ((at * 7 + 3) % at.max(1), (at * 13 + 5) % streams, (at * 31 + 2) % streams);
        let each = if at % 3 == 2 && parent < at {
            format!("/{{{{ parent.id }}}}\n    for_each: s{parent}")
        } else {
            String::new()
        };
        spec += &format!(
            "  s{at}:\n    description: Rows.\n    endpoint: GET /s{at}{each}\n    primary_key: id\n    replication: full_table\n    \
             fields: {{id: integer, a: {{type: integer, references: s{other}}}, a_rather_long_name_of_a_column: {{type: integer, references: s{third}}}}}\n"
        );
    }
    checked(&spec)
}

fn page(connector: &Connector) -> String {
    render(connector, &Template::default(), Format::Html).expect("a page")
}

#[test]
fn nothing_covers_anything() {
    for streams in [3, 60, 200] {
        let page = page(&made(streams));
        let drawings = drawings(&page);
        assert_eq!(drawings.len(), if streams > 2 { 2 } else { 1 });
        for drawing in drawings {
            for (at, one) in drawing.boxes.iter().enumerate() {
                let [x, y, width, height] = *one;
                assert!(x >= 0.0 && y >= 0.0 && x + width <= drawing.width && y + height <= drawing.height, "{one:?}");
                for other in &drawing.boxes[at + 1..] {
                    let apart = x + width < other[0]
                        || other[0] + other[2] < x
                        || y + height < other[1]
                        || other[1] + other[3] < y;
                    assert!(apart, "{streams} streams: {one:?} covers {other:?}");
                }
            }
        }
    }
}

#[test]
fn every_reference_and_every_parent_is_a_line() {
    let connector = super::connector("specs/desk.yaml");
    let page = page(&connector);
    let [flow, relations] = drawings(&page).try_into().unwrap_or_else(|_| panic!("two drawings"));
    let parents: usize = connector.streams.iter().map(|stream| stream.parents().len()).sum();
    assert_eq!(flow.lines, parents);
    assert_eq!(flow.names, ["cases", "replies", "users", "user_groups"]);
    let references =
        connector.streams.iter().flat_map(|stream| &stream.fields).filter(|field| field.references.is_some());
    assert_eq!(relations.lines, references.count());
}

#[test]
fn nothing_is_drawn_where_nothing_hangs_together() {
    let spec = "tapwright: 1\nname: made\ntitle: Made\nversion: 1.0.0\nabout: {summary: Made.}\nconfig: {}\nauth: none\n\
                http: {base_url: \"http://made.example\", records: \"$[*]\", pagination: none}\nstreams:\n  s:\n    \
                description: Rows.\n    endpoint: GET /s\n    primary_key: id\n    replication: full_table\n    fields: {id: integer}\n";
    assert!(drawings(&page(&checked(spec))).is_empty());
}
