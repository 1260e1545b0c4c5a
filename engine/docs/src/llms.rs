//! `llms.txt`: what a program that reads texts should read first, in the form of llmstxt.org.

use crate::chapter::Entry;
use crate::markdown::{plain, text};
use crate::page::Here;
use crate::render::Format;
use crate::site::{PageFile, Site};

/// The list of all connectors, each with a link to its page in Markdown.
pub(crate) fn llms(site: &Site<'_>, entries: &[&Entry]) -> PageFile {
    let address = |file: String| Here::of(file.clone(), site.base()).address.unwrap_or(file);
    let tables: usize = entries.iter().map(|entry| entry.card.tables).sum();
    let mut out = format!(
        "# Connectors\n\n> What Tapwright can read: {} connectors with {tables} tables. Each page tells what a connector \
         needs, how each of its tables is read, its columns and how they hang together; all of it is made of the spec that \
         runs.\n\n## Connectors\n\n",
        entries.len()
    );
    for entry in entries {
        let page = address(format!("{}.{}", entry.name(), Format::Markdown.extension()));
        out.push_str(&format!("- [{}]({page}): {}\n", plain(&entry.card.title), text(&entry.card.summary)));
    }
    if !site.beside().is_empty() {
        out.push_str("\n## Optional\n\n");
    }
    for (entry, file) in entries.iter().flat_map(|entry| site.beside().iter().map(move |file| (entry, file))) {
        let place = address(format!("{}/{}", entry.name(), file.file));
        out.push_str(&format!("- [{}, {}]({place}): {}\n", plain(&entry.card.title), file.file, file.about));
    }
    PageFile { name: "llms.txt".to_owned(), text: out }
}
