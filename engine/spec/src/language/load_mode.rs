//! How records become rows.

use crate::grammar::words;
use crate::model;

words! {
    /// How records become rows. A table that was loaded in one mode is not loaded on in the other.
    model::LoadMode = "load mode" {
        /// A record replaces the row of its primary key, and what it does not tell is empty. A full table holds what the
        /// last read brought. Lists become tables of their own, `STREAM__FIELD`, and members of objects columns,
        /// `FIELD__MEMBER`; names stay as they are. What a load adds begins with `_sdc_`.
        "stitch" => model::LoadMode::Stitch,
        /// A record is merged onto the row of its primary key: a member that it does not have keeps the value of the row,
        /// one that is null empties it, and null in place of an object empties all members. Nothing is deleted, of full
        /// tables neither. Names become words with one `_` between them, `createdAt` `created_at`; members of objects are
        /// columns, `FIELD_MEMBER`, and a list is a text, as the API writes it. Each table has `id`, the values of the key
        /// with `:` between them where no field of that name is the key; `received_at`, when the answer came; `uuid`, made
        /// of what the record said last; and `uuid_ts`, when the row was written. A field whose column would have one of
        /// these names is called `property_NAME`. The mark of `deleted` is `deleted_at`. Without a primary key a stream
        /// is append-only, and `uuid` tells its rows apart; a full table needs one.
        "segment" => model::LoadMode::Segment,
    }
}
