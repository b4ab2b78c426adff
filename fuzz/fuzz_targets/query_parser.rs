//! The text of a query: read, mended, printed.
#![no_main]
libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzzing::run("query_parser", input));
