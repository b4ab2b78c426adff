//! Loops compiled for the widest vectors that the processor at hand has.

use pulp::{Arch, Simd, WithSimd};

struct Wide<F>(F);

impl<R, F: FnOnce() -> R> WithSimd for Wide<F> {
    type Output = R;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> R {
        (self.0)()
    }
}

/// Runs `work`, as compiled for this processor's vectors; what it calls must
/// be inlined. What it gives does not depend on them, as long as it computes in
/// integers, or in lanes of floats that never mix: nothing is fused.
#[inline(always)]
pub fn wide<R>(work: impl FnOnce() -> R) -> R {
    Arch::new().dispatch(Wide(work))
}
