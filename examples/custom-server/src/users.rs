//! The users: a table of our own, and what the server asks of it.

use std::sync::{Mutex, PoisonError};

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use authmint::oidc::PersonClaims;
use authmint::server::ClaimsSource;
use authmint::server::storage::{Answer, StorageError};
use rusqlite::{Connection, OptionalExtension, Result, params};

#[derive(Debug)]
pub(crate) struct Users(Mutex<Connection>);

impl Users {
    /// Opens the table. In a new one there is `ada`, with the password `analytical engine` and the badge `0042`.
    pub(crate) fn open(path: &str) -> Result<Self, Box<dyn std::error::Error>> {
        let table = Connection::open(path)?;
        let columns = "id TEXT PRIMARY KEY, name TEXT, password TEXT, badge TEXT";
        table.execute(&format!("CREATE TABLE IF NOT EXISTS users ({columns})"), [])?;
        let hash =
            Argon2::default().hash_password(b"analytical engine").map_err(|error| error.to_string())?;
        let ada = params!["u-1", "ada", hash.to_string(), "0042"];
        table.execute("INSERT INTO users VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING", ada)?;
        Ok(Self(Mutex::new(table)))
    }

    /// The user of that `id`, `name` or `badge`: identifier, name and hash of the password.
    pub(crate) fn find(&self, column: &str, value: &str) -> Result<Option<[String; 3]>> {
        let table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let sql = format!("SELECT id, name, password FROM users WHERE {column} = ?1");
        table.query_row(&sql, [value], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?])).optional()
    }

    /// The identifier of the user whose name and password these are.
    pub(crate) fn check(&self, name: &str, password: &str) -> Result<Option<String>> {
        Ok(self.find("name", name)?.and_then(|[id, _, hash]| {
            let hash = PasswordHash::new(&hash).ok()?;
            Argon2::default().verify_password(password.as_bytes(), &hash).ok().map(|()| id)
        }))
    }
}

impl ClaimsSource for Users {
    fn claims<'a>(&'a self, subject: &'a str) -> Answer<'a, Option<PersonClaims>> {
        let user = self.find("id", subject).map_err(StorageError::new);
        let claims = |[_, name, _]: [String; 3]| PersonClaims { name: Some(name), ..PersonClaims::default() };
        Box::pin(async move { Ok(user?.map(claims)) })
    }
}
