//! Devices that wait for a person.

use authmint_jose::Timestamp;
use authmint_server::storage::{
    Answer, Consumed, DeviceAuthorization, DeviceDecision, DeviceStore, Grant, GrantId, IssuedTokens,
    PolledDevice, TokenHash,
};
use rusqlite::{OptionalExtension, params};

use super::tokens::{begin_grant, revoke_grant, save};
use super::{SqliteStore, make_room};
use crate::devices::Pace;
use crate::records::{DEVICES, Json, seconds, timestamp};

impl DeviceStore for SqliteStore {
    fn save_device_authorization(
        &self,
        device_code: TokenHash,
        user_code: TokenHash,
        authorization: DeviceAuthorization,
        most: usize,
    ) -> Answer<'_, bool> {
        self.write(move |connection| {
            let sql = "INSERT INTO devices (device_code, user_code, client_id, record, interval, expires_at)
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (user_code) DO NOTHING";
            let values = params![
                device_code.as_bytes(),
                user_code.as_bytes(),
                authorization.client_id,
                Json(&authorization),
                i64::try_from(authorization.interval).unwrap_or(i64::MAX),
                seconds(authorization.expires_at)
            ];
            let new = connection.prepare_cached(sql)?.execute(values)? == 1;
            if new {
                make_room(connection, &DEVICES, device_code, most)?;
            }
            Ok(new)
        })
    }

    fn device_authorization(&self, user_code: TokenHash) -> Answer<'_, Option<DeviceAuthorization>> {
        self.read(move |connection| {
            let sql = "SELECT record FROM devices WHERE user_code = ?1 AND denied = 0 AND grant_id IS NULL";
            let mut query = connection.prepare_cached(sql)?;
            let found = query.query_row([user_code.as_bytes()], |row| row.get::<_, Json<_>>(0)).optional()?;
            Ok(found.map(|Json(authorization)| authorization))
        })
    }

    fn decide_device_authorization(
        &self,
        user_code: TokenHash,
        decision: DeviceDecision,
    ) -> Answer<'_, bool> {
        self.write(move |connection| {
            let waits = "user_code = ?1 AND denied = 0 AND grant_id IS NULL";
            let DeviceDecision::Allowed(grant) = decision else {
                let sql = format!("UPDATE devices SET denied = 1 WHERE {waits}");
                return Ok(connection.prepare_cached(&sql)?.execute([user_code.as_bytes()])? == 1);
            };
            let sql = format!("SELECT EXISTS (SELECT 1 FROM devices WHERE {waits})");
            let mut query = connection.prepare_cached(&sql)?;
            if !query.query_row([user_code.as_bytes()], |row| row.get::<_, bool>(0))? {
                return Ok(false);
            }
            if begin_grant(connection, &grant)? {
                let sql = "UPDATE devices SET grant_id = ?2 WHERE user_code = ?1";
                connection.prepare_cached(sql)?.execute(params![user_code.as_bytes(), grant.id.0])?;
            } else {
                let sql = "DELETE FROM devices WHERE user_code = ?1";
                connection.prepare_cached(sql)?.execute([user_code.as_bytes()])?;
            }
            Ok(true)
        })
    }

    fn poll_device(&self, device_code: TokenHash, now: Timestamp) -> Answer<'_, Option<PolledDevice>> {
        self.write(move |connection| {
            let sql = "SELECT devices.record, denied, grants.record, redeemed, interval, next_at FROM devices
                       LEFT JOIN grants ON grants.id = grant_id WHERE device_code = ?1";
            let mut query = connection.prepare_cached(sql)?;
            let found = query.query_row([device_code.as_bytes()], |row| {
                let Json(authorization): Json<DeviceAuthorization> = row.get(0)?;
                let allowed: Option<Json<Grant>> = row.get(2)?;
                let decision = match (row.get(1)?, allowed) {
                    (true, _) => Some(DeviceDecision::Denied),
                    (false, Some(Json(grant))) => Some(DeviceDecision::Allowed(Box::new(grant))),
                    (false, None) => None,
                };
                let interval: i64 = row.get(4)?;
                let interval = u64::try_from(interval).unwrap_or_default();
                let pace = Pace { interval, next_at: timestamp(row.get(5)?) };
                Ok((pace, PolledDevice { authorization, decision, redeemed: row.get(3)?, too_fast: false }))
            });
            let Some((mut pace, device)) = found.optional()? else { return Ok(None) };
            let too_fast = pace.poll(now);
            let sql = "UPDATE devices SET interval = ?2, next_at = ?3 WHERE device_code = ?1";
            let interval = i64::try_from(pace.interval).unwrap_or(i64::MAX);
            let values = params![device_code.as_bytes(), interval, seconds(pace.next_at)];
            connection.prepare_cached(sql)?.execute(values)?;
            Ok(Some(PolledDevice { too_fast, ..device }))
        })
    }

    fn redeem_device_code(
        &self,
        device_code: TokenHash,
        tokens: IssuedTokens,
        revoked_until: Timestamp,
    ) -> Answer<'_, Consumed> {
        self.write(move |connection| {
            let sql = "UPDATE devices SET redeemed = 1
                       WHERE device_code = ?1 AND redeemed = 0 AND grant_id IS NOT NULL";
            if connection.prepare_cached(sql)?.execute([device_code.as_bytes()])? == 1 {
                save(connection, &tokens)?;
                return Ok(Consumed::Now);
            }
            let sql = "SELECT grant_id FROM devices WHERE device_code = ?1 AND grant_id IS NOT NULL";
            let mut query = connection.prepare_cached(sql)?;
            match query.query_row([device_code.as_bytes()], |row| row.get(0)).optional()? {
                Some(grant) => {
                    revoke_grant(connection, &GrantId(grant), revoked_until).map(|()| Consumed::Before)
                }
                None => Ok(Consumed::Unknown),
            }
        })
    }
}
