//! Where a connector's tables are, as far as their names and types depend on it.

use tapwright_sync::destination::{Fault, Kind, kind_of};

/// A destination that nothing opens.
#[derive(Debug, Clone)]
pub struct Place {
    /// Of which kind it is.
    pub kind: &'static Kind,
    /// The schema of the database in which the tables are.
    pub schema: String,
}

impl Place {
    /// The destination at this address, as `sync --to` takes it; without one, a PostgreSQL database.
    ///
    /// # Errors
    /// A [`Fault`] for an unknown scheme.
    pub fn of(to: Option<&str>, connector: &str) -> Result<Place, Fault> {
        let to = to.unwrap_or("postgres://localhost");
        let kind = kind_of(Some(to))?;
        let query = to.split_once('?').map_or("", |(_, query)| query);
        let named = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "schema");
        let schema = match named {
            Some((_, schema)) => schema.into_owned(),
            None if kind.schemes.contains(&"duckdb") => "main".to_owned(),
            None => connector.to_owned(),
        };
        Ok(Place { kind, schema })
    }
}
