//! What a page shows, as templates read it.

use crate::context::shown;
use crate::diagram::Diagram;
use crate::evidence::{Price, Sample};
use crate::replication::Point;
use crate::shape::{ChildTable, Column};
use crate::snapshot::{Banner, Fact, Group, Setting};
use crate::sql::Query;

shown! {
    /// What `index.md` and `index.html` can read.
    pub(crate) struct Index {
        /// Where the list stands.
        pub(crate) here: Here,
        /// What the list says of each connector, in the order of their titles.
        pub(crate) pages: Vec<Card>,
        /// What the list can be filtered by.
        pub(crate) filters: Vec<Filter>,
        /// How many tables all connectors have.
        pub(crate) tables: usize,
    }

    /// A page within the site.
    pub(crate) struct Here {
        /// What stands before the name of a file of the site in a link from here: nothing, or `../` for each folder that
        /// the page lies in.
        pub(crate) root: String,
        /// Name of its file, such as `desk.html` or `desk/cases.html`.
        pub(crate) file: String,
        /// Its address on the web, where `--base-url` tells that of the site.
        pub(crate) address: Option<String>,
    }

    /// A file for programs.
    pub(crate) struct DataFile {
        /// Its place within the site.
        pub(crate) file: String,
        /// Its name within the connector's folder.
        pub(crate) name: String,
        /// What it is, in a few words.
        pub(crate) about: &'static str,
    }

    /// A connector in the list of all.
    pub(crate) struct Card {
        /// Name of the connector.
        pub(crate) name: String,
        /// What a person calls the product.
        pub(crate) title: String,
        /// File of its page within the site.
        pub(crate) page: String,
        /// Version of the connector.
        pub(crate) version: String,
        /// One sentence: what data the connector brings. Markdown.
        pub(crate) summary: String,
        /// First letter of the title.
        pub(crate) initial: String,
        /// `Alpha`, `Beta`, `Released`, `Deprecated` or `Sunset`.
        pub(crate) status: &'static str,
        /// What the product is for, in a word.
        pub(crate) category: Option<&'static str>,
        /// Kinds of credentials, such as `OAuth 2.0`; one for each way to log in.
        pub(crate) authentication: Vec<&'static str>,
        /// Words by which the page is found.
        pub(crate) keywords: Vec<String>,
        /// How many tables it has.
        pub(crate) tables: usize,
        /// How many fields they have.
        pub(crate) fields: usize,
    }

    /// Something by which the list can be filtered.
    pub(crate) struct Filter {
        /// What it is called.
        pub(crate) label: &'static str,
        /// The words of the connectors that there are, in their order.
        pub(crate) choices: Vec<&'static str>,
    }

    /// What `page.md` and `page.html` can read. What is called Markdown is Markdown; every other text is plain.
    pub(crate) struct Page {
        /// Where the page stands.
        pub(crate) here: Here,
        /// Other versions of the connector that have a page, the newest first; none where this page's is the only one.
        pub(crate) versions: Vec<Version>,
        /// The newest version, where this page is of an older one.
        pub(crate) newest: Option<Version>,
        /// The page of the drawings and of all joins, where there are too many for this page.
        pub(crate) map: Option<String>,
        /// What programs read of the connector, where it is written beside the pages.
        pub(crate) files: Vec<DataFile>,
        /// Name of the connector: lower case letters, digits and `_`.
        pub(crate) name: String,
        /// What a person calls the product.
        pub(crate) title: String,
        /// Version of the connector.
        pub(crate) version: String,
        /// One sentence: what data the connector brings. Markdown.
        pub(crate) summary: String,
        /// First letter of the title.
        pub(crate) initial: String,
        /// `Alpha`, `Beta`, `Released`, `Deprecated` or `Sunset`.
        pub(crate) status: &'static str,
        /// What the product is for, in a word.
        pub(crate) category: Option<&'static str>,
        /// Kinds of credentials, such as `OAuth 2.0`.
        pub(crate) authentication: Vec<&'static str>,
        /// Whether its author vouches for it.
        pub(super) certified: bool,
        /// The plan that a user needs.
        pub(super) tier: Option<String>,
        /// Who made it.
        pub(super) author: Option<Maker>,
        /// Links of the spec, in its order.
        pub(super) links: Vec<Link>,
        /// Path of an icon, as the spec has it.
        pub(super) icon: Option<String>,
        /// Words by which the page is found.
        pub(crate) keywords: Vec<String>,
        /// Default time between two runs, such as `30 minutes`.
        pub(super) frequency: Option<String>,
        /// How far the first run reaches back where it does, such as `1 year`; none where it reads everything.
        pub(super) history: Option<String>,
        /// Whether runs may be anchored at a time of day.
        pub(super) anchored: bool,
        /// Whether single tables may be left out.
        pub(super) table_selection: bool,
        /// Whether single columns may be left out.
        pub(super) column_selection: bool,
        /// What stands on top of the page, if something does.
        pub(super) banner: Option<Banner>,
        /// A paragraph or more about the product, Markdown.
        pub(super) description: Option<String>,
        /// The features at a glance.
        pub(super) groups: Vec<Group>,
        /// What a user needs before the first step, Markdown.
        pub(super) requirements: Vec<String>,
        /// The steps that lead to a working configuration.
        pub(super) steps: Vec<Step>,
        /// The fields of the configuration, in the order of the form.
        pub(super) settings: Vec<Setting>,
        /// When to run and how far back the first run reaches: sentences, Markdown.
        pub(super) schedule: Vec<String>,
        /// What holds for the requests of all tables, Markdown.
        pub(super) answers: Vec<Fact>,
        /// What the kinds of tables mean, for the kinds that there are: sentences, Markdown.
        pub(super) kinds: Vec<&'static str>,
        /// `stitch` or `segment`: how records become rows.
        pub(super) load_mode: &'static str,
        /// Which columns of the tables Tapwright adds: a sentence, Markdown.
        pub(super) added: &'static str,
        /// The streams, in the order of the spec.
        pub(crate) streams: Vec<Section>,
        /// How the tables refer to each other, drawn; none where none does.
        pub(super) relations: Option<Diagram>,
        /// Which streams are read for the records of others, drawn; none where none is.
        pub(super) flow: Option<Diagram>,
        /// All joins of all streams.
        pub(super) joins: Vec<Join>,
        /// How the data behaves that no single stream's notes say, Markdown.
        pub(super) notes: Option<String>,
        /// What the API limits, Markdown.
        pub(super) limits: Option<String>,
        /// Symptoms, and what helps as Markdown.
        pub(super) troubles: Vec<Fact>,
        /// Versions, and what changed as Markdown, newest first.
        pub(super) changes: Vec<Fact>,
    }

    /// What `stream.html` and `stream.md` can read: a page of one stream, where a template has them.
    pub(crate) struct StreamPage {
        /// Where the page stands.
        pub(crate) here: Here,
        /// The stream.
        pub(crate) stream: Section,
        /// Name of the connector.
        pub(crate) name: String,
        /// What a person calls the product.
        pub(crate) title: String,
        /// Version of the connector.
        pub(crate) version: String,
        /// `Alpha`, `Beta`, `Released`, `Deprecated` or `Sunset`.
        pub(crate) status: &'static str,
        /// File of the connector's page within the site.
        pub(crate) page: String,
        /// The newest version, where this page is of an older one.
        pub(crate) newest: Option<Version>,
        /// All streams of the connector, this one among them.
        pub(crate) siblings: Vec<Sibling>,
        /// The one before it.
        pub(crate) before: Option<Sibling>,
        /// The one after it.
        pub(crate) after: Option<Sibling>,
    }

    /// A stream of the same connector.
    pub(crate) struct Sibling {
        /// Name.
        pub(crate) name: String,
        /// Heading.
        pub(crate) title: String,
        /// File of its page within the site.
        pub(crate) page: String,
    }

    /// A version of a connector.
    pub(crate) struct Version {
        /// Its number.
        pub(crate) version: String,
        /// File of its page within the site.
        pub(crate) page: String,
    }

    /// Who made the connector.
    pub(super) struct Maker {
        /// A person or a company.
        pub(crate) name: String,
        /// Their site.
        pub(super) url: Option<String>,
    }

    /// A link with a name.
    pub(super) struct Link {
        /// Its name in the spec, such as `API` or `Service status`.
        pub(crate) name: String,
        /// Where it leads.
        pub(super) url: String,
    }

    /// A step of the setup.
    pub(super) struct Step {
        /// From 1 on.
        pub(super) number: usize,
        /// Heading.
        pub(crate) title: String,
        /// Anchor.
        pub(super) id: String,
        /// What to do, Markdown.
        pub(super) text: String,
        /// The settings that it fills, Markdown.
        pub(super) fills: Option<String>,
    }

    /// A stream, which is a table.
    pub(crate) struct Section {
        /// File of its own page within the site, where the template makes one.
        pub(crate) page: Option<String>,
        /// What programs read of its rows, where it is written beside the pages.
        pub(crate) files: Vec<DataFile>,
        /// Anchor.
        pub(crate) id: String,
        /// Name of the stream and of its table.
        pub(crate) name: String,
        /// Heading.
        pub(crate) title: String,
        /// What a record is, Markdown.
        pub(super) description: String,
        /// Where the API documents it.
        pub(super) link: Option<String>,
        /// What the credentials must be allowed to read, in the API's words.
        pub(super) permission: Option<String>,
        /// What a reader should know, Markdown.
        pub(super) notes: Option<String>,
        /// `object`: rows are overwritten; `event`: rows are only added.
        pub(super) kind: &'static str,
        /// `Key-based Incremental`, `Incremental`, `Feed` or `Full Table`.
        pub(super) method: &'static str,
        /// Replication key, Markdown.
        pub(super) key: Option<String>,
        /// Replication key.
        pub(super) replication_key: Option<String>,
        /// Primary key, Markdown.
        pub(super) primary_key: Option<String>,
        /// Columns of the primary key.
        pub(super) keys: Vec<String>,
        /// The streams for whose records it is read, Markdown.
        pub(super) parent: Option<String>,
        /// The streams that are read for its records, Markdown.
        pub(super) readers: Option<String>,
        /// `Yes`, `No` or `As the API sends them`: whether it has child tables and prefixed columns.
        pub(super) nested: &'static str,
        /// Whether a list or an object is among its fields.
        pub(super) has_nested: bool,
        /// How it is read, in the order of a run.
        pub(super) points: Vec<Point>,
        /// What its rules for answers decide, where streams differ in them: sentences, Markdown.
        pub(super) answers: Vec<String>,
        /// What bounds its requests, where streams differ in it, Markdown.
        pub(super) bounds: Option<String>,
        /// Columns of its table.
        pub(crate) columns: Vec<Column>,
        /// Tables of its lists.
        pub(crate) children: Vec<ChildTable>,
        /// Queries to start with, which run on its tables.
        pub(super) queries: Vec<Query>,
        /// What a thousand records cost; none where nobody can know.
        pub(crate) price: Option<Price>,
        /// Rows of a recording, where there is one.
        pub(crate) sample: Option<Sample>,
        /// How its tables meet others.
        pub(crate) joins: Vec<Join>,
    }

    /// How two tables meet.
    pub(crate) struct Join {
        /// The table that refers, Markdown.
        pub(super) from: String,
        /// The table that it refers to, Markdown.
        pub(super) to: String,
        /// The condition, in SQL.
        pub(super) on: String,
        /// Whether it leads from a nested table to the one that it belongs to.
        pub(super) nested: bool,
    }
}
