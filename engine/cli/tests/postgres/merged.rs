//! What the tables must hold in the load mode `segment`, where every round was loaded to its end.

use std::fmt::Write as _;
use std::sync::atomic::Ordering;

use crate::world::{GROUPS, World, group_name, has_group, item, items_of, members};

/// By query, as `psql` prints it: a list of which a record did not tell is that of the last one that did, and groups that
/// are gone stay as they were.
pub(crate) fn truth(world: &World) -> Vec<(&'static str, String)> {
    let round = world.round.load(Ordering::SeqCst);
    let (mut items, mut groups) = (String::new(), String::new());
    for one in items_of(round) {
        let mut lists = (0..=round).rev().filter_map(|round| item(one.id, round)?.list());
        let tags = lists.next().unwrap_or_else(|| "none".to_owned());
        let _ = writeln!(items, "{}\t{}\tname {} v{}\t{tags}", one.id, one.at(), one.id, one.round);
    }
    for id in 0..GROUPS {
        if let Some(there) = (0..=round).rev().find(|round| has_group(id, *round)) {
            let _ = writeln!(groups, "{id}\t{}\t[{}]", group_name(id, there), members(id));
        }
    }
    let items_there = "SELECT id, to_char(at, 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), name, coalesce(tags, 'none') \
        FROM shop.items ORDER BY id";
    let groups_there = "SELECT id, name, members FROM shop.groups ORDER BY id";
    vec![(items_there, items.trim_end().to_owned()), (groups_there, groups.trim_end().to_owned())]
}
