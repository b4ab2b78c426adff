//! The cursor of a list.
#![no_main]
libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzzing::run("cursor", input));
