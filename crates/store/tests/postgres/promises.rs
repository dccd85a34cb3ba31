//! Every promise of the storage contract.

macro_rules! server_tests {
    (() $($module:ident :: $promise:ident),* $(,)?) => {
        $(
            #[test]
            fn $promise() {
                let Some(store) = crate::schema::Alone::new() else { return };
                authmint_server::suite::block_on(authmint_server::suite::$module::$promise(&*store));
            }
        )*
    };
}

macro_rules! provider_tests {
    (() $($promise:ident),* $(,)?) => {
        $(
            #[test]
            fn $promise() {
                let Some(store) = crate::schema::Alone::new() else { return };
                authmint_server::suite::block_on(authmint_provider::suite::$promise(&*store));
            }
        )*
    };
}

authmint_server::__storage_promises!(server_tests!());

mod people {
    authmint_provider::__provider_promises!(provider_tests!());
}
