//! `crit`: the extensions that a recipient must understand or refuse (RFC 7515 4.1.11, RFC 7516 4.1.13).

/// The names that `crit` must not list: those of RFC 7515 4.1, and of RFC 7518 4 for encryption.
pub(crate) const REGISTERED: [&str; 20] = [
    "alg", "jku", "jwk", "kid", "x5u", "x5c", "x5t", "x5t#S256", "typ", "cty", "crit", "enc", "zip", "epk",
    "apu", "apv", "iv", "tag", "p2s", "p2c",
];

/// Whether the names of a `crit` may stand there: some, each once, each in the same protected header, none that is registered,
/// and all of them understood.
pub(crate) fn is_sound(
    names: &[String],
    is_there: impl Fn(&str) -> bool,
    is_understood: impl Fn(&str) -> bool,
) -> bool {
    !names.is_empty()
        && names.iter().enumerate().all(|(at, name)| {
            is_there(name)
                && !REGISTERED.contains(&name.as_str())
                && names.iter().take(at).all(|earlier| earlier != name)
                && is_understood(name)
        })
}
