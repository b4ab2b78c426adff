//! Which images are reviewed blind: a share, drawn by hash, so that the same
//! image is always in or always out.

use serde::{Deserialize, Serialize};

/// One in twenty.
pub const DEFAULT_BLIND_SHARE: f64 = 0.05;

/// A part of a whole, in [0, 1].
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Share(f64);

/// Why a number is not a [`Share`].
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("{0} is not a share: it must lie between 0 and 1")]
pub struct InvalidShare(pub f64);

impl Share {
    /// One in twenty.
    pub const DEFAULT_BLIND: Self = Self(DEFAULT_BLIND_SHARE);

    /// All of them.
    pub const ALL: Self = Self(1.0);

    /// Checks the number.
    ///
    /// # Errors
    /// Outside [0, 1], or NaN.
    pub fn new(value: f64) -> Result<Self, InvalidShare> {
        if (0.0..=1.0).contains(&value) { Ok(Self(value)) } else { Err(InvalidShare(value)) }
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }

    /// Whether what `key` names is in the share. Rising shares only add.
    #[must_use]
    pub fn contains(self, key: &str) -> bool {
        hash_share(key) < self.0
    }
}

impl TryFrom<f64> for Share {
    type Error = InvalidShare;
    fn try_from(value: f64) -> Result<Self, Self::Error> {
        Self::new(value)
    }
}

impl From<Share> for f64 {
    fn from(share: Share) -> Self {
        share.0
    }
}

/// A number in [0, 1) that only `key` decides, even over keys that are alike:
/// FNV-1a (Fowler, Noll, Vo), then the finaliser of MurmurHash3 (Appleby).
#[must_use]
pub fn hash_share(key: &str) -> f64 {
    let fnv = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    let mut hash = key.bytes().fold(0xcbf2_9ce4_8422_2325, fnv);
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^= hash >> 33;
    // 53 bits are what an f64 holds exactly.
    (hash >> 11) as f64 / (1u64 << 53) as f64
}
