//! Truth and detections of an evaluation in COCO's form.
#![no_main]
libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzzing::run("coco_eval", input));
