//! Archives of data sets, unpacked: zip, tar, and tar in gzip.
#![no_main]
libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzzing::run("archive", input));
