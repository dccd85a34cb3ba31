//! Where metrics and health are served: an address of its own, of this machine unless it is said loudly.

use std::net::SocketAddr;

use crate::output::Failure;
use crate::settings_file::Listen;

/// Reads the two settings.
///
/// # Errors
/// When others could reach the address and nobody said that they may.
pub(crate) fn address(listen: Option<Listen>, beyond: bool) -> Result<Option<SocketAddr>, Failure> {
    let Some(Listen(address)) = listen else { return Ok(None) };
    if address.ip().to_canonical().is_loopback() || beyond {
        return Ok(Some(address));
    }
    Err(Failure::new(format!(
        "metrics_listen = \"{address}\" can be reached from other machines, without a password"
    ))
    .advice(
        "127.0.0.1:9464; or, in a network of your own that nobody else can enter, \
             metrics_beyond_this_machine = true",
    ))
}
