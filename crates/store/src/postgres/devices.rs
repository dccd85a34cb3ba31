//! Devices that wait for a person.

use authmint_jose::Timestamp;
use authmint_server::storage::{
    Answer, Consumed, DeviceAuthorization, DeviceDecision, DeviceStore, Grant, IssuedTokens, PolledDevice,
    TokenHash,
};

use super::attempt::{Connection, Manner};
use super::columns::{Text, bytes};
use super::consume::{DEVICES, consume};
use super::waiting::make_room;
use super::{PostgresStore, grants};
use crate::devices::Pace;
use crate::records::{self, Json, seconds, timestamp};

impl DeviceStore for PostgresStore {
    fn save_device_authorization(
        &self,
        device_code: TokenHash,
        user_code: TokenHash,
        authorization: DeviceAuthorization,
        most: usize,
    ) -> Answer<'_, bool> {
        self.run(Manner::Transaction, async move |connection: &Connection| {
            let sql = "INSERT INTO devices (device_code, user_code, client_id, record, interval, expires_at)
                       VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (user_code) DO NOTHING";
            let client_id = Text(&authorization.client_id);
            let interval = i64::try_from(authorization.interval).unwrap_or(i64::MAX);
            let expires_at = seconds(authorization.expires_at);
            let (device, user) = (bytes(&device_code), bytes(&user_code));
            let record = Json(&authorization);
            let new = connection
                .execute(sql, &[&device, &user, &client_id, &record, &interval, &expires_at])
                .await?
                == 1;
            if new {
                make_room(connection, &records::DEVICES, &[device], most).await?;
            }
            Ok(new)
        })
    }

    fn device_authorization(&self, user_code: TokenHash) -> Answer<'_, Option<DeviceAuthorization>> {
        self.run(Manner::Statement, async move |connection: &Connection| {
            let sql = "SELECT record FROM devices WHERE user_code = $1 AND NOT denied AND grant_id IS NULL";
            let row = connection.row(sql, &[&bytes(&user_code)]).await?;
            Ok(row.map(|row| row.try_get(0)).transpose()?.map(|Json(authorization)| authorization))
        })
    }

    fn decide_device_authorization(
        &self,
        user_code: TokenHash,
        decision: DeviceDecision,
    ) -> Answer<'_, bool> {
        self.run(Manner::Transaction, async move |connection: &Connection| {
            let user_code = bytes(&user_code);
            let waits = "user_code = $1 AND NOT denied AND grant_id IS NULL";
            let DeviceDecision::Allowed(grant) = &decision else {
                let sql = format!("UPDATE devices SET denied = TRUE WHERE {waits}");
                return Ok(connection.execute(&sql, &[&user_code]).await? == 1);
            };
            grants::lock_for(connection, grant).await?;
            // Its row is held, so that of many decisions one is kept. The grant is new: nobody else waits for it.
            let sql = format!("SELECT 1 FROM devices WHERE {waits} FOR NO KEY UPDATE");
            if connection.row(&sql, &[&user_code]).await?.is_none() {
                return Ok(false);
            }
            if grants::begin(connection, grant).await? {
                let sql = "UPDATE devices SET grant_id = $2 WHERE user_code = $1";
                connection.execute(sql, &[&user_code, &Text(&grant.id.0)]).await?;
            } else {
                connection.execute("DELETE FROM devices WHERE user_code = $1", &[&user_code]).await?;
            }
            Ok(true)
        })
    }

    fn poll_device(&self, device_code: TokenHash, now: Timestamp) -> Answer<'_, Option<PolledDevice>> {
        self.run(Manner::Transaction, async move |connection: &Connection| {
            let device_code = bytes(&device_code);
            let sql = "SELECT devices.record, denied, grants.record, redeemed, interval, next_at
                       FROM devices LEFT JOIN grants ON grants.id = grant_id
                       WHERE device_code = $1 FOR NO KEY UPDATE OF devices";
            let Some(row) = connection.row(sql, &[&device_code]).await? else { return Ok(None) };
            let Json(authorization): Json<DeviceAuthorization> = row.try_get(0)?;
            let allowed: Option<Json<Grant>> = row.try_get(2)?;
            let decision = match (row.try_get(1)?, allowed) {
                (true, _) => Some(DeviceDecision::Denied),
                (false, Some(Json(grant))) => Some(DeviceDecision::Allowed(Box::new(grant))),
                (false, None) => None,
            };
            let interval = u64::try_from(row.try_get::<_, i64>(4)?).unwrap_or_default();
            let mut pace = Pace { interval, next_at: timestamp(row.try_get(5)?) };
            let too_fast = pace.poll(now);
            let sql = "UPDATE devices SET interval = $2, next_at = $3 WHERE device_code = $1";
            let interval = i64::try_from(pace.interval).unwrap_or(i64::MAX);
            connection.execute(sql, &[&device_code, &interval, &seconds(pace.next_at)]).await?;
            Ok(Some(PolledDevice { authorization, decision, redeemed: row.try_get(3)?, too_fast }))
        })
    }

    fn redeem_device_code(
        &self,
        device_code: TokenHash,
        tokens: IssuedTokens,
        revoked_until: Timestamp,
    ) -> Answer<'_, Consumed> {
        consume(self, &DEVICES, device_code, tokens, revoked_until)
    }
}
