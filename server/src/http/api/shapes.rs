//! Shapes that several resources share on the wire.

use super::bounded::AtMost;
use crate::http::problem::Problem;
use domain::{
    geometry::{Rect, Score},
    name::{Label, Name, VersionRef},
    page::{Page, PageRequest},
    prediction::PredictedBox,
};
use serde::{Deserialize, Serialize};
use std::str::FromStr;
use utoipa::{IntoParams, ToSchema};

/// Where in a list, and how much of it.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageParams {
    /// 1 to 200; 50 when left out.
    pub limit: Option<u32>,
    /// From a former page's `next_cursor`.
    pub cursor: Option<String>,
}

impl From<PageParams> for PageRequest {
    fn from(params: PageParams) -> Self {
        Self { limit: params.limit, cursor: params.cursor }
    }
}

/// Some items and where to go on.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct PageOf<T> {
    /// In the order asked for.
    pub items: Vec<T>,
    /// Give it back as `cursor` to get the next page; null at the end.
    pub next_cursor: Option<String>,
}

impl<T> PageOf<T> {
    /// `page` with its items as they look on the wire.
    pub(super) fn of<U: Into<T>>(page: Page<U>) -> Self {
        let page = page.map(Into::into);
        Self { items: page.items, next_cursor: page.next_cursor }
    }
}

/// A box with its label and confidence, in pixels of the upright image.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BoxShape {
    /// One of the model's labels.
    #[schema(example = "car")]
    pub label: String,
    /// Confidence from 0 to 1; what lies outside by no more than 0.00001, as
    /// sums of small floats do, is taken as 0 or 1.
    #[schema(example = 0.87, minimum = 0, maximum = 1)]
    pub score: f64,
    /// Left edge.
    pub x: f64,
    /// Upper edge.
    pub y: f64,
    /// Width, above 0.
    pub w: f64,
    /// Height, above 0.
    pub h: f64,
}

impl From<PredictedBox> for BoxShape {
    fn from(b: PredictedBox) -> Self {
        let rect = b.rect;
        Self {
            label: b.label.into(),
            score: b.score.get(),
            x: rect.x(),
            y: rect.y(),
            w: rect.w(),
            h: rect.h(),
        }
    }
}

impl BoxShape {
    /// Checked; `place` says where it stood.
    ///
    /// # Errors
    /// Names the number or the label that is not allowed.
    pub fn checked(self, place: &str) -> Result<PredictedBox, Problem> {
        let fault = |error: &dyn std::fmt::Display| Problem::invalid(place, error.to_string());
        let label = Label::new(self.label).map_err(|error| fault(&error))?;
        let score = Score::try_from(rounded(self.score)).map_err(|error| fault(&error))?;
        let rect = Rect::new(self.x, self.y, self.w, self.h).map_err(|error| fault(&error))?;
        Ok(PredictedBox { label, score, rect })
    }
}

/// A confidence whose sum of small floats ended a little outside of 0 to 1.
fn rounded(score: f64) -> f64 {
    const ROUNDING: f64 = 1e-5;
    if (-ROUNDING..=1.0 + ROUNDING).contains(&score) { score.clamp(0.0, 1.0) } else { score }
}

/// Boxes as they come in: far more than are ever stored, few enough to be read
/// into memory before they are counted.
pub(super) type BoxList = AtMost<BoxShape, 20_000>;

/// Checks all boxes of a list called `place`.
///
/// # Errors
/// Names the first that is not allowed, as `place[index]`.
pub(super) fn checked_boxes(place: &str, boxes: BoxList) -> Result<Vec<PredictedBox>, Problem> {
    boxes.0.into_iter().enumerate().map(|(index, b)| b.checked(&format!("{place}[{index}]"))).collect()
}

/// A name given in the field `place`.
///
/// # Errors
/// When it is not a name.
pub(super) fn name(place: &str, text: &str) -> Result<Name, Problem> {
    parsed(place, text)
}

/// A `NAME/VERSION` given in the field `place`.
///
/// # Errors
/// When it is not one.
pub(super) fn version_ref(place: &str, text: &str) -> Result<VersionRef, Problem> {
    text.parse().map_err(|_| Problem::invalid(place, format!("{text:?} is not of the form NAME/VERSION.")))
}

/// A value of any type that parses, given in the field `place`.
///
/// # Errors
/// The type's own words.
pub(super) fn parsed<T: FromStr<Err: std::fmt::Display>>(place: &str, text: &str) -> Result<T, Problem> {
    text.parse().map_err(|error: T::Err| Problem::invalid(place, error.to_string()))
}

/// Labels as they come in: as many as a model may have, and some more, so that
/// the one rule for them is told by the use case.
pub(super) type LabelList = AtMost<String, 20_000>;

/// Labels given in the field `labels`; how many and that they differ is
/// checked by the use case.
///
/// # Errors
/// Names the first that is not allowed.
pub(super) fn labels(texts: &LabelList) -> Result<Vec<Label>, Problem> {
    texts.0.iter().map(|text| parsed("labels", text)).collect()
}
