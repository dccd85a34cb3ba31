//! Devices that wait for a person.

use authmint_jose::Timestamp;
use authmint_server::storage::{
    Answer, Consumed, DeviceAuthorization, DeviceDecision, DeviceStore, GrantId, IssuedTokens, PolledDevice,
    TokenHash,
};

use super::{MemoryStore, taken};
use crate::devices::Pace;

/// One device.
#[derive(Debug)]
pub(super) struct Device {
    user_code: TokenHash,
    pub(super) authorization: DeviceAuthorization,
    decision: Option<DeviceDecision>,
    redeemed: bool,
    pace: Pace,
}

impl Device {
    /// The grant that was allowed.
    pub(super) fn grant(&self) -> Option<&GrantId> {
        match &self.decision {
            Some(DeviceDecision::Allowed(grant)) => Some(&grant.id),
            _ => None,
        }
    }

    /// Whether it may be forgotten; a code that was redeemed is remembered with its grant.
    pub(super) fn is_over(&self, now: Timestamp) -> bool {
        !self.redeemed && self.authorization.expires_at <= now
    }
}

impl DeviceStore for MemoryStore {
    fn save_device_authorization(
        &self,
        device_code: TokenHash,
        user_code: TokenHash,
        authorization: DeviceAuthorization,
        most: usize,
    ) -> Answer<'_, bool> {
        self.attempt(move |state| {
            if state.devices.contains_key(&device_code) {
                return Err(taken());
            }
            if state.devices.values().any(|device| device.user_code == user_code) {
                return Ok(false);
            }
            loop {
                let waiting = state.devices.iter().filter(|(_, device)| !device.redeemed);
                if waiting.clone().count() < most.max(1) {
                    break;
                }
                let first = waiting.min_by_key(|(_, device)| device.authorization.expires_at);
                let Some(first) = first.map(|(code, _)| *code) else { break };
                state.devices.remove(&first);
            }
            let pace = Pace::new(authorization.interval);
            let device = Device { user_code, authorization, decision: None, redeemed: false, pace };
            state.devices.insert(device_code, device);
            Ok(true)
        })
    }

    fn device_authorization(&self, user_code: TokenHash) -> Answer<'_, Option<DeviceAuthorization>> {
        self.with(move |state| {
            let mut devices = state.devices.values();
            let device = devices.find(|device| device.user_code == user_code && device.decision.is_none())?;
            Some(device.authorization.clone())
        })
    }

    fn decide_device_authorization(
        &self,
        user_code: TokenHash,
        decision: DeviceDecision,
    ) -> Answer<'_, bool> {
        self.with(move |state| {
            let mut devices = state.devices.iter();
            let waiting =
                devices.find(|(_, device)| device.user_code == user_code && device.decision.is_none());
            let Some(code) = waiting.map(|(code, _)| *code) else { return false };
            let lives = match &decision {
                DeviceDecision::Allowed(grant) => state.begin(grant),
                DeviceDecision::Denied => true,
            };
            if !lives {
                state.devices.remove(&code);
            } else if let Some(device) = state.devices.get_mut(&code) {
                device.decision = Some(decision);
            }
            true
        })
    }

    fn poll_device(&self, device_code: TokenHash, now: Timestamp) -> Answer<'_, Option<PolledDevice>> {
        self.with(move |state| {
            let device = state.devices.get_mut(&device_code)?;
            Some(PolledDevice {
                too_fast: device.pace.poll(now),
                authorization: device.authorization.clone(),
                decision: device.decision.clone(),
                redeemed: device.redeemed,
            })
        })
    }

    fn redeem_device_code(
        &self,
        device_code: TokenHash,
        tokens: IssuedTokens,
        revoked_until: Timestamp,
    ) -> Answer<'_, Consumed> {
        self.attempt(move |state| {
            let device = state.devices.get(&device_code);
            let Some((grant, redeemed)) =
                device.and_then(|device| Some((device.grant()?.clone(), device.redeemed)))
            else {
                return Ok(Consumed::Unknown);
            };
            if redeemed {
                state.revoke(&grant, revoked_until);
                return Ok(Consumed::Before);
            }
            state.check_new(&tokens)?;
            if let Some(device) = state.devices.get_mut(&device_code) {
                device.redeemed = true;
            }
            state.keep(tokens);
            Ok(Consumed::Now)
        })
    }
}
