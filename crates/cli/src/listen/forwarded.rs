//! The address a request came from, behind proxies.

use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;
use ipnet::IpNet;

use super::seats::is_trusted;

/// The address a request came from. `X-Forwarded-For` counts only behind a trusted proxy, and only up to the first address
/// that is none: what stands before it was written by whoever sent the request.
pub(super) fn client_address(proxies: &[IpNet], peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    if !is_trusted(proxies, peer) {
        return peer;
    }
    let lines: Vec<&[u8]> =
        headers.get_all("x-forwarded-for").iter().map(http::HeaderValue::as_bytes).collect();
    // As bytes: what the client wrote at the front may be anything, and must not hide what a proxy wrote at the end.
    let hops = lines.into_iter().rev().flat_map(|line| line.rsplit(|byte| *byte == b','));
    let mut address = peer;
    for hop in hops {
        let Some(hop) = parse(hop) else { break };
        address = hop;
        if !is_trusted(proxies, hop) {
            break;
        }
    }
    address
}

/// An address as proxies write it: alone, in brackets, with a port.
fn parse(hop: &[u8]) -> Option<IpAddr> {
    let hop = std::str::from_utf8(hop).ok()?.trim();
    let bracketed = || hop.strip_prefix('[')?.strip_suffix(']')?.parse().ok().map(IpAddr::V6);
    let with_port = || hop.parse::<SocketAddr>().ok().map(|address| address.ip());
    hop.parse().ok().or_else(with_port).or_else(bracketed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(peer: &str, forwarded: &[u8]) -> String {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", http::HeaderValue::from_bytes(forwarded).unwrap());
        client_address(&["10.0.0.0/8".parse().unwrap()], peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn s45_forwarded_addresses_count_behind_a_trusted_proxy_only() {
        assert_eq!(at("203.0.113.9", b"1.2.3.4"), "203.0.113.9");
        assert_eq!(at("10.0.0.1", b"1.2.3.4"), "1.2.3.4");
        assert_eq!(at("10.0.0.1", b"6.6.6.6, 1.2.3.4, 10.0.0.2"), "1.2.3.4");
        assert_eq!(at("10.0.0.1", b"nonsense"), "10.0.0.1");
    }

    /// A proxy appends to the line that the client sent; one byte outside ASCII in it hides the client's own address.
    #[test]
    fn s45_a_client_cannot_hide_behind_the_proxys_address() {
        assert_eq!(at("10.0.0.1", b"\xff, 203.0.113.9"), "203.0.113.9");
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", http::HeaderValue::from_bytes(b"6.6.6.6, \xff").unwrap());
        headers.append("x-forwarded-for", "203.0.113.9".parse().unwrap());
        let proxies = ["10.0.0.0/8".parse().unwrap()];
        assert_eq!(client_address(&proxies, [10, 0, 0, 1].into(), &headers).to_string(), "203.0.113.9");
    }

    #[test]
    fn s45_an_address_may_have_a_port() {
        assert_eq!(at("10.0.0.1", b"6.6.6.6, 1.2.3.4:5678"), "1.2.3.4");
        assert_eq!(at("10.0.0.1", b"[2001:db8::1]:443, 10.0.0.2:80"), "2001:db8::1");
        assert_eq!(at("10.0.0.1", b"[2001:db8::1]"), "2001:db8::1");
    }
}
