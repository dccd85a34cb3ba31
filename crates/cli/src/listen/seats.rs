//! How many connections may be open: in all, and from one address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use authmint_provider::PeerAddress;
use ipnet::IpNet;

/// Counts the connections of each address; those of trusted proxies, which bring everybody's, are not counted.
#[derive(Clone, Debug)]
pub(super) struct Seats {
    taken: Arc<Mutex<HashMap<IpAddr, usize>>>,
    most: usize,
}

/// A connection's seat, until it is dropped.
#[derive(Debug)]
pub(super) struct Seat {
    seats: Seats,
    network: Option<IpAddr>,
}

impl Seats {
    pub(super) fn new(most: usize) -> Self {
        Self { taken: Arc::default(), most }
    }

    /// A seat for a connection, if its address may have one more.
    pub(super) fn take(&self, proxies: &[IpNet], peer: IpAddr) -> Option<Seat> {
        if is_trusted(proxies, peer) {
            return Some(Seat { seats: self.clone(), network: None });
        }
        let network = PeerAddress(peer).network();
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let count = taken.entry(network).or_default();
        if *count >= self.most {
            return None;
        }
        *count = count.saturating_add(1);
        Some(Seat { seats: self.clone(), network: Some(network) })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let Some(network) = self.network else { return };
        let mut taken = self.seats.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&network) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                taken.remove(&network);
            }
        }
    }
}

/// Whether an address is that of a proxy whose word counts.
pub(super) fn is_trusted(proxies: &[IpNet], address: IpAddr) -> bool {
    proxies.iter().any(|network| network.contains(&address.to_canonical()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s47_a_household_has_one_count_and_gets_its_seats_back() {
        let seats = Seats::new(2);
        let take = |address: &str| seats.take(&["10.0.0.0/8".parse().unwrap()], address.parse().unwrap());
        let first = take("2001:db8:0:1::1").unwrap();
        let second = take("2001:db8:0:2::1").unwrap();
        assert!(take("2001:db8:0:ff::1").is_none(), "the same /56");
        assert!(take("2001:db8:0:100::1").is_some(), "another one");
        assert!(take("203.0.113.1").is_some());
        let proxied: Vec<_> = (0..5).map(|_| take("::ffff:10.0.0.1")).collect();
        assert!(proxied.iter().all(Option::is_some));
        drop(first);
        assert!(take("2001:db8:0:3::1").is_some());
        drop(second);
        drop(proxied);
        assert!(seats.taken.lock().unwrap().is_empty());
    }
}
