//! Lines of YOLO's labels: a class, and numbers that are a box, or a box with
//! more behind it, or an outline. Which of them is told by their count, and by
//! `kpt_shape` where there are keypoints; what a count cannot tell is asked.

use crate::{ExtraColumns, FaultKind, outline};

/// What is wrong with a line.
pub(super) type Wrong = (FaultKind, String);

/// What the numbers of a line stand for besides the box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Box,
    /// Keypoints follow the box.
    Pose,
    /// One more number follows the box: a confidence, or the id of a track.
    Confidence,
    /// Corners of an outline or of a turned box.
    Outline,
}

/// How lines are read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Columns {
    /// `kpt_shape`: how many keypoints, and how many numbers each has.
    pub(super) keypoints: Option<(usize, usize)>,
    /// What was decided about more numbers than a box has.
    pub(super) extra: Option<ExtraColumns>,
}

/// The class of a line, its box as centre and extent, and its form.
pub(super) fn read(fields: &[&str], columns: Columns) -> Result<(usize, [f64; 4], Form), Wrong> {
    let (class, rest) = fields.split_first().unwrap_or((&"", &[]));
    let whole = class.parse::<f64>().ok().filter(|class| class.fract() == 0.0 && (0.0..1e9).contains(class));
    let is_list = || rest.is_empty() && class.contains(',');
    let advice = || if is_list() { ": blanks stand between YOLO's numbers, not commas" } else { "" };
    let class = whole
        .ok_or_else(|| (FaultKind::Unreadable, format!("{class:?} is not a class index{}", advice())))?
        as usize;
    let numbers: Option<Vec<f64>> = rest.iter().map(|text| text.parse().ok()).collect();
    let numbers = numbers.ok_or_else(|| (FaultKind::NotABox, "not all fields are numbers".to_owned()))?;
    let form = form_of(numbers.len(), columns)?;
    let shares = match (form, numbers.as_slice()) {
        (Form::Outline, numbers) => around(numbers),
        (_, [cx, cy, w, h, ..]) => [*cx, *cy, *w, *h],
        _ => return Err((FaultKind::Unreadable, "a box has four numbers".to_owned())),
    };
    check_shares(shares)?;
    Ok((class, shares, form))
}

fn form_of(count: usize, columns: Columns) -> Result<Form, Wrong> {
    let wrong = |message: String| Err((FaultKind::Unreadable, message));
    if count == 4 {
        return Ok(Form::Box);
    }
    if let Some((points, each)) = columns.keypoints {
        return match count.checked_sub(4) {
            Some(rest) if rest == points * each => Ok(Form::Pose),
            _ => wrong(format!(
                "a class and {count} numbers; kpt_shape [{points}, {each}] makes {}",
                4 + points * each
            )),
        };
    }
    match (columns.extra, count) {
        (Some(ExtraColumns::Ignore), 5..) => Ok(Form::Pose),
        (_, 5) => Ok(Form::Confidence),
        (Some(ExtraColumns::Outline), 6..) if count.is_multiple_of(2) => Ok(Form::Outline),
        (None, 6) => Err((
            FaultKind::Ambiguous,
            "a class and 6 numbers: a box with a keypoint, one with a confidence and a track, or a triangle; \
             decide with --extra-columns ignore or outline"
                .to_owned(),
        )),
        (None, 8..) if count.is_multiple_of(2) => Ok(Form::Outline),
        (None, 7..) => wrong(format!(
            "a class and {count} numbers; a box has 4, an outline an even number (keypoints? name them by kpt_shape in \
             data.yaml, or read over them with --extra-columns ignore)"
        )),
        _ => wrong(format!("a class and {count} numbers; a box has 4, an outline an even number from 6")),
    }
}

/// Shares are between 0 and 1, but for rounding; pixels are not.
fn check_shares(shares: [f64; 4]) -> Result<(), Wrong> {
    /// A box may reach over the border, but no box is of this size.
    const MOST: f64 = 2.0;
    if shares.iter().any(|share| share.is_finite() && share.abs() > MOST) {
        let [cx, cy, w, h] = shares;
        let message =
            format!("{cx} {cy} {w} {h} are pixels? YOLO's numbers are shares of the image, from 0 to 1");
        return Err((FaultKind::NotABox, message));
    }
    Ok(())
}

/// Centre and extent of the box around an outline of `x, y` pairs.
fn around(numbers: &[f64]) -> [f64; 4] {
    let (points, _) = numbers.as_chunks::<2>();
    let [x, y, w, h] = outline::around(points).unwrap_or([f64::NAN; 4]);
    [x + w / 2.0, y + h / 2.0, w, h]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str, columns: Columns) -> Result<(usize, [f64; 4], Form), Wrong> {
        read(&line.split_whitespace().collect::<Vec<_>>(), columns)
    }

    #[test]
    fn the_count_of_numbers_tells_what_they_are() {
        let plain = Columns::default();
        let form = |line| of(line, plain).map(|(.., form)| form);
        assert_eq!(form("0 .5 .5 .1 .1"), Ok(Form::Box));
        assert_eq!(form("0 .5 .5 .1 .1 0.91"), Ok(Form::Confidence));
        assert_eq!(form("0 .1 .1 .5 .1 .5 .5 .1 .5"), Ok(Form::Outline));
        for line in [
            "0 .1 .1 .4 .1 .4 .4",
            "0 .5 .5 .1",
            "0 .5 .5 .1 .1 .2 .2 .2",
            "cup .5 .5 .1 .1",
            "0,.5,.5,.1,.1",
        ] {
            assert!(form(line).is_err(), "{line}");
        }
    }

    #[test]
    fn keypoints_follow_the_box_and_are_no_outline() {
        let line = "0 0.3 0.3 0.4 0.4 0.9 0.95 0.9 0.95";
        let pose = Columns { keypoints: Some((2, 2)), extra: None };
        assert_eq!(of(line, pose), Ok((0, [0.3, 0.3, 0.4, 0.4], Form::Pose)));
        // Images without the points have plain boxes.
        assert_eq!(of("0 0.3 0.3 0.4 0.4", pose).map(|(.., form)| form), Ok(Form::Box));
        let other = Columns { keypoints: Some((17, 3)), extra: None };
        assert!(of(line, other).is_err());
    }

    #[test]
    fn what_a_count_cannot_tell_is_decided() {
        let line = "0 0.1 0.1 0.4 0.1 0.4 0.4";
        let with = |extra| Columns { keypoints: None, extra: Some(extra) };
        assert_eq!(of(line, with(ExtraColumns::Ignore)), Ok((0, [0.1, 0.1, 0.4, 0.1], Form::Pose)));
        let (_, [cx, cy, w, h], form) = of(line, with(ExtraColumns::Outline)).expect("a triangle");
        assert_eq!(form, Form::Outline);
        for (value, expected) in [(cx, 0.25), (cy, 0.25), (w, 0.3), (h, 0.3)] {
            assert!((value - expected).abs() < 1e-9, "{value}");
        }
        assert!(
            of(line, Columns::default()).is_err_and(|(kind, why)| {
                kind == FaultKind::Ambiguous && why.contains("--extra-columns")
            })
        );
    }

    #[test]
    fn pixels_are_no_shares() {
        assert!(of("0 32 24 10 10", Columns::default()).is_err_and(|(_, why)| why.contains("pixels?")));
        assert!(of("0 0.5 0.5 1.0000001 1.0", Columns::default()).is_ok());
    }
}
