//! A page as both formats show it, derived from the checked connector.

mod place;
mod view;

use tapwright_spec::Connector;
use tapwright_spec::model::{Stream, Unlisted};

use crate::anchor::Anchors;
use crate::answer;
use crate::diagram;
use crate::markdown::{code, is_safe_link};
use crate::replication;
use crate::shape::{ChildTable, Shape, key_of_rows, source_key};
use crate::snapshot::{self, Fact};
use crate::sql;

pub(crate) use view::{Card, DataFile, Filter, Here, Index, Page, Section, Sibling, StreamPage, Version};
use view::{Join, Link, Maker, Step};

impl Page {
    /// The page of a connector.
    pub(crate) fn of(connector: &Connector) -> Page {
        let about = &connector.about;
        let mut anchors = Anchors::default();
        for section in tapwright_spec::anchors::SECTIONS {
            anchors.claim(section);
        }
        let streams = sections(connector, &mut anchors);
        let steps = steps(connector, &mut anchors);
        let at_steps: Vec<String> = steps.iter().map(|step| step.id.clone()).collect();
        Page {
            here: Here::of(String::new(), None),
            versions: Vec::new(),
            newest: None,
            map: None,
            files: Vec::new(),
            name: connector.name.clone(),
            title: connector.title.clone(),
            version: connector.version.clone(),
            summary: about.summary.clone(),
            initial: connector.title.chars().take(1).collect(),
            status: snapshot::status_word(about.status),
            category: about.category.map(snapshot::category_word),
            authentication: crate::auth::kinds(&connector.auth),
            banner: snapshot::banner(about),
            description: about.description.clone(),
            groups: snapshot::groups(connector),
            certified: about.certified,
            tier: about.tier.clone(),
            author: about.author.as_ref().map(|one| Maker { name: one.name.clone(), url: one.url.clone() }),
            links: about.links.iter().map(|(name, url)| Link { name: name.clone(), url: url.clone() }).collect(),
            icon: about.icon.clone(),
            keywords: about.keywords.clone(),
            frequency: connector.schedule.frequency.as_ref().map(|time| time.words().to_owned()),
            history: connector.schedule.historical.as_ref().map(|time| time.words().to_owned()),
            anchored: connector.schedule.anchor,
            table_selection: connector.supports.table_selection,
            column_selection: connector.supports.column_selection,
            requirements: about.requirements.clone(),
            settings: snapshot::settings(connector, &at_steps, &mut anchors),
            steps,
            schedule: snapshot::schedule(connector),
            answers: answers(connector),
            kinds: snapshot::kinds(connector),
            load_mode: connector.load_mode.word(),
            added: snapshot::added(connector),
            relations: diagram::relations(connector),
            flow: diagram::flow(connector),
            joins: streams.iter().flat_map(|s| s.joins.clone()).collect(),
            streams,
            notes: about.notes.clone(),
            limits: about.limits.clone(),
            troubles: troubles(connector),
            changes: changes(connector),
        }
    }
}

fn steps(connector: &Connector, anchors: &mut Anchors) -> Vec<Step> {
    let steps = connector.about.setup.iter().enumerate();
    let login = login_step(connector, anchors);
    steps
        .map(|(at, step)| Step {
            number: at + 1,
            title: step.title.clone(),
            id: anchors.claim(&step.anchor),
            text: step.text.clone(),
            fills: fills(connector, &step.fills),
        })
        .chain(login)
        .collect()
}

/// The last step where a person logs in: nothing that the spec's author could forget.
fn login_step(connector: &Connector, anchors: &mut Anchors) -> Option<Step> {
    let authorize = connector.auth.login()?;
    let redirect = authorize
        .redirect_url
        .as_deref()
        .map_or_else(String::new, |url| format!(" Register {} with the API as a redirect URL.", code(url)));
    Some(Step {
        number: connector.about.setup.len() + 1,
        title: "Log in".to_owned(),
        id: anchors.claim(tapwright_spec::anchors::LOG_IN),
        text: format!(
            "Run {} with this configuration and open the address that it prints in a browser on the same machine. The tokens \
             are kept there in a file that only its owner can read, so that later runs need no login.{redirect}",
            code(&format!("tapwright login {}.yaml", connector.name))
        ),
        fills: None,
    })
}

fn fills(connector: &Connector, names: &[String]) -> Option<String> {
    let settings: Vec<String> = names
        .iter()
        .filter_map(|name| connector.config.iter().find(|field| field.name == *name))
        .map(|field| {
            format!("[{}](#{})", crate::markdown::plain(&field.title), tapwright_spec::anchors::setting(&field.name))
        })
        .collect();
    (!settings.is_empty()).then(|| replication::listed(&settings))
}

/// What holds for the requests of all tables.
fn answers(connector: &Connector) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut add = |label: &str, text: String| {
        facts.push(Fact { label: label.to_owned(), text });
    };
    if let Some(url) = shared(connector, |stream| stream.request.base_url.source().to_owned()) {
        add("Address", format!("Requests go to {}.", code(&url)));
    }
    if let Some(text) = answer::rate(connector) {
        add("Rate limit", text);
    }
    if let Some(rules) = shared(connector, |stream| answer::rules(&stream.on_response)) {
        add("Responses", if rules.len() > 1 { format!("- {}", rules.join("\n- ")) } else { rules.concat() });
    }
    let has_rules = connector.streams.iter().any(|stream| !stream.on_response.is_empty());
    add(if has_rules { "Other failures" } else { "Failures" }, failures(has_rules));
    if let Some(limits) = shared(connector, |stream| answer::limits(&stream.limits)) {
        add("Bounds", limits);
    }
    for one in crate::dynamic::families(connector).into_iter().chain(crate::hooks::hooks(connector)) {
        add(one.label, one.text);
    }
    facts.retain(|fact| !fact.text.is_empty());
    facts
}

