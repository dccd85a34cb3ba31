#![no_main]
libfuzzer_sys::fuzz_target!(|input: &[u8]| authmint_fuzz::jwks(input));
