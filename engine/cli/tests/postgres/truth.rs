//! What a PostgreSQL holds, held against what the API does.

use crate::server::Server;

/// Compares what queries give with what they must.
pub(crate) fn compare(truth: Vec<(&'static str, String)>, server: &Server, after: &str) {
    for (query, expected) in truth {
        let found = server.psql(query).expect("rows");
        if found != expected {
            let differs = found.lines().zip(expected.lines()).find(|(found, expected)| found != expected);
            panic!("{after}: {query}: {} rows for {}, {differs:?}", found.lines().count(), expected.lines().count());
        }
    }
}
