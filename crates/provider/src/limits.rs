//! How often a secret may be guessed (S42 of the threat table): by account, by address, by both.
//!
//! An attempt to log in is counted before the password is looked at, so that many at once are no way around the limit, and
//! taken back when the password was right: who knows it is not guessing.

mod counter;

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use authmint_jose::sha256;

use self::counter::Counter;
use crate::config::LoginLimits;

/// How many sign-ins an address may begin at once, and how long until one more: more than an office needs, and too few for
/// one address to crowd out everybody else's.
const BEGINNINGS: u32 = 2000;
const NEXT_BEGINNING: Duration = Duration::from_millis(500);

/// The address a request came from, put into the request's extensions by whoever accepted the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PeerAddress(pub IpAddr);

impl PeerAddress {
    /// What is counted as one address: an IPv6 household has a /56 as a rule (RFC 6177 2), with 256 networks in it.
    #[must_use]
    pub fn network(self) -> IpAddr {
        match self.0.to_canonical() {
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                IpAddr::from([a, b, c, d & 0xff00, 0, 0, 0, 0])
            }
            v4 @ IpAddr::V4(_) => v4,
        }
    }
}

/// The counters.
#[derive(Debug)]
pub(crate) struct Limits {
    account_and_address: Counter<([u8; 16], Option<IpAddr>)>,
    account: Counter<[u8; 16]>,
    address: Counter<Option<IpAddr>>,
    client_address: Counter<Option<IpAddr>>,
    user_code_person: Counter<[u8; 16]>,
    user_code_address: Counter<Option<IpAddr>>,
    beginnings: Counter<IpAddr>,
    registrations: Counter<Option<IpAddr>>,
}

/// An attempt to log in that was let through and counted.
#[derive(Debug)]
pub(crate) struct Attempt<'l> {
    limits: &'l Limits,
    account: [u8; 16],
    network: Option<IpAddr>,
    known_browser: bool,
}

impl Limits {
    pub(crate) fn new(limits: &LoginLimits) -> Self {
        let refill = limits.refill;
        Self {
            account_and_address: Counter::new(limits.per_account_and_address, refill),
            account: Counter::new(limits.per_account, refill),
            address: Counter::new(limits.per_address, refill),
            client_address: Counter::new(limits.per_address, refill),
            user_code_person: Counter::new(limits.per_account_and_address, refill),
            user_code_address: Counter::new(limits.per_address, refill),
            registrations: Counter::new(limits.registrations_per_address, refill),
            beginnings: Counter::new(NonZeroU32::new(BEGINNINGS).unwrap_or(NonZeroU32::MIN), NEXT_BEGINNING),
        }
    }

