//! The mark of RSA keys that can be factored: ROCA (CVE-2017-15361).
//!
//! A library of smart cards made primes of the form `k * M + (65537^a mod M)`. The modulus of such a key is then a power of
//! 65537 modulo each small prime; of other keys, about one in 2^27 is so by chance.

/// The primes up to 167: their product divides `M` for keys of every size.
const PRIMES: [u32; 38] = [
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103,
    107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
];

/// Whether a modulus, big-endian, bears the mark.
pub(crate) fn is_marked(modulus: &[u8]) -> bool {
    PRIMES.iter().all(|prime| is_power_of_65537(remainder(modulus, *prime), *prime))
}

#[allow(
    clippy::arithmetic_side_effects,
    reason = "remainders of a prime below 2^8: nothing overflows, nothing is zero"
)]
fn remainder(number: &[u8], prime: u32) -> u32 {
    number.iter().fold(0, |remainder, byte| (remainder << 8 | u32::from(*byte)) % prime)
}

#[allow(
    clippy::arithmetic_side_effects,
    reason = "remainders of a prime below 2^8: nothing overflows, nothing is zero"
)]
fn is_power_of_65537(number: u32, prime: u32) -> bool {
    let generator = 65537 % prime;
    let mut power = 1;
    for _ in 1..prime {
        if power == number {
            return true;
        }
        power = power * generator % prime;
    }
    false
}
