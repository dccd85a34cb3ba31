//! Both stores keep every promise of the storage contract.
#![allow(missing_docs, clippy::unwrap_used)]

use std::ops::Deref;
use std::sync::Arc;

use authmint_store::{MemoryStore, SqliteStore};

/// A store on a file that goes away with it.
struct OnDisk {
    store: SqliteStore,
    _folder: tempfile::TempDir,
}

impl OnDisk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { store: SqliteStore::open(folder.path().join("store.db")).unwrap(), _folder: folder }
    }
}

impl Deref for OnDisk {
    type Target = SqliteStore;

    fn deref(&self) -> &SqliteStore {
        &self.store
    }
}

mod memory {
    use super::{Arc, MemoryStore};

    authmint_server::storage_suite!(|| async { Arc::new(MemoryStore::new()) });

    mod people {
        use super::{Arc, MemoryStore};

        authmint_provider::provider_suite!(|| async { Arc::new(MemoryStore::new()) });
    }
}

mod sqlite {
    use super::OnDisk;

    authmint_server::storage_suite!(|| async { OnDisk::new() });

    mod people {
        use super::OnDisk;

        authmint_provider::provider_suite!(|| async { OnDisk::new() });
    }
}
