//! Reading columns into typed values. What cannot be understood names its place.

use crmap_domain::MemberId;
use sqlx::any::AnyRow;
use sqlx::{Any, Decode, Row, Type};
use time::OffsetDateTime;

use crate::StoreError;
use crate::moment::from_ms;

/// A row on its way into a value.
pub(crate) struct Columns<'a> {
    row: &'a AnyRow,
    table: &'static str,
    name: String,
}

impl<'a> Columns<'a> {
    /// `name` tells the row from others in errors.
    pub(crate) fn new(row: &'a AnyRow, table: &'static str, name: impl Into<String>) -> Self {
        Self {
            row,
            table,
            name: name.into(),
        }
    }

    pub(crate) fn corrupt(&self, column: &str) -> StoreError {
        StoreError::corrupt(self.table, self.name.as_str(), column)
    }

    fn get<T: Decode<'a, Any> + Type<Any>>(&self, column: &str) -> Result<T, StoreError> {
        self.row
            .try_get(column)
            .map_err(|_error| self.corrupt(column))
    }

    pub(crate) fn text(&self, column: &str) -> Result<String, StoreError> {
        self.get(column)
    }

    pub(crate) fn maybe_text(&self, column: &str) -> Result<Option<String>, StoreError> {
        self.get(column)
    }

    pub(crate) fn int(&self, column: &str) -> Result<i64, StoreError> {
        self.get(column)
    }

    pub(crate) fn maybe_int(&self, column: &str) -> Result<Option<i64>, StoreError> {
        self.get(column)
    }

    pub(crate) fn count(&self, column: &str) -> Result<u32, StoreError> {
        u32::try_from(self.int(column)?).map_err(|_error| self.corrupt(column))
    }

    pub(crate) fn flag(&self, column: &str) -> Result<bool, StoreError> {
        Ok(self.int(column)? != 0)
    }

    pub(crate) fn bytes(&self, column: &str) -> Result<Vec<u8>, StoreError> {
        self.get(column)
    }

    pub(crate) fn maybe_bytes(&self, column: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.get(column)
    }

    pub(crate) fn moment(&self, column: &str) -> Result<OffsetDateTime, StoreError> {
        from_ms(self.int(column)?).ok_or_else(|| self.corrupt(column))
    }

    pub(crate) fn maybe_moment(&self, column: &str) -> Result<Option<OffsetDateTime>, StoreError> {
        self.maybe_int(column)?
            .map(|ms| from_ms(ms).ok_or_else(|| self.corrupt(column)))
            .transpose()
    }

    pub(crate) fn member_id(&self, column: &str) -> Result<MemberId, StoreError> {
        MemberId::parse(&self.text(column)?).map_err(|_error| self.corrupt(column))
    }
}
