//! The heads that say who asks: cookies, bearers, forwarded addresses.
#![no_main]
libfuzzer_sys::fuzz_target!(|input: &[u8]| server::http::api::fuzzing::credentials(input));
