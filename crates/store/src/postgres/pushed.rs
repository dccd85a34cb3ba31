//! Pushed requests.

use authmint_server::storage::{Answer, PushedRequest, PushedRequestStore, TokenHash};

use super::PostgresStore;
use super::attempt::{Connection, Manner};
use super::columns::{Text, bytes};
use super::waiting::make_room;
use crate::records::{Json, PUSHED_REQUESTS, seconds};

impl PushedRequestStore for PostgresStore {
    fn save_pushed_request(&self, id: TokenHash, request: PushedRequest, most: usize) -> Answer<'_, ()> {
        self.run(Manner::Transaction, async move |connection: &Connection| {
            let sql =
                "INSERT INTO pushed_requests (id, client_id, record, expires_at) VALUES ($1, $2, $3, $4)";
            let (client_id, expires_at) = (Text(&request.client_id), seconds(request.expires_at));
            connection.execute(sql, &[&bytes(&id), &client_id, &Json(&request), &expires_at]).await?;
            make_room(connection, &PUSHED_REQUESTS, &[bytes(&id)], most).await
        })
    }

    fn pushed_request(&self, id: TokenHash) -> Answer<'_, Option<PushedRequest>> {
        self.one_request("SELECT record FROM pushed_requests WHERE id = $1", id)
    }

    fn take_pushed_request(&self, id: TokenHash) -> Answer<'_, Option<PushedRequest>> {
        self.one_request("DELETE FROM pushed_requests WHERE id = $1 RETURNING record", id)
    }
}

impl PostgresStore {
    fn one_request(&self, sql: &'static str, id: TokenHash) -> Answer<'_, Option<PushedRequest>> {
        self.run(Manner::Statement, async move |connection: &Connection| {
            let row = connection.row(sql, &[&bytes(&id)]).await?;
            Ok(row.map(|row| row.try_get(0)).transpose()?.map(|Json(request)| request))
        })
    }
}
