// A port waits for one callback.
use std::time::Duration;

use authmint::client::{Error, Loopback};

fn log_in() -> Result<(), Error> {
    let loopback = Loopback::bind()?;
    loopback.wait(Duration::from_secs(60))?;
    loopback.wait(Duration::from_secs(60))?;
    Ok(())
}

fn main() {
    let _ = log_in();
}
