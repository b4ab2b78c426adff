//! Some images of a dataset version, as a link says which: a bit for each, in
//! the order in which they were added, which never changes.

use super::answers::{missing, wrong};
use crate::http::problem::Problem;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{dataset::Asset, ids::AssetId};
use std::collections::HashMap;
use uuid::Uuid;

/// Which images are meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Selection(Vec<u8>);

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
        Ok(Self(bits))
    }

    /// As a word of a query.
    pub(super) fn to_word(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.0)
    }

    /// Reads [`Self::to_word`].
    ///
    /// # Errors
    /// 400 for what is none.
    pub(super) fn from_word(word: &str) -> Result<Self, Problem> {
        URL_SAFE_NO_PAD.decode(word).map(Self).map_err(|_| wrong("only", "This names no images."))
    }

    /// Leaves the images that are meant.
    pub(super) fn narrow(&self, all: Vec<Asset>) -> Vec<Asset> {
        let is_meant = |place: usize| self.0.get(place / 8).is_some_and(|byte| byte >> (place % 8) & 1 == 1);
        all.into_iter().enumerate().filter(|(place, _)| is_meant(*place)).map(|(_, asset)| asset).collect()
    }
}
