//! A fresh store for each test.

use store::{Durability, Store, StoreOptions};

/// Makes two tests of one function that takes a `&Store`.
macro_rules! both {
    ($($(#[$attribute:meta])* async fn $name:ident($store:ident) $body:block)*) => {$(
        mod $name {
            #[allow(unused_imports, reason = "not every test uses all that its file imports")]
            use super::*;

            async fn check($store: &store::Store) $body

            $(#[$attribute])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                let fresh = $crate::harness::sqlite().await;
                check(&fresh.store).await;
                fresh.close().await;
            }

            $(#[$attribute])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                let Some(fresh) = $crate::harness::postgres().await else { return };
                check(&fresh.store).await;
                fresh.close().await;
            }
        }
    )*};
}
pub(crate) use both;

/// A store and the folder that goes with it.
pub(crate) struct Fresh {
    pub(crate) store: Store,
    _folder: tempfile::TempDir,
}

impl Fresh {
    pub(crate) async fn close(self) {
        self.store.close().await.unwrap();
    }
}

pub(crate) async fn sqlite() -> Fresh {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(StoreOptions::in_folder(folder.path())).await.unwrap();
    Fresh { store, _folder: folder }
}

/// `None` when PostgreSQL is left out.
pub(crate) async fn postgres() -> Option<Fresh> {
    let database_url = test_postgres::fresh_database().await?;
    let folder = tempfile::tempdir().unwrap();
    let options = StoreOptions {
        database_url,
        storage_url: folder.path().display().to_string(),
        durability: Durability::Normal,
    };
    let store = Store::open(options).await.unwrap();
    Some(Fresh { store, _folder: folder })
}
