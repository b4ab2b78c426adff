//! Which stretch of time a dashboard shows: up to now, or from a moment to
//! another. Knows how addresses say it, and nothing of figures.

use crate::{
    error::AppResult,
    packed::{Packed, packed},
};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stretch {
    /// So many milliseconds up to now.
    pub last_ms: i64,
    /// Instead: from when, in milliseconds since 1970.
    pub from_ms: Option<i64>,
    /// And to when, excluded.
    pub to_ms: Option<i64>,
}

impl Stretch {
    /// Of the words of an address: `from` and `to` as a browser's form writes
    /// a moment (UTC), and `last_ms` where they are not there or make no sense.
    #[must_use]
    pub fn of(last_ms: i64, from: Option<&str>, to: Option<&str>) -> Self {
        let moment = |text: Option<&str>| {
            let text = text.filter(|text| !text.is_empty())?;
            let whole = if text.len() <= 16 { format!("{text}:00Z") } else { format!("{text}Z") };
            whole.parse::<Timestamp>().ok()
        };
        let between = moment(from).zip(moment(to)).filter(|(from, to)| from < to);
        let (from_ms, to_ms) = between.map(|(from, to)| (from.0, to.0)).unzip();
        Self { last_ms, from_ms, to_ms }
    }

    /// Whether it ends now.
    #[must_use]
    pub fn is_up_to_now(self) -> bool {
        self.to_ms.is_none()
    }

    /// As a part of an answer.
    ///
    /// # Errors
    /// None that occurs: numbers can be written down.
    pub fn packed(self) -> AppResult<Packed<Self>> {
        packed(&self)
    }

    /// As the service is asked.
    #[cfg(feature = "ssr")]
    #[must_use]
    pub fn request(self) -> service::DashboardRequest {
        let range = |(from, to)| domain::monitor::Range { from: Timestamp(from), to: Timestamp(to) };
        service::DashboardRequest {
            range: self.from_ms.zip(self.to_ms).map(range),
            last_ms: Some(self.last_ms),
            resolution: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_moments_make_a_stretch_and_anything_else_is_up_to_now() {
        let of = |from, to| {
            let stretch = Stretch::of(5, from, to);
            stretch.from_ms.zip(stretch.to_ms)
        };
        let hour = of(Some("2026-11-01T10:00"), Some("2026-11-01T11:00:00"));
        assert_eq!(hour, Some((1_793_527_200_000, 1_793_530_800_000)));
        assert_eq!(of(Some("2026-11-01T10:00"), None), None);
        assert_eq!(of(Some("2026-11-01T11:00"), Some("2026-11-01T10:00")), None);
        assert_eq!(of(Some("yesterday"), Some("")), None);
    }
}
