//! What people agreed to.

use authmint_oauth2::Scope;
use authmint_provider::storage::ConsentStore;
use authmint_server::storage::Answer;

use super::attempt::{Connection, Manner};
use super::columns::Text;
use super::failed::Failed;
use super::{PostgresStore, locks};
use crate::records::Json;

impl ConsentStore for PostgresStore {
    fn consent<'a>(&'a self, subject: &'a str, client_id: &'a str) -> Answer<'a, Scope> {
        let (subject, client_id) = (subject.to_owned(), client_id.to_owned());
        self.run(Manner::Statement, async move |connection: &Connection| {
            consent(connection, &subject, &client_id).await
        })
    }

    fn remember_consent<'a>(
        &'a self,
        subject: &'a str,
        client_id: &'a str,
        scope: &'a Scope,
    ) -> Answer<'a, ()> {
        let (subject, client_id, scope) = (subject.to_owned(), client_id.to_owned(), scope.clone());
        self.run(Manner::Transaction, async move |connection: &Connection| {
            // Of two decisions at once, the second adds to the first.
            locks::exclusive(connection, &[locks::person(&subject)]).await?;
            let scope = crate::consents::add(&consent(connection, &subject, &client_id).await?, &scope);
            let sql = "INSERT INTO consents (subject, client_id, scope) VALUES ($1, $2, $3)
                       ON CONFLICT (subject, client_id) DO UPDATE SET scope = excluded.scope";
            connection.execute(sql, &[&Text(&subject), &Text(&client_id), &Json(&scope)]).await.map(drop)
        })
    }

    fn forget_consent<'a>(&'a self, subject: &'a str, client_id: &'a str) -> Answer<'a, ()> {
        let (subject, client_id) = (subject.to_owned(), client_id.to_owned());
        self.run(Manner::Statement, async move |connection: &Connection| {
            let sql = "DELETE FROM consents WHERE subject = $1 AND client_id = $2";
            connection.execute(sql, &[&Text(&subject), &Text(&client_id)]).await.map(drop)
        })
    }
}

async fn consent(connection: &Connection, subject: &str, client_id: &str) -> Result<Scope, Failed> {
    let sql = "SELECT scope FROM consents WHERE subject = $1 AND client_id = $2";
    let row = connection.row(sql, &[&Text(subject), &Text(client_id)]).await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?.map(|Json(scope)| scope).unwrap_or_default())
}
