//! The labels of an image in YOLO's form.
#![no_main]
libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzzing::run("yolo_labels", input));
