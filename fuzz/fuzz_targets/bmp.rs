//! A BMP picture: its head, its pixels, and what is made of them.
#![no_main]
libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzzing::run("bmp", input));
