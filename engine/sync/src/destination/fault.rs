//! Why a destination cannot go on, and what helps.

use std::io::{Error, ErrorKind};

use super::{forms, merging};

/// Why a destination cannot go on, and what helps.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// No destination is called so.
    #[error("`{url}` names no destination; write {}", forms())]
    Scheme {
        /// What was asked for, without a password.
        url: String,
    },
    /// Its address cannot be read.
    #[error("{place}: {reason}")]
    Address {
        /// The address, without a password.
        place: String,
        /// What is wrong with it, and what to write.
        reason: String,
    },
    /// It cannot be opened.
    #[error("cannot open {place}: {reason}; check the path and that its folder exists and is writable")]
    Open {
        /// The database.
        place: String,
        /// What the system says.
        reason: String,
    },
    /// The connector has not loaded into it.
    #[error("{connector} has loaded nothing into {place} yet; check --to, or run `tapwright sync` first")]
    Empty {
        /// The place.
        place: String,
        /// The connector.
        connector: String,
    },
    /// Another run loads into it.
    #[error("another tapwright run is loading into {place}; wait for its end, or load into another place")]
    Busy {
        /// The database.
        place: String,
    },
    /// A table would be wider than it can be.
    #[error(
        "the table `{table}` would have {count} columns, and it can have {most}; keep what belongs together in one, with \
         `as: json` or `unlisted: json`, or load into another destination"
    )]
    TooManyColumns {
        /// The table.
        table: String,
        /// How many columns it would have, with the engine's own.
        count: usize,
        /// How many it can have.
        most: usize,
    },
    /// Another program holds its lock.
    #[error("{place} is locked by another program; close what writes to it, then run again")]
    Locked {
        /// The database.
        place: String,
    },
    /// It may not be written.
    #[error("{place} is read-only; make the file and its folder writable, then run again")]
    ReadOnly {
        /// The database.
        place: String,
    },
    /// No room is left.
    #[error("no space is left for {place}; free some, then run again: what was committed is intact")]
    Full {
        /// The database.
        place: String,
    },
    /// A file of another kind.
    #[error("{place} is no {kind} database; name another file")]
    NotADatabase {
        /// The file.
        place: String,
        /// What was expected.
        kind: &'static str,
    },
    /// DuckDB is not installed.
    #[error(
        "DuckDB's library {name} was not found; take it from duckdb.org/install (C/C++) or out of the package `@duckdb/node-bindings-…` of npm, and say where it is with {setting}=FILE"
    )]
    NoLibrary {
        /// What the file is called.
        name: String,
        /// The variable that says where it is.
        setting: &'static str,
    },
    /// DuckDB's library cannot be used.
    #[error("DuckDB's library {path} cannot be used: {reason}; name libduckdb of 1.3 or later, for this machine")]
    Library {
        /// The file.
        path: String,
        /// What the system says.
        reason: String,
    },
    /// The file is damaged.
    #[error("{place} is damaged: {reason}; restore a copy, or load into a new file")]
    Corrupt {
        /// The database.
        place: String,
        /// What it says.
        reason: String,
    },
    /// Files of a table are not as they were written.
    #[error("{place} is damaged: {reason}; restore the file, or run with --full-refresh to load the stream anew")]
    Damaged {
        /// The folder.
        place: String,
        /// Which file, and what is wrong with it.
        reason: String,
    },
    /// Nothing can be compacted.
    #[error("{place}: its rows have one version, so there is nothing to compact")]
    OneVersion {
        /// The destination.
        place: String,
    },
    /// A table was made by somebody else.
    #[error(
        "the table `{table}` was not made by this connector's stream ({owner}); rename it, or load into another place"
    )]
    Foreign {
        /// The table.
        table: String,
        /// Whose it is.
        owner: String,
    },
    /// The primary key is no longer the one of the table.
    #[error("the primary key of `{table}` was {before} and is now {now}; run with --full-refresh to load it anew")]
    KeyChanged {
        /// The table.
        table: String,
        /// Columns.
        before: String,
        /// Columns.
        now: String,
    },
    /// A column's type is no longer the one of the table.
    #[error(
        "the column `{column}` of `{table}` holds {before} and the spec now says {now}; run with --full-refresh to load it anew"
    )]
    TypeChanged {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// Declared type in the table.
        before: String,
        /// Type in the spec.
        now: String,
    },
    /// It was loaded in the other load mode.
    #[error(
        "the table `{table}` was loaded in the load mode `{before}`, and is now to be in `{now}`; run with --full-refresh to \
         load it anew, or load into another place"
    )]
    OtherLoadMode {
        /// The table.
        table: String,
        /// As it was loaded.
        before: &'static str,
        /// As it is to be.
        now: &'static str,
    },
    /// It cannot do what the load mode `segment` asks for.
    #[error(
        "{place} does not merge records onto rows, as the load mode `segment` does; load in the mode `stitch`, or into {}",
        merging()
    )]
    NoMerging {
        /// The place.
        place: String,
    },
    /// The order of calls is wrong, or an earlier fault was not rolled back.
    #[error("no load of `{stream}` is under way{hint}")]
    NoLoad {
        /// The stream.
        stream: String,
        /// Why, if it is known.
        hint: &'static str,
    },
    /// State that this version cannot read.
    #[error("the state of `{stream}` in {place} cannot be read: {reason}; run with --full-refresh to begin anew")]
    State {
        /// The database.
        place: String,
        /// The stream.
        stream: String,
        /// What is wrong.
        reason: String,
    },
    /// No server answers.
    #[error("cannot reach {place}: {reason}; check host and port, and that the server runs")]
    Unreachable {
        /// The server.
        place: String,
        /// What the system says.
        reason: String,
    },
    /// The server lets nobody in by this name and password.
    #[error("{place} refuses the login: {reason}; check the user, and the password in PGPASSWORD or ~/.pgpass")]
    Login {
        /// The server.
        place: String,
        /// What the server says.
        reason: String,
    },
    /// The connection cannot be encrypted, or nobody vouches for the server.
    #[error(
        "{place}: no connection that is safe: {reason}; name the authority that signed the server's certificate with sslrootcert=FILE, or say with sslmode= what is enough"
    )]
    Tls {
        /// The server.
        place: String,
        /// What is wrong.
        reason: String,
    },
    /// The connection broke.
    #[error("the connection to {place} was lost: {reason}; run again: what was committed is intact")]
    Lost {
        /// The server.
        place: String,
        /// What is known of it.
        reason: String,
    },
    /// The user may not do this.
    #[error("{place}: {reason}; the user needs the right to create the schema, its tables and temporary tables")]
    Denied {
        /// The server.
        place: String,
        /// What the server says.
        reason: String,
    },
    /// A statement took longer than allowed.
    #[error("{place}: {reason}; run again, with a longer statement_timeout in `options=` if it is needed")]
    TooSlow {
        /// The server.
        place: String,
        /// What the server says.
        reason: String,
    },
    /// A table is more than the destination holds.
    #[error(
        "{place} cannot hold the table: {reason}; list the fields that you need in the spec, or keep objects as `json`"
    )]
    TooWide {
        /// The server.
        place: String,
        /// What the server says.
        reason: String,
    },
    /// Two columns or tables would have one name.
    #[error("`{one}` and `{other}` would both be called `{name}`, as names may be no longer; rename one in the spec")]
    SameName {
        /// A name.
        one: String,
        /// Another.
        other: String,
        /// What both become.
        name: String,
    },
    /// Something that somebody made hangs on a table that is made anew.
    #[error("the table `{table}` cannot be made anew: {reason}; drop what hangs on it, run again, and make it anew")]
    Needed {
        /// The table.
        table: String,
        /// What hangs on it.
        reason: String,
    },
    /// Nothing was extracted into the folder.
    #[error("there is no hub in {place}; `tapwright extract SPEC --hub {place}` makes one")]
    NoHub {
        /// The folder.
        place: String,
    },
    /// It holds what another connector has extracted.
    #[error("the hub {place} is of {owner}, and not of {connector}; name another folder")]
    HubOf {
        /// The folder.
        place: String,
        /// Whose it is.
        owner: String,
        /// Who comes.
        connector: String,
    },
    /// It holds as much as it may.
    #[error("the hub {place} is full: it holds {held} of {limit}; {remedy}; what was committed is intact")]
    HubFull {
        /// The folder.
        place: String,
        /// How much it holds.
        held: String,
        /// How much it may hold.
        limit: String,
        /// What makes room.
        remedy: String,
    },
    /// A file of a hub is not as it was written.
    #[error("the hub {place} is damaged: {what}; {remedy}")]
    HubDamaged {
        /// The folder.
        place: String,
        /// File, bytes, and what is wrong with them.
        what: String,
        /// What makes good.
        remedy: String,
    },
    /// Anything else.
    #[error("{place}: {reason}")]
    Other {
        /// The database.
        place: String,
        /// What it says.
        reason: String,
    },
}

impl Fault {
    /// Whether a table stands in the way of one load alone, which would be made anew.
    pub(crate) fn is_of_a_table(&self) -> bool {
        matches!(
            self,
            Fault::KeyChanged { .. } | Fault::TypeChanged { .. } | Fault::OtherLoadMode { .. } | Fault::TooWide { .. }
        )
    }

    /// What an error of files at `place` means.
    pub(crate) fn of_files(place: &str, error: &Error) -> Fault {
        let place = place.to_owned();
        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => Fault::Full { place },
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Fault::ReadOnly { place },
            _ => Fault::Other { place, reason: error.to_string() },
        }
    }
}