    /// Counts an attempt to log in. A browser that has logged in to this account before does not share the account's own
    /// limit, so that strangers who use it up don't lock the person out.
    ///
    /// # Errors
    /// How long to wait before the next.
    pub(crate) fn login(
        &self,
        username: &str,
        peer: Option<PeerAddress>,
        known_browser: bool,
    ) -> Result<Attempt<'_>, Duration> {
        let now = Instant::now();
        let network = peer.map(PeerAddress::network);
        let account = name_of(username);
        self.address.take(&network, now)?;
        let counted = self.account_and_address.take(&(account, network), now).and_then(|()| {
            let shared = if known_browser { Ok(()) } else { self.account.take(&account, now) };
            shared.inspect_err(|_| self.account_and_address.give_back(&(account, network)))
        });
        counted.inspect_err(|_| self.address.give_back(&network))?;
        Ok(Attempt { limits: self, account, network, known_browser })
    }

    /// Counts an authorization request that is about to wait for a person. Where nobody says who asks, the store's own bound
    /// has to do.
    ///
    /// # Errors
    /// How long to wait before the next.
    pub(crate) fn begin(&self, peer: Option<PeerAddress>) -> Result<(), Duration> {
        peer.map_or(Ok(()), |peer| self.beginnings.take(&peer.network(), Instant::now()))
    }

    /// Whether an address may go on making the server keep requests.
    ///
    /// # Errors
    /// How long to wait before the next.
    pub(crate) fn may_begin(&self, peer: Option<PeerAddress>) -> Result<(), Duration> {
        peer.map_or(Ok(()), |peer| self.beginnings.look(&peer.network(), Instant::now()))
    }

    /// Counts a device's code that is about to be looked up, against the person who typed it, whatever login they typed it in,
    /// and against their address.
    ///
    /// # Errors
    /// How long to wait before the next.
    pub(crate) fn user_code(&self, subject: &str, peer: Option<PeerAddress>) -> Result<(), Duration> {
        let (person, network, now) = (name_of(subject), peer.map(PeerAddress::network), Instant::now());
        self.user_code_address.take(&network, now)?;
        self.user_code_person.take(&person, now).inspect_err(|_| self.user_code_address.give_back(&network))
    }

    /// A device waited under the code: that was no guess.
    pub(crate) fn user_code_was_right(&self, subject: &str, peer: Option<PeerAddress>) {
        self.user_code_address.give_back(&peer.map(PeerAddress::network));
        self.user_code_person.give_back(&name_of(subject));
    }

    /// Counts a client that is about to be registered over HTTP, or changed.
    ///
    /// # Errors
    /// How long to wait before the next.
    pub(crate) fn register(&self, peer: Option<PeerAddress>) -> Result<(), Duration> {
        self.registrations.take(&peer.map(PeerAddress::network), Instant::now())
    }

    /// Whether an address may go on presenting secrets of clients, codes and tokens.
    ///
    /// # Errors
    /// How long to wait before the next.
    pub(crate) fn client(&self, peer: Option<PeerAddress>) -> Result<(), Duration> {
        self.client_address.look(&peer.map(PeerAddress::network), Instant::now())
    }

    /// Counts a secret of a client, a code or a token that there is not.
    pub(crate) fn client_guessed(&self, peer: Option<PeerAddress>) {
        // Who is over the limit is refused before the next one is looked at.
        let _ = self.client_address.take(&peer.map(PeerAddress::network), Instant::now());
    }
}

/// What an account is counted under: as long for every name.
fn name_of(account: &str) -> [u8; 16] {
    sha256(account.as_bytes()).first_chunk().copied().unwrap_or_default()
}

impl Attempt<'_> {
    /// The attempt was no guess: it does not count.
    pub(crate) fn take_back(self) {
        self.limits.address.give_back(&self.network);
        self.limits.account_and_address.give_back(&(self.account, self.network));
        if !self.known_browser {
            self.limits.account.give_back(&self.account);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(number: u8) -> PeerAddress {
        PeerAddress(IpAddr::from([203, 0, 113, number]))
    }

    #[test]
    fn s42_what_strangers_use_up_is_not_the_persons() {
        let limits = Limits::new(&LoginLimits::default());
        for address in 0..5 {
            for _ in 0..10 {
                assert!(limits.login("ada", Some(peer(address)), false).is_ok());
            }
            assert!(limits.login("ada", Some(peer(address)), false).is_err(), "one address has ten");
        }
        assert!(limits.login("ada", Some(peer(9)), false).is_err(), "everybody has fifty");
        assert!(limits.login("bob", Some(peer(9)), false).is_ok());
        for _ in 0..10 {
            assert!(limits.login("ada", Some(peer(9)), true).is_ok(), "a known browser has its own ten");
        }
        assert!(limits.login("ada", Some(peer(9)), true).is_err());
    }

    #[test]
    fn s47_one_address_cannot_begin_without_end() {
        let limits = Limits::new(&LoginLimits::default());
        let begun = (0..BEGINNINGS * 2).filter(|_| limits.begin(Some(peer(1))).is_ok()).count();
        assert!((2000..2100).contains(&begun), "{begun}");
        assert!(limits.begin(Some(peer(2))).is_ok());
        assert!(limits.begin(None).is_ok());
    }

    #[test]
    fn s42_an_attempt_that_was_refused_or_right_uses_nothing_up() {
        let limits = Limits::new(&LoginLimits::default());
        for _ in 0..200 {
            limits.login("ada", Some(peer(1)), false).unwrap().take_back();
        }
        for round in 0..200 {
            assert_eq!(limits.login("ada", Some(peer(1)), false).is_ok(), round < 10);
        }
        assert!(limits.login("bob", Some(peer(1)), false).is_ok(), "the address has more");
        assert!(limits.login("ada", Some(peer(2)), false).is_ok(), "the account has more");
    }
}
