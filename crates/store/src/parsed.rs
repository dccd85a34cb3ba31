//! Clients that were read before. Every request begins with one, and its record is long.
//!
//! The record itself is read from the database each time; what is spared is to take it apart again. So a change counts at once,
//! whichever process made it.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use authmint_server::storage::Client;

/// How many clients are remembered; of more, all are forgotten.
const MOST: usize = 1024;
/// The longest record that is remembered, in bytes.
const MAX_BYTES: usize = 4 * 1024;

/// A record, and what it was read as.
type Parsed = (Box<str>, Arc<Client>);

/// Records by `client_id`.
#[derive(Debug, Default)]
pub(crate) struct ParsedClients(RwLock<HashMap<Box<str>, Parsed>>);

impl ParsedClients {
    /// The client of a record.
    pub(crate) fn read(&self, client_id: &str, record: &str) -> serde_json::Result<Arc<Client>> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some((text, client)) = known.get(client_id)
            && **text == *record
        {
            return Ok(Arc::clone(client));
        }
        drop(known);
        let client: Arc<Client> = Arc::new(serde_json::from_str(record)?);
        if record.len() <= MAX_BYTES {
            let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
            if known.len() >= MOST {
                known.clear();
            }
            known.insert(client_id.into(), (record.into(), Arc::clone(&client)));
        }
        Ok(client)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_record_is_read_anew_and_memory_is_bounded() {
        let record = |name: &str| {
            format!(
                r#"{{"id":"app","metadata":{{"client_name":"{name}"}},"secret_hash":null,"created_at":1}}"#
            )
        };
        let parsed = ParsedClients::default();
        let name = |text: &str| parsed.read("app", text).unwrap().metadata.client_name.clone().unwrap();
        let first = parsed.read("app", &record("One")).unwrap();
        assert!(Arc::ptr_eq(&first, &parsed.read("app", &record("One")).unwrap()));
        assert_eq!(name(&record("Two")), "Two");
        assert_eq!(name(&record("One")), "One");
        assert!(parsed.read("app", "{}").is_err());
        for number in 0..MOST * 2 {
            parsed.read(&number.to_string(), &record("Three")).unwrap();
        }
        assert!(parsed.0.read().unwrap().len() <= MOST);
        let long = record(&"x".repeat(MAX_BYTES));
        assert!(!Arc::ptr_eq(&parsed.read("long", &long).unwrap(), &parsed.read("long", &long).unwrap()));
    }
}
