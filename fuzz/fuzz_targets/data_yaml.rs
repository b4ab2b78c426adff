//! The `data.yaml` of a YOLO data set.
#![no_main]
libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzzing::run("data_yaml", input));
