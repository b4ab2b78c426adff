//! The text of a query, as SQL.
#![no_main]
libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzzing::run("query_to_sql", input));
