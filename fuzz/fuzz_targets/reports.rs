//! Reports in JSON, one or a line each.
#![no_main]
libfuzzer_sys::fuzz_target!(|input: &[u8]| server::http::api::fuzzing::reports(input));
