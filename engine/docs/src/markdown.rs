//! Markdown: what authors write is made safe and becomes HTML; plain text and code become Markdown.
//!
//! Authors' texts may hold neither raw HTML nor anything that makes a browser ask another host.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

/// Schemes to which a link on a page may lead.
const SCHEMES: [&str; 3] = ["http://", "https://", "mailto:"];

/// The level of the page's heading above an author's text, if the template does not say.
pub(crate) const UNDER: usize = 3;

fn parser(text: &str) -> Parser<'_> {
    Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH)
}

/// Plain text as Markdown that reads the same.
pub(crate) fn plain(text: &str) -> String {
    escaped(&one_line(text))
}

/// A line with what means something in Markdown made to mean itself.
fn escaped(line: &str) -> String {
    let chars: Vec<char> = line.chars().collect();
    let mut out = String::new();
    for (at, &c) in chars.iter().enumerate() {
        let inside_word = |i: Option<&char>| i.is_some_and(|c| c.is_alphanumeric());
        let special = match c {
            '\\' | '`' | '*' | '[' | ']' | '<' | '>' | '|' | '~' | '#' => true,
            '&' => begins_entity(&chars[at + 1..]),
            '_' => !(at > 0 && inside_word(chars.get(at - 1)) && inside_word(chars.get(at + 1))),
            '+' | '-' => at == 0,
            _ => false,
        };
        if special {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Plain text in which backticks alone mean something, as Markdown: what stands between two of them is code.
pub(crate) fn words(text: &str) -> String {
    let line = one_line(text);
    let parts: Vec<&str> = line.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return escaped(&line);
    }
    parts.iter().enumerate().map(|(at, part)| if at % 2 == 1 { code(part) } else { escaped(part) }).collect()
}

/// Text as a code span.
pub(crate) fn code(text: &str) -> String {
    let text = one_line(text);
    if text.is_empty() {
        return "(empty)".to_owned();
    }
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Whether what follows a `&` makes a character reference of it.
fn begins_entity(rest: &[char]) -> bool {
    let name = rest.iter().take_while(|c| c.is_ascii_alphanumeric() || **c == '#').count();
    name > 0 && rest.get(name) == Some(&';')
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// An author's text for a Markdown page: raw HTML is shown, not obeyed, images are links, links run
/// nothing, and headings stand below that of the page, which is of the level `under`.
pub(crate) fn block(source: &str, under: usize) -> String {
    let mut text = source.trim().to_owned();
    loop {
        let edits = unsafe_parts(&text);
        if edits.is_empty() {
            break;
        }
        text = edited(&text, edits);
    }
    let edits = headings(&text, under);
    edited(&text, edits)
}

/// An author's text for a cell of a Markdown table: one line, no bare `|`.
pub(crate) fn cell(source: &str) -> String {
    let paragraphs: Vec<String> =
        block(source, UNDER).split("\n\n").map(one_line).filter(|paragraph| !paragraph.is_empty()).collect();
    let mut out = String::new();
    let mut backslashes = 0;
    for c in paragraphs.join("<br>").chars() {
        if c == '|' && backslashes % 2 == 0 {
            out.push('\\');
        }
        backslashes = if c == '\\' { backslashes + 1 } else { 0 };
        out.push(c);
    }
    out
}

/// An author's text as HTML.
pub(crate) fn html(source: &str, under: usize) -> String {
    let text = block(source, under);
    let mut out = String::new();
    pulldown_cmark::html::push_html(&mut out, safe_events(&text).into_iter());
    out
}

/// An author's text as HTML that can stand within a line, if it is a single paragraph.
pub(crate) fn inline_html(source: &str) -> String {
    let html = html(source, UNDER);
    let inner = html.trim_end().strip_prefix("<p>").and_then(|rest| rest.strip_suffix("</p>"));
    match inner {
        Some(inner) if !inner.contains("<p>") => inner.to_owned(),
        _ => html,
    }
}

/// What an author's text says, without its marks, on one line.
pub(crate) fn text(source: &str) -> String {
    let mut out = String::new();
    for event in parser(source) {
        match event {
            Event::Text(text) | Event::Code(text) | Event::InlineHtml(text) | Event::Html(text) => {
                out.push_str(&text);
            }
            Event::SoftBreak | Event::HardBreak | Event::End(TagEnd::Paragraph) => out.push(' '),
            _ => {}
        }
    }
    one_line(&out)
}

/// A URL as the target of a link: what would end the link early is escaped.
pub(crate) fn target(url: &str) -> String {
    let mut out = String::new();
    for c in url.trim().chars() {
        match c {
            ' ' | '<' | '>' | '(' | ')' | '\\' | '|' | '"' => out.push_str(&format!("%{:02X}", u32::from(c))),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// Whether a page may link to `url`.
pub(crate) fn is_safe_link(url: &str) -> bool {
    let url = url.trim().to_ascii_lowercase();
    let relative = !url.contains(':') && !url.starts_with("//");
    relative || SCHEMES.iter().any(|scheme| url.starts_with(scheme))
}

/// A piece of text and what takes its place.
struct Edit {
    range: std::ops::Range<usize>,
    text: String,
}

fn edited(text: &str, edits: Vec<Edit>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        out.push_str(&text[at..edit.range.start]);
        out.push_str(&edit.text);
        at = edit.range.end;
    }
    out.push_str(&text[at..]);
    out
}

fn unsafe_parts(text: &str) -> Vec<Edit> {
    let mut edits = Vec::new();
    for (event, range) in parser(text).into_offset_iter() {
        match event {
            Event::Html(_) | Event::InlineHtml(_) if text[range.clone()].contains('<') => {
                edits.push(Edit { text: text[range.clone()].replace('<', "&lt;"), range });
            }
            Event::Start(Tag::Image { .. }) => {
                edits.push(Edit { range: range.start..range.start + 1, text: String::new() });
            }
            Event::Start(Tag::Link { dest_url, .. }) if !is_safe_link(&dest_url) => {
                let mark = if text[range.clone()].starts_with('<') { "&lt;" } else { "\\[" };
                edits.push(Edit { range: range.start..range.start + 1, text: mark.to_owned() });
            }
            _ => {}
        }
    }
    edits
}

fn headings(text: &str, under: usize) -> Vec<Edit> {
    let level_of = |event| match event {
        Event::Start(Tag::Heading { level, .. }) => Some(level as usize),
        _ => None,
    };
    let highest = parser(text).filter_map(level_of).min().unwrap_or(1);
    let mut edits = Vec::new();
    let mut open: Option<(HeadingLevel, Option<std::ops::Range<usize>>)> = None;
    for (event, range) in parser(text).into_offset_iter() {
        match (event, &mut open) {
            (Event::Start(Tag::Heading { level, .. }), _) => open = Some((level, None)),
            (Event::End(TagEnd::Heading(_)), Some((level, inner))) => {
                let words = inner.clone().map_or("", |inner| &text[inner]);
                let marks = "#".repeat((*level as usize - highest + under + 1).min(6));
                let end = if text[range.clone()].ends_with('\n') { "\n" } else { "" };
                edits.push(Edit { text: format!("{marks} {}{end}", one_line(words)), range });
                open = None;
            }
            (_, Some((_, inner))) => {
                let start = inner.as_ref().map_or(range.start, |inner| inner.start);
                *inner = Some(start..range.end);
            }
            _ => {}
        }
    }
    edits
}

/// The events of a text that [`block`] has made safe; tables scroll in a box of their own. What is
/// unsafe after all is shown as text: the pages must not depend on one parser's notion of HTML.
fn safe_events(text: &str) -> Vec<Event<'_>> {
    let mut events = Vec::new();
    for event in parser(text) {
        match event {
            Event::Html(raw) | Event::InlineHtml(raw) => events.push(Event::Text(raw)),
            Event::Start(Tag::Table(columns)) => {
                events.push(Event::Html(r#"<div class="scroll" tabindex="0">"#.into()));
                events.push(Event::Start(Tag::Table(columns)));
            }
            Event::End(TagEnd::Table) => {
                events.push(Event::End(TagEnd::Table));
                events.push(Event::Html("</div>\n".into()));
            }
            other => events.push(other),
        }
    }
    events
}

#[cfg(test)]
mod tests {
    use super::{UNDER, block, cell, code, html, inline_html, plain, words};

    #[test]
    fn backticks_of_plain_text_mark_code() {
        assert_eq!(words("Whether `a_b` *stays*,\n as `it` is."), "Whether `a_b` \\*stays\\*, as `it` is.");
        assert_eq!(words("one ` alone"), "one \\` alone");
    }

    #[test]
    fn raw_html_is_shown_not_obeyed() {
        let text = "a <b onclick=x>b</b>\n\n<script>\nalert(1)\n</script>\n\n<!-- c -->";
        for out in [html(text, UNDER), html(&block(text, UNDER), UNDER)] {
            assert!(!out.contains("<b"), "{out}");
            assert!(!out.contains("<script"), "{out}");
            assert!(!out.contains("<!--"), "{out}");
            assert!(out.contains("&lt;script&gt;"), "{out}");
        }
        assert_eq!(block("`<b>` stays, and so does a < b", UNDER), "`<b>` stays, and so does a < b");
    }

    #[test]
    fn links_run_nothing_and_images_fetch_nothing() {
        for text in
            ["[x](javascript:alert(1))", "<javascript:alert(1)>", "[x][r]\n\n[r]: data:text/html,1", "![x](vbscript:a)"]
        {
            assert!(!html(text, UNDER).contains("href"), "{}", html(text, UNDER));
            assert!(!html(&block(text, UNDER), UNDER).contains("href"), "{}", block(text, UNDER));
        }
        assert_eq!(
            block("[x](javascript:alert(1)) ![y](https://a.example)", UNDER),
            "\\[x](javascript:alert(1)) [y](https://a.example)"
        );
        assert!(!html("[![alt](https://a.example/i.png)](https://b.example)", UNDER).contains("<img"));
        assert_eq!(inline_html("![alt](https://a.example/i.png)"), r#"<a href="https://a.example/i.png">alt</a>"#);
    }

    #[test]
    fn headings_stand_below_those_of_the_page() {
        assert_eq!(block("# A `b`\n\ntext\n\nC\n---\n", UNDER), "#### A `b`\n\ntext\n\n##### C");
        assert_eq!(html("## A\n\n###### F", 2), "<h3>A</h3>\n<h6>F</h6>\n");
    }

    #[test]
    fn plain_text_reads_the_same() {
        for text in ["a_b", "_a_", "*x* [y](z) <b> & `c`", "C#", "Q&A", "&lt;", "&#60; & ;", "- no list", "a|b\\"] {
            let shown = inline_html(&plain(text));
            let expected = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            assert_eq!(shown, expected, "{}", plain(text));
        }
        assert_eq!(plain("updated_at"), "updated_at");
    }

    #[test]
    fn code_holds_back_quotes_and_cells_hold_pipes() {
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("`a`"), "`` `a` ``");
        assert_eq!(cell("a | `b|c` \\|\nd\n\ne"), "a \\| `b\\|c` \\| d<br>e");
    }
}
