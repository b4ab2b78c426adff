//! Some images of a dataset version, as a link says which: a bit for each, in
//! the order in which they were added. An image that is removed moves those
//! behind it to other places, so a check of the ids goes along.

use super::answers::{missing, wrong};
use crate::http::problem::Problem;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{dataset::Asset, fault::ErrorKind, ids::AssetId};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use uuid::Uuid;

/// Bytes of a check: it tells of chance, since the signature of the link keeps
/// others from choosing it.
const CHECK_BYTES: usize = 8;

/// Which images are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Selection {
    /// Of the ids of the images that are meant.
    check: [u8; CHECK_BYTES],
    bits: Vec<u8>,
}

impl Selection {
    /// These of `all`.
    ///
    /// # Errors
    /// 404 for one that is none of them.
    pub(super) fn of(ids: &[Uuid], all: &[Asset]) -> Result<Self, Problem> {
        let places: HashMap<AssetId, usize> = all.iter().map(|asset| asset.id).zip(0..).collect();
        let mut bits = vec![0_u8; all.len().div_ceil(8)];
        for id in ids {
            let place = places.get(&AssetId(*id)).copied();
            let place = place.ok_or_else(|| missing(&format!("asset {id} in this version")))?;
            if let Some(byte) = bits.get_mut(place / 8) {
                *byte |= 1 << (place % 8);
            }
        }
        let length = bits.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        bits.truncate(length);
        let meant = all.iter().enumerate().filter(|(place, _)| is_meant(&bits, *place));
        let check = check_of(meant.map(|(_, asset)| asset.id));
        Ok(Self { check, bits })
    }

    /// As a word of a query.
    pub(super) fn to_word(&self) -> String {
        URL_SAFE_NO_PAD.encode([&self.check[..], &self.bits].concat())
    }

    /// Reads [`Self::to_word`].
    ///
    /// # Errors
    /// 400 for what is none.
    pub(super) fn from_word(word: &str) -> Result<Self, Problem> {
        let bytes = URL_SAFE_NO_PAD.decode(word).unwrap_or_default();
        let parts = bytes.split_first_chunk::<CHECK_BYTES>();
        let (check, bits) = parts.ok_or_else(|| wrong("only", "This names no images."))?;
        Ok(Self { check: *check, bits: bits.to_vec() })
    }

    /// Leaves the images that are meant.
    ///
    /// # Errors
    /// 409 when others are in their places now.
    pub(super) fn narrow(&self, all: Vec<Asset>) -> Result<Vec<Asset>, Problem> {
        let meant = all.into_iter().enumerate().filter(|(place, _)| is_meant(&self.bits, *place));
        let meant: Vec<Asset> = meant.map(|(_, asset)| asset).collect();
        if check_of(meant.iter().map(|asset| asset.id)) != self.check {
            let message = "The images of this version have changed since; export again.";
            return Err(Problem::new(ErrorKind::Conflict, message));
        }
        Ok(meant)
    }
}

fn is_meant(bits: &[u8], place: usize) -> bool {
    bits.get(place / 8).is_some_and(|byte| byte >> (place % 8) & 1 == 1)
}

fn check_of(ids: impl Iterator<Item = AssetId>) -> [u8; CHECK_BYTES] {
    let hash = ids.fold(Sha256::new(), |hash, id| hash.chain_update(id.0.as_bytes())).finalize();
    let mut check = [0_u8; CHECK_BYTES];
    check.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
    check
}
