//! How long what arrives is kept. Counts, reviews and what was submitted stay
//! whatever is set.

pub use crate::settings::Retention;

use crate::review::Share;
use serde::{Deserialize, Serialize};

impl Retention {
    /// Least number of bytes that can be set.
    pub const LEAST_BYTES: u64 = 1_000_000;

    /// Whether the image that `key` names is kept, when nothing else speaks
    /// for it. The same image is always kept or never.
    #[must_use]
    pub fn samples(&self, key: &str) -> bool {
        // Salted: the images to be reviewed blind are picked by the same hash.
        self.sample_rate == Share::ALL || self.sample_rate.contains(&format!("kept {key}"))
    }
}

/// What is stored of the images of a deployment's predictions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredImages {
    /// Predictions with an image.
    pub images: u64,
    /// Bytes of their files, without thumbnails; an image that came twice
    /// counts twice.
    pub bytes: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_keeps_its_share_and_the_same_ones() {
        let kept = |rate: f64| {
            let retention = Retention { sample_rate: Share::new(rate).unwrap(), ..Retention::default() };
            (0..4_000).filter(|n| retention.samples(&n.to_string())).collect::<Vec<_>>()
        };
        assert_eq!(kept(1.0).len(), 4_000);
        assert_eq!(kept(0.0).len(), 0);
        let (few, more) = (kept(0.1), kept(0.3));
        assert!((300..=500).contains(&few.len()), "{}", few.len());
        assert!(few.iter().all(|n| more.contains(n)));
        let blind = (0..4_000).filter(|n| Share::new(0.1).unwrap().contains(&n.to_string()));
        let both = blind.filter(|n| few.contains(n)).count();
        assert!(both < 100, "sampled and blind images are picked independently: {both}");
    }
}
