//! What must hold of state and rows, whatever happened.

use jiff::Timestamp;
use tapwright_sync::state::{KeyValue, State};

use crate::shops::Shop;
use crate::world::Truth;

fn moment(key: &KeyValue) -> Timestamp {
    match key {
        KeyValue::Timestamp(moment) => *moment,
        KeyValue::Integer(seconds) => Timestamp::from_second(*seconds).expect("a moment"),
        other => panic!("{other} is no moment"),
    }
}

/// Up to where the state says that the lines of an order are read.
fn reached(shop: &Shop, state: &State, order: i64) -> Option<Timestamp> {
    let lines = state.of("lines");
    let own = if shop.keeps_slices { lines.slices.get(&order.to_string()).cloned() } else { None };
    own.or(lines.bookmark).as_ref().map(moment)
}

/// No bookmark goes back, and none passes what is not read.
pub(crate) fn judge(shop: &Shop, (before, state): (&State, &State), truth: &Truth, rows: &Truth) {
    for (stream, known) in &before.0 {
        let now = state.of(stream);
        assert!(known.bookmark <= now.bookmark, "{stream}: the bookmark went back: {known:?} {now:?}");
        for (id, key) in &known.slices {
            let later = now.slices.get(id).or(now.bookmark.as_ref());
            // Of bookmarks that are no times the least stands for all.
            let folded = matches!(key, KeyValue::Integer(_)) && known.bookmark.is_none() && now.bookmark.is_some();
            assert!(
                folded || later.is_some_and(|later| later >= key),
                "{stream}: the bookmark of {id} went back: {known:?} {now:?}"
            );
        }
    }
    for ((order, id), line) in &truth.lines {
        let Some(reached) = reached(shop, state, *order) else { continue };
        // The key of lines that hang on changed orders is that of their order.
        let at = if shop.hangs_on_changes { truth.orders[order].at } else { line.at };
        if at < reached {
            assert_eq!(
                rows.lines.get(&(*order, *id)),
                Some(line),
                "line {id} of order {order} was passed by {reached}"
            );
        }
    }
    if let (true, Some(reached)) = (shop.hangs_on_changes, state.of("orders").bookmark.as_ref().map(moment)) {
        for (id, order) in truth.orders.iter().filter(|(_, order)| order.at < reached) {
            assert_eq!(rows.orders.get(id).map(|row| row.at), Some(order.at), "order {id} was passed by {reached}");
        }
    }
}

/// After a clean run everything is there, and nothing else.
pub(crate) fn whole(truth: &Truth, rows: &Truth) {
    assert_eq!(rows.lines, truth.lines);
    let moments = |truth: &Truth| truth.orders.iter().map(|(id, order)| (*id, order.at)).collect::<Vec<_>>();
    if !rows.orders.is_empty() {
        assert_eq!(moments(rows), moments(truth));
    }
}
