//! A form of several parts.
#![no_main]
libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzzing::run("form", input));
