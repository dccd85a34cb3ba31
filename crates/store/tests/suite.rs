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

mod one_file {
    use authmint_provider::storage::AccountStore;
    use authmint_provider::suite::account;
    use authmint_server::suite::block_on;
    use authmint_store::SqliteStore;

    fn store_with_ada(path: &std::path::Path) -> SqliteStore {
        let store = SqliteStore::open(path).unwrap();
        assert!(block_on(store.add_account(account("ada"))).unwrap());
        // A reader that stays open must not keep the end from tidying up.
        assert!(block_on(store.account_by_username("ada")).unwrap().is_some());
        store
    }

    #[test]
    fn a_closed_store_is_one_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        drop(store_with_ada(&path));
        let files: Vec<_> =
            std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
        assert_eq!(files, ["store.db"]);
        let store = SqliteStore::open(&path).unwrap();
        assert!(block_on(store.account_by_username("ada")).unwrap().is_some());
    }

    #[test]
    fn a_backup_of_a_running_store_is_whole_and_private() {
        let folder = tempfile::tempdir().unwrap();
        let store = store_with_ada(&folder.path().join("store.db"));
        let copy = folder.path().join("copy.db");
        store.backup(&copy).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
        }
        assert!(store.backup(&copy).is_err(), "a backup is not written over");
        let restored = SqliteStore::open(&copy).unwrap();
        assert!(block_on(restored.account_by_username("ada")).unwrap().is_some());
    }
}
