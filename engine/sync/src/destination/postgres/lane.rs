//! Rows on their way to a table, in the form of binary `COPY`.

use bytes::{BufMut, Bytes, BytesMut};
use tokio_postgres::Statement;

use super::value::put_one;
use crate::destination::row::Put;
use crate::destination::sets::session;
use crate::normalise::ColumnType;

/// Rows on their way.
#[derive(Default)]
pub(super) struct Lane {
    pub(super) bytes: BytesMut,
    /// What they are sent with.
    pub(super) statement: Option<Statement>,
}

impl session::Lane for Lane {
    fn begin_row(&mut self, width: usize) {
        // A table has at most 1,600 columns.
        self.bytes.put_i16(width as i16);
    }

    fn put(&mut self, kind: ColumnType, value: Put<'_>) -> Option<()> {
        put_one(&mut self.bytes, kind, value)
    }

    fn end_row(&mut self) {}

    fn bytes(&self) -> usize {
        self.bytes.len()
    }
}

impl Lane {
    /// All that `COPY` is to be sent.
    pub(super) fn take(&mut self) -> Bytes {
        let rows = self.bytes.split();
        let mut all = BytesMut::with_capacity(rows.len() + 32);
        all.put_slice(b"PGCOPY\n\xff\r\n\0");
        all.put_u64(0);
        all.unsplit(rows);
        all.put_i16(-1);
        all.freeze()
    }
}
