//! Each target over a few thousand damaged samples: no panic, and no more
//! memory than it may take. A program of its own, since it counts what is
//! allocated.

use fuzzing::{TARGETS, mutation::Mutations};
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const INPUTS: usize = 2_000;
const SEED: u64 = 20_261_129;

#[test]
fn every_target_bears_damaged_samples_within_its_memory() {
    for target in TARGETS {
        let samples = (target.samples)();
        assert!(!samples.is_empty(), "{}", target.name);
        let damaged = Mutations::new(&samples, SEED).take(INPUTS);
        for (number, input) in samples.iter().cloned().chain(damaged).enumerate() {
            let before = MEMORY.current_usage();
            MEMORY.reset_peak_usage();
            let result = std::panic::catch_unwind(|| (target.run)(&input));
            let held = MEMORY.peak_usage().saturating_sub(before);
            assert!(result.is_ok(), "{}, input {number}: {}", target.name, input.escape_ascii());
            let allowed = (target.memory_bytes)(input.len());
            let name = target.name;
            assert!(held <= allowed, "{name}, input {number} of {} bytes: held {held}", input.len());
        }
    }
}
