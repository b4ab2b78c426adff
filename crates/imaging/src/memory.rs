//! Memory for pixels.

use std::sync::Arc;

/// Zeroed shared memory of `length` bytes, in one allocation.
pub(crate) fn black(length: usize) -> Arc<[u8]> {
    std::iter::repeat_n(0, length).collect()
}
