//! What is accepted.

/// Bounds of a file, its pixels and the memory for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Length of a file in bytes.
    pub max_bytes: u64,
    /// Width times height.
    pub max_pixels: u64,
    /// Memory that decoding may take: [`Probe::decode_bytes`](crate::Probe::decode_bytes).
    pub max_decode_bytes: u64,
}

impl Default for Limits {
    /// 32 MiB, 40 million pixels and 208 MiB. The last is what a progressive
    /// JPEG of 24 million pixels takes, or of 31 million with colours at half
    /// the resolution; the largest baseline photograph takes 191 MiB.
    fn default() -> Self {
        Self { max_bytes: 32 << 20, max_pixels: 40_000_000, max_decode_bytes: 208 << 20 }
    }
}
