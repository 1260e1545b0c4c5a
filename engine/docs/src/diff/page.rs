//! What changed in what the page says of all streams, and in what holds for all of them.

use tapwright_spec::Connector;
use tapwright_spec::model::About;

use super::{Changes, Weight};
use crate::markdown::plain;
use crate::snapshot::schedule;

pub(super) fn compare(old: &Connector, new: &Connector, changes: &mut Changes) {
    let rate = |connector: &Connector| crate::answer::rate(connector).unwrap_or_default();
    changes.unless_same(Weight::Behaviour, "the rate limit", &rate(old), &rate(new));
    let suggested = |connector: &Connector| {
        let words = |time: Option<&tapwright_spec::time::Duration>| {
            time.map(|time| time.words().to_owned()).unwrap_or_default()
        };
        (words(connector.schedule.frequency.as_ref()), words(connector.schedule.historical.as_ref()))
    };
    let (was, is) = (suggested(old), suggested(new));
    changes.unless_same(Weight::Behaviour, "the default frequency", &was.0, &is.0);
    changes.unless_same(Weight::Behaviour, "the default history", &was.1, &is.1);
    if was == is && schedule(old) != schedule(new) && old.schedule.anchor != new.schedule.anchor {
        changes.add(Weight::Behaviour, "whether runs may be anchored has changed");
    }
    let selects = |connector: &Connector| (connector.supports.table_selection, connector.supports.column_selection);
    if selects(old) != selects(new) {
        changes.add(Weight::Behaviour, "what may be selected has changed");
    }
    about(&old.about, &new.about, changes);
    if old.title != new.title {
        changes.add(Weight::Documentation, format!("the title is {}", plain(&new.title)));
    }
}

/// A part of the page, to compare.
type Part = fn(&About) -> String;

fn about(old: &About, new: &About, changes: &mut Changes) {
    let parts: [(&str, Part); 13] = [
        ("the summary", |about| about.summary.clone()),
        ("the description", |about| format!("{:?}", about.description)),
        ("the status", |about| format!("{:?} {}", about.status, about.certified)),
        ("the plan that a user needs", |about| format!("{:?}", about.tier)),
        ("the author", |about| format!("{:?}", about.author)),
        ("the links", |about| format!("{:?} {:?}", about.links, about.icon)),
        ("the category", |about| format!("{:?}", about.category)),
        ("the keywords", |about| format!("{:?}", about.keywords)),
        ("the notice", |about| format!("{:?}", about.notice)),
        ("what a user needs before the first step", |about| format!("{:?}", about.requirements)),
        ("the steps of the setup", |about| format!("{:?}", about.setup)),
        ("the notes", |about| format!("{:?} {:?}", about.notes, about.limits)),
        ("what helps in trouble", |about| format!("{:?}", about.troubleshooting)),
    ];
    for (what, part) in parts {
        if part(old) != part(new) {
            let verb = if what.ends_with('s') && !what.ends_with("status") && !what.ends_with("needs") {
                "have"
            } else {
                "has"
            };
            changes.add(Weight::Documentation, format!("{what} {verb} changed"));
        }
    }
}
