//! A report as a form of several parts, as the server reads it.
#![no_main]
libfuzzer_sys::fuzz_target!(|input: &[u8]| server::http::api::fuzzing::form(input));
