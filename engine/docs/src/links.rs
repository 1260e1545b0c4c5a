//! Links between the pages of a connector. Texts and drawings lead to anchors, as if everything stood on one page; where
//! the anchor stands on another one, the link leads there.

use std::collections::HashMap;

use crate::page::Page;
use crate::render::Format;

/// Where the anchors of a connector are that do not stand on its own page.
#[derive(Debug, Default)]
pub(crate) struct Anchorage {
    /// The connector's page.
    home: String,
    /// File and anchor within the site, by anchor.
    elsewhere: HashMap<String, String>,
}

impl Anchorage {
    /// The anchors of a connector whose pages have their names.
    pub(crate) fn of(page: &Page) -> Anchorage {
        let mut elsewhere = HashMap::new();
        for stream in &page.streams {
            let Some(file) = &stream.page else { continue };
            elsewhere.insert(stream.id.clone(), file.clone());
            let columns = stream.columns.iter().filter_map(|column| column.id.as_ref());
            for id in columns.chain(stream.children.iter().map(|child| &child.id)) {
                elsewhere.insert(id.clone(), format!("{file}#{id}"));
            }
        }
        Anchorage { home: page.here.file.clone(), elsewhere }
    }

    /// A page of the connector whose links to anchors arrive; `file` is its own name, below `root`.
    pub(crate) fn lead(&self, text: String, (root, file): (&str, &str), format: Format) -> String {
        if self.elsewhere.is_empty() {
            return text;
        }
        let (before, after) = match format {
            Format::Html => ("href=\"#", '"'),
            Format::Markdown => ("](#", ')'),
        };
        let mut out = String::with_capacity(text.len() + text.len() / 16);
        let mut rest = text.as_str();
        while let Some(at) = rest.find(before) {
            let (kept, link) = rest.split_at(at + before.len());
            let anchor = link.split(after).next().unwrap_or_default();
            rest = &link[anchor.len()..];
            out.push_str(&kept[..kept.len() - 1]);
            match self.elsewhere.get(anchor) {
                Some(target) if target.split('#').next() != Some(file) => {
                    out.push_str(root);
                    out.push_str(target);
                }
                None if file != self.home && !has_anchor(&text, anchor) => {
                    out.push_str(root);
                    out.push_str(&self.home);
                    out.push('#');
                    out.push_str(anchor);
                }
                _ => {
                    out.push('#');
                    out.push_str(anchor);
                }
            }
        }
        out.push_str(rest);
        out
    }
}

fn has_anchor(page: &str, anchor: &str) -> bool {
    page.contains(&format!("id=\"{anchor}\""))
}

#[cfg(test)]
mod tests {
    use super::Anchorage;
    use crate::render::Format;

    #[test]
    fn links_arrive_from_wherever_they_stand() {
        let elsewhere = [("stream-a", "desk/a.html"), ("stream-a-field-id", "desk/a.html#stream-a-field-id")];
        let elsewhere = elsewhere.map(|(anchor, target)| (anchor.to_owned(), target.to_owned())).into();
        let anchorage = Anchorage { home: "desk.html".to_owned(), elsewhere };
        let text = r##"<a href="#stream-a">a</a><a href="#stream-a-field-id">id</a><a href="#config-b">b</a><p id="c"></p><a href="#c">c</a>"##;
        let lead = |place| anchorage.lead(text.to_owned(), place, Format::Html);
        assert_eq!(
            lead(("", "desk.html")),
            r##"<a href="desk/a.html">a</a><a href="desk/a.html#stream-a-field-id">id</a><a href="#config-b">b</a><p id="c"></p><a href="#c">c</a>"##
        );
        assert_eq!(
            lead(("../", "desk/b.html")),
            r##"<a href="../desk/a.html">a</a><a href="../desk/a.html#stream-a-field-id">id</a><a href="../desk.html#config-b">b</a><p id="c"></p><a href="#c">c</a>"##
        );
        assert!(
            lead(("../", "desk/a.html")).starts_with(r##"<a href="#stream-a">a</a><a href="#stream-a-field-id">"##)
        );
    }
}
