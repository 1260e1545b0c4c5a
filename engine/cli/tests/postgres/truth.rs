//! What a PostgreSQL holds, held against what the API does.

use crate::server::Server;
use crate::world::World;

/// Compares what the server holds with what the API does.
pub(crate) fn compare(world: &World, server: &Server, after: &str) {
    for (query, expected) in world.truth() {
        let found = server.psql(query).expect("rows");
        if found != expected {
            let differs = found.lines().zip(expected.lines()).find(|(found, expected)| found != expected);
            panic!("{after}: {query}: {} rows for {}, {differs:?}", found.lines().count(), expected.lines().count());
        }
    }
}
