//! The arithmetic of the network on plain slices, rows of channels (NHWC).
//!
//! Knows nothing of tensors, of gradients' graphs, or of detection. Work is
//! cut into pieces whose bounds depend on the shapes alone, and pieces are
//! summed in order: the number of threads does not change a single bit.

pub(crate) mod activation;
pub(crate) mod conv;
pub(crate) mod depthwise;
pub(crate) mod finish;
pub(crate) mod gemm;
pub(crate) mod norm;
pub(crate) mod resample;
mod scratch;
pub(crate) mod window;
mod winograd;
