//! Each target over a few thousand damaged samples: no panic, and no more
//! memory than it may take. A program of its own, since it counts what is
//! allocated.

use fuzzing::{TARGETS, mutation::Mutations};
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Damaged inputs for each target; `FUZZING_INPUTS` asks for more.
const INPUTS: u64 = 2_000;
/// Which ones; `FUZZING_SEED` asks for others.
const SEED: u64 = 20_261_129;

fn asked(name: &str, usual: u64) -> u64 {
    std::env::var(name).map_or(usual, |text| text.parse().expect("a number"))
}

#[test]
fn every_target_bears_damaged_samples_within_its_memory() {
    let only = std::env::var("FUZZING_TARGET").ok();
    for target in TARGETS.iter().filter(|target| only.as_ref().is_none_or(|only| only == target.name)) {
        let samples = (target.samples)();
        assert!(!samples.is_empty(), "{}", target.name);
        let damaged = Mutations::new(&samples, asked("FUZZING_SEED", SEED));
        let damaged = damaged.take(asked("FUZZING_INPUTS", INPUTS) as usize);
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
