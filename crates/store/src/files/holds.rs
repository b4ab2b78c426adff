//! Keeps all files where they are while a backup reads them, also from
//! sweepers of other processes.

use super::Files;
use crate::{error::Result, sql::Fragment};
use domain::time::Timestamp;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

/// Milliseconds that a hold lasts without being renewed: what a killed backup
/// delays the removal of files by. A backup renews it far more often.
pub const HOLD_MS: i64 = 10 * 60_000;

impl Files<'_> {
    /// No file is removed until `now` + [`HOLD_MS`]; the same id again lasts
    /// longer.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn hold(&self, id: Uuid, now: Timestamp) -> Result<()> {
        let over = Fragment::new("DELETE FROM file_holds WHERE until <= ").value(now.0);
        self.execute(over).await?;
        let hold = Fragment::new("INSERT INTO file_holds (id, until) VALUES (")
            .value(id)
            .say(", ")
            .value(now.plus_ms(HOLD_MS).0)
            .say(") ON CONFLICT (id) DO UPDATE SET until = excluded.until");
        self.execute(hold).await
    }

    /// Ends a hold.
    ///
    /// # Errors
    /// When the database fails; the hold then ends by itself.
    pub async fn end_hold(&self, id: Uuid) -> Result<()> {
        self.execute(Fragment::new("DELETE FROM file_holds WHERE id = ").value(id)).await
    }

    async fn execute(&self, statement: Fragment) -> Result<()> {
        self.db.writer.execute_raw(statement.into_statement(self.db.backend())).await?;
        Ok(())
    }
}
