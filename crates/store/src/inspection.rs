//! Opening what is there without changing it.

use crate::{
    Store, blobs::Blobs, database::Database, error::Result, migrations::SchemaState, options::StoreOptions,
};

impl Store {
    /// Connects to a database and a storage that are there, and changes
    /// neither: nothing is made, nothing is migrated, and on SQLite every
    /// write fails. Ask for [`schema_state`](Self::schema_state) before
    /// anything else: tables may be missing.
    ///
    /// # Errors
    /// `Options` when a URL is none, or when there is no such file or folder,
    /// or the database's.
    pub async fn open_unchanged(options: StoreOptions) -> Result<Self> {
        let db = Database::open_unchanged(&options).await?;
        let blobs = Blobs::open_existing(&options)?;
        Ok(Self::of(db, blobs))
    }

    /// Connects without migrating: for what works on the data of an older
    /// version, too. A SQLite file that is not there is made.
    ///
    /// # Errors
    /// `Options` when a URL is none or a folder cannot be used, or the
    /// database's.
    pub async fn open_unmigrated(options: StoreOptions) -> Result<Self> {
        let db = Database::open(&options).await?;
        let blobs = Blobs::open(&options)?;
        Ok(Self::of(db, blobs))
    }

    /// Connects and brings the schema up to date, and says which migrations ran.
    ///
    /// # Errors
    /// `Options` when a URL is none or the data is a newer program's, or the
    /// database's; then the schema is as it was.
    pub async fn migrate(options: &StoreOptions) -> Result<Vec<String>> {
        let db = Database::open(options).await?;
        let migrated = db.migrate().await;
        db.close().await?;
        migrated
    }

    /// Where the database's schema stands.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn schema_state(&self) -> Result<SchemaState> {
        self.inner.db.schema_state().await
    }
}
