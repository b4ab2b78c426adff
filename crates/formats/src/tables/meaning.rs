//! Whether the numbers of a table may mean something else than its columns
//! say: shares of the image, or centres. A box read in the wrong way is a
//! sound box in a wrong place, and nothing later would tell.

use super::{
    Rows,
    form::{Form, Order},
    names_of,
};
use crate::{
    FormatError, folder,
    intake::{Intake, Numbers},
    tool_images::ImageFiles,
};
use std::{collections::BTreeMap, path::Path};

/// What may be a matter of counting pixels from 0 or from 1, and no overhang.
const SLACK_PX: f64 = 1.0;

/// Asks where two things may be meant.
///
/// # Errors
/// What may be meant, and what to call the columns.
pub(super) fn check(
    file: &Path,
    form: &Form,
    by_image: &BTreeMap<String, Rows>,
    images: &ImageFiles,
    intake: &mut Intake<'_>,
) -> Result<(), FormatError> {
    check_scale(file, form, by_image)?;
    if form.order == Order::ExtentByXAndY {
        check_centres(file, form, by_image, images, intake)?;
        let name = folder::last_part(file);
        intake.note(format!("x and y in {name} are taken for the left and top edges of boxes."));
    }
    Ok(())
}

/// `x, y, w, h` of the boxes that are in pixels.
fn pixels(rows: &Rows) -> impl Iterator<Item = [f64; 4]> {
    rows.boxes.boxes.iter().filter_map(|raw| match raw.numbers {
        Numbers::Pixels(numbers) => Some(numbers),
        Numbers::Shares(_) => None,
    })
}

/// Shares of the image look like pixels, and all lie in the first one.
fn check_scale(file: &Path, form: &Form, by_image: &BTreeMap<String, Rows>) -> Result<(), FormatError> {
    // The left edge of a box whose centre is at 0 may be half the image before it.
    let is_share = |numbers: [f64; 4]| numbers.iter().all(|number| (-0.5..=1.0).contains(number));
    let is_broken = |numbers: [f64; 4]| numbers.iter().any(|number| number.fract() != 0.0);
    let boxes = || by_image.values().flat_map(pixels);
    if !boxes().any(is_broken) || !boxes().all(is_share) {
        return Ok(());
    }
    let way_out = match form.order {
        Order::Corners | Order::CornersInShares => {
            "Call the columns ImageID, LabelName, XMin, YMin, XMax, YMax, as Open Images does, whose numbers are \
             shares; or multiply x by the image's width and y by its height"
        }
        Order::Extent | Order::ExtentByXAndY | Order::Centre => {
            "Multiply x and w by the image's width, y and h by its height"
        }
    };
    let why = format!(
        "all numbers of boxes are between 0 and 1: they seem to be shares of the image, and those of such a table \
         are pixels. {way_out}"
    );
    Err(FormatError::malformed(file, "the table", why))
}

/// Some boxes reach outside when x and y are the left and top edges, and none
/// does when they are the centre.
fn check_centres(
    file: &Path,
    form: &Form,
    by_image: &BTreeMap<String, Rows>,
    images: &ImageFiles,
    intake: &Intake<'_>,
) -> Result<(), FormatError> {
    let may_be_centre = |[x, y, w, h]: [f64; 4]| x + SLACK_PX >= w / 2.0 && y + SLACK_PX >= h / 2.0;
    // One box near the left or upper edge decides it, before any image is opened.
    if !by_image.values().flat_map(pixels).all(may_be_centre) {
        return Ok(());
    }
    let (mut all, mut outside) = (0_u64, 0_u64);
    for (name, rows) in by_image {
        let of_file = || {
            let size = intake.size_of(images.path_of(file, &names_of(name, form))?)?;
            Some((size.width, size.height))
        };
        let Some((width, height)) = rows.declared.or_else(of_file) else { continue };
        let (right, bottom) = (f64::from(width) + SLACK_PX, f64::from(height) + SLACK_PX);
        for [x, y, w, h] in pixels(rows) {
            if x + w / 2.0 > right || y + h / 2.0 > bottom {
                return Ok(());
            }
            all += 1;
            outside += u64::from(x + w > right || y + h > bottom);
        }
    }
    if outside == 0 {
        return Ok(());
    }
    let why = format!(
        "{outside} of {all} boxes reach outside their images if x and y are their left and top edges, and none does if \
         they are their centre. Call the columns left, top, w, h or x_center, y_center, w, h, whichever they are"
    );
    Err(FormatError::malformed(file, "the columns x and y", why))
}