/// What becomes of a failure that no rule settles.
fn failures(has_rules: bool) -> String {
    let start = if has_rules { "Unless a rule says otherwise, status" } else { "Status" };
    format!(
        "{start} 429, 5xx and broken connections are tried again with growing pauses, after a 429 with fewer requests at once. \
         Any other failure ends the read of the table with an error, and so does a response without the list of records: it \
         is never taken for the end of the list."
    )
}

/// What all streams have in common, if they do.
fn shared<T: PartialEq>(connector: &Connector, of: impl Fn(&Stream) -> T) -> Option<T> {
    let mut all = connector.streams.iter().map(of);
    let first = all.next()?;
    all.all(|other| other == first).then_some(first)
}

fn sections(connector: &Connector, anchors: &mut Anchors) -> Vec<Section> {
    let ids: Vec<String> =
        connector.streams.iter().map(|stream| anchors.claim(&tapwright_spec::anchors::stream(&stream.name))).collect();
    let same_rules = shared(connector, |stream| answer::rules(&stream.on_response)).is_some();
    let same_bounds = shared(connector, |stream| answer::limits(&stream.limits)).is_some();
    let streams = connector.streams.iter().zip(ids);
    streams
        .map(|(stream, id)| {
            let mut section = section(connector, stream, anchors);
            section.id = id;
            if !same_rules {
                section.answers = answer::rules(&stream.on_response);
            }
            if !same_bounds {
                section.bounds = Some(answer::limits(&stream.limits));
            }
            section
        })
        .collect()
}

fn section(connector: &Connector, stream: &Stream, anchors: &mut Anchors) -> Section {
    let shape = Shape::of(stream, anchors);
    let naming = stream.naming();
    let has_nested = shape.columns.iter().any(|column| column.nested);
    let keys: Vec<String> = stream.primary_key.iter().map(|key| naming.column(key)).collect();
    let key = replication::key_of(stream).map(|key| naming.column(key));
    let primary_key = keys.iter().map(|key| code(key)).collect::<Vec<_>>().join(", ");
    let parents: Vec<String> = stream.parents().iter().map(|name| replication::link_to(name)).collect();
    let readers: Vec<String> =
        connector.children_of(&stream.name).map(|child| replication::link_to(&child.name)).collect();
    Section {
        page: None,
        price: None,
        sample: None,
        files: Vec::new(),
        id: String::new(),
        name: stream.name.clone(),
        title: stream.title.clone(),
        description: stream.description.clone(),
        link: stream.link.clone().filter(|url| is_safe_link(url)),
        permission: stream.permission.clone(),
        notes: stream.notes.clone(),
        kind: replication::kind_of(stream),
        method: replication::method_of(stream),
        key: key.as_deref().map(code),
        replication_key: key,
        primary_key: (!keys.is_empty()).then_some(primary_key),
        keys,
        has_nested,
        parent: (!parents.is_empty()).then(|| replication::listed(&parents)),
        nested: match (has_nested, stream.unlisted) {
            (true, _) => "Yes",
            (false, Unlisted::Add) => "As the API sends them",
            (false, _) => "No",
        },
        points: replication::points(connector, stream),
        answers: Vec::new(),
        bounds: None,
        joins: joins(connector, stream, &shape),
        queries: sql::queries(connector, stream, &shape.children),
        readers: (!readers.is_empty()).then(|| replication::listed(&readers)),
        columns: shape.columns,
        children: shape.children,
    }
}

fn joins(connector: &Connector, stream: &Stream, shape: &Shape) -> Vec<Join> {
    let mut joins = Vec::new();
    for field in &stream.fields {
        let Some(other) = field.references.as_deref().and_then(|name| connector.stream(name)) else {
            continue;
        };
        if let [key] = other.primary_key.as_slice() {
            let (ours, theirs) = (stream.naming(), other.naming());
            let on =
                [(ours.table(&stream.name), ours.column(&field.name)), (theirs.table(&other.name), theirs.column(key))];
            joins.push(Join {
                from: replication::link_to(&stream.name),
                to: replication::link_to(&other.name),
                on: on.map(|(table, column)| format!("{table}.{column}")).join(" = "),
                nested: false,
            });
        }
    }
    joins.extend(shape.children.iter().map(|child| child_join(stream, child)));
    joins
}

/// A row of a child table meets the row of its stream by the copied keys.
fn child_join(stream: &Stream, child: &ChildTable) -> Join {
    let on: Vec<String> = key_of_rows(stream)
        .into_iter()
        .map(|key| format!("{}.{} = {}.{key}", child.name, source_key(&key), stream.name))
        .collect();
    Join {
        from: format!("[{}](#{})", code(&child.name), child.id),
        to: replication::link_to(&stream.name),
        on: on.join(" AND "),
        nested: true,
    }
}

fn troubles(connector: &Connector) -> Vec<Fact> {
    let troubles = connector.about.troubleshooting.iter();
    troubles.map(|trouble| Fact { label: trouble.symptom.clone(), text: trouble.remedy.clone() }).collect()
}

fn changes(connector: &Connector) -> Vec<Fact> {
    let changes = connector.about.changelog.iter();
    changes
        .map(|change| Fact {
            label: match &change.date {
                Some(date) => format!("{} ({date})", change.version),
                None => change.version.clone(),
            },
            text: change.text.clone(),
        })
        .collect()
}
