//! Pushed requests.

use authmint_server::storage::{Answer, PushedRequest, PushedRequestStore, TokenHash};
use rusqlite::{OptionalExtension, params};

use super::{SqliteStore, make_room};
use crate::records::{Json, PUSHED_REQUESTS, seconds};

impl PushedRequestStore for SqliteStore {
    fn save_pushed_request(&self, id: TokenHash, request: PushedRequest, most: usize) -> Answer<'_, ()> {
        self.write(move |connection| {
            let sql =
                "INSERT INTO pushed_requests (id, client_id, record, expires_at) VALUES (?1, ?2, ?3, ?4)";
            let values =
                params![id.as_bytes(), request.client_id, Json(&request), seconds(request.expires_at)];
            connection.prepare_cached(sql)?.execute(values)?;
            make_room(connection, &PUSHED_REQUESTS, id, most)
        })
    }

    fn pushed_request(&self, id: TokenHash) -> Answer<'_, Option<PushedRequest>> {
        self.read(move |connection| {
            let mut query = connection.prepare_cached("SELECT record FROM pushed_requests WHERE id = ?1")?;
            let found = query.query_row([id.as_bytes()], |row| row.get::<_, Json<_>>(0)).optional()?;
            Ok(found.map(|Json(request)| request))
        })
    }

    fn take_pushed_request(&self, id: TokenHash) -> Answer<'_, Option<PushedRequest>> {
        self.write(move |connection| {
            let sql = "DELETE FROM pushed_requests WHERE id = ?1 RETURNING record";
            let mut delete = connection.prepare_cached(sql)?;
            let taken = delete.query_row([id.as_bytes()], |row| row.get::<_, Json<_>>(0)).optional()?;
            Ok(taken.map(|Json(request)| request))
        })
    }
}
