//! The images that arrive while the demo runs.

use super::smear::{Look, Picture, draw};
use anyhow::Context as _;
use bytes::Bytes;
use domain::{
    dataset::{Annotation, Asset, Split},
    ids::DatasetVersionId,
    page::PageRequest,
    prediction::Provenance,
};
use service::{As, ImageSize, Service};
use std::collections::BTreeMap;

/// Quality of the JPEG files.
const QUALITY: u8 = 90;
/// Seeds of traffic lie far from those of the training data.
const FIRST_SEED: u64 = 1_000_000;
/// Images as in the training data before the first one that drifts.
const USUAL_IMAGES: u64 = 60;
/// Images until the drift has reached its end.
const DRIFTING_IMAGES: u64 = 80;

/// One image on its way in.
pub(crate) struct Arrival {
    /// The file.
    pub bytes: Bytes,
    /// What is truly in it.
    pub truth: Vec<Annotation>,
    /// What is said about it.
    pub provenance: Provenance,
    /// What whoever watches should know from here on.
    pub note: Option<&'static str>,
}

/// Where arrivals come from.
pub(crate) enum Traffic {
    /// Drawn pictures, without end.
    Drawn(DrawnTraffic),
    /// The user's own images, once each.
    Stored(StoredTraffic),
}

impl Traffic {
    /// The next arrival; `None` when there are no more.
    ///
    /// # Errors
    /// When an image cannot be drawn or read.
    pub(crate) async fn next(&mut self) -> anyhow::Result<Option<Arrival>> {
        match self {
            Self::Drawn(drawn) => drawn.next().await.map(Some),
            Self::Stored(stored) => stored.next().await,
        }
    }
}

/// Drawn pictures: first as in the training data, then drifting.
pub(crate) struct DrawnTraffic {
    seen: u64,
    first_seed: u64,
}

impl DrawnTraffic {
    /// Goes on after `seen` images of former runs with this seed.
    #[must_use]
    pub(crate) fn after(seen: u64, seed: u64) -> Self {
        Self { seen, first_seed: FIRST_SEED.saturating_add(seed.saturating_mul(FIRST_SEED)) }
    }

    async fn next(&mut self) -> anyhow::Result<Arrival> {
        let number = self.seen;
        self.seen += 1;
        let (amount, seed) = (drift_at(number), self.first_seed.saturating_add(number));
        let bytes = tokio::task::spawn_blocking(move || {
            let picture = draw(seed, Look::drifted(amount)).context("the picture has no size")?;
            anyhow::Ok((encode(&picture)?, picture.annotations))
        });
        let provenance = Provenance {
            filename: Some(format!("smear-{number:05}.jpg")),
            source: Some(if number.is_multiple_of(2) { "microscope-1" } else { "microscope-2" }.to_owned()),
            tags: if amount > 0.0 { vec!["new-slides".to_owned()] } else { Vec::new() },
            metadata: BTreeMap::from([("drift".to_owned(), format!("{amount:.2}"))]),
            timestamp: None,
        };
        let (bytes, truth) = bytes.await??;
        Ok(Arrival { bytes, truth, provenance, note: note_at(number) })
    }
}

/// What there is to see from the `number`th image on.
fn note_at(number: u64) -> Option<&'static str> {
    match number {
        0 => Some("The first 60 pictures look like those that the model learnt from."),
        USUAL_IMAGES => Some(
            "From here on the pictures drift: another stain, dimmer light, blur (tag new-slides). Watch what \
             the model makes of them.",
        ),
        n if n == USUAL_IMAGES + DRIFTING_IMAGES => {
            Some("The drift has reached its end; pictures stay like this.")
        }
        _ => None,
    }
}

/// How far the look of the `number`th image has drifted, 0 to 1.
fn drift_at(number: u64) -> f32 {
    let late = number.saturating_sub(USUAL_IMAGES).min(DRIFTING_IMAGES);
    late as f32 / DRIFTING_IMAGES as f32
}

/// The picture as a JPEG file.
///
/// # Errors
/// When it cannot be encoded.
pub(super) fn encode(picture: &Picture) -> anyhow::Result<Bytes> {
    Ok(Bytes::from(imaging::encode_jpeg(&picture.pixels, QUALITY)?))
}

/// The images of a dataset version that did not train.
pub(crate) struct StoredTraffic {
    service: Service,
    assets: std::vec::IntoIter<Asset>,
}

impl StoredTraffic {
    /// All images of `version` outside its train split, but for the first
    /// `seen`, which came in former runs.
    ///
    /// # Errors
    /// When they cannot be listed.
    pub(crate) async fn after(
        service: Service,
        version: DatasetVersionId,
        seen: u64,
    ) -> anyhow::Result<Self> {
        Self::of(service, version, &[Split::Val, Split::Test], seen).await
    }

    /// The images of these splits, but for the first `seen`.
    ///
    /// # Errors
    /// When they cannot be listed.
    pub(crate) async fn of(
        service: Service,
        version: DatasetVersionId,
        splits: &[Split],
        seen: u64,
    ) -> anyhow::Result<Self> {
        let mut assets_left = Vec::new();
        for split in splits.iter().copied() {
            let mut page = PageRequest { limit: Some(200), cursor: None };
            loop {
                let assets =
                    service.catalogue().assets(&As::system(), version, Some(split), page.clone()).await?;
                assets_left.extend(assets.items);
                match assets.next_cursor {
                    Some(cursor) => page.cursor = Some(cursor),
                    None => break,
                }
            }
        }
        let seen = usize::try_from(seen).unwrap_or(usize::MAX).min(assets_left.len());
        assets_left.drain(..seen);
        Ok(Self { service, assets: assets_left.into_iter() })
    }

    /// How many are left.
    #[must_use]
    pub(crate) fn left(&self) -> u64 {
        self.assets.len() as u64
    }

    async fn next(&mut self) -> anyhow::Result<Option<Arrival>> {
        let Some(asset) = self.assets.next() else { return Ok(None) };
        let image = self
            .service
            .catalogue()
            .asset_image(&As::system(), asset.id, ImageSize::Full)
            .await?
            .into_bytes()
            .await?;
        let provenance = Provenance {
            filename: Some(asset.filename),
            source: Some("demo".to_owned()),
            ..Provenance::default()
        };
        Ok(Some(Arrival { bytes: image, truth: asset.annotations, provenance, note: None }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_images_do_not_drift_and_the_drift_ends_somewhere() {
        assert!(drift_at(0) == 0.0 && drift_at(USUAL_IMAGES) == 0.0);
        assert!(drift_at(80) > 0.0 && drift_at(80) < drift_at(120));
        assert!(drift_at(10_000) == 1.0);
        assert!(note_at(USUAL_IMAGES).is_some_and(|note| note.contains("drift")) && note_at(1).is_none());
    }
}
