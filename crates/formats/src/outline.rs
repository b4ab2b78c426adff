//! The upright boxes around other shapes, in pixels: `x, y, w, h`.

/// Around points; `None` of none.
pub(crate) fn around(points: &[[f64; 2]]) -> Option<[f64; 4]> {
    let [x, y] = *points.first()?;
    let (mut left, mut top, mut right, mut bottom) = (x, y, x, y);
    for [x, y] in points {
        // A value that is no number must stay one, and become a fault.
        if x.is_nan() || y.is_nan() {
            return Some([f64::NAN; 4]);
        }
        (left, top) = (left.min(*x), top.min(*y));
        (right, bottom) = (right.max(*x), bottom.max(*y));
    }
    Some([left, top, right - left, bottom - top])
}

/// Around a circle.
pub(crate) fn around_circle([x, y]: [f64; 2], radius: f64) -> [f64; 4] {
    [x - radius, y - radius, 2.0 * radius, 2.0 * radius]
}

/// Around an ellipse that is turned by `degrees` about its centre: half its
/// extent along an axis is √((rx·cos)² + (ry·sin)²).
pub(crate) fn around_ellipse([x, y]: [f64; 2], [rx, ry]: [f64; 2], degrees: f64) -> [f64; 4] {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (half_w, half_h) = ((rx * cos).hypot(ry * sin), (rx * sin).hypot(ry * cos));
    [x - half_w, y - half_h, 2.0 * half_w, 2.0 * half_h]
}

/// Around a rectangle `x, y, w, h` that is turned clockwise by `degrees` about
/// `pivot`.
pub(crate) fn around_turned([x, y, w, h]: [f64; 4], degrees: f64, [px, py]: [f64; 2]) -> [f64; 4] {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let turned = [[x, y], [x + w, y], [x + w, y + h], [x, y + h]].map(|[x, y]| {
        let (dx, dy) = (x - px, y - py);
        [px + dx * cos - dy * sin, py + dx * sin + dy * cos]
    });
    around(&turned).unwrap_or([x, y, w, h])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: [f64; 4], b: [f64; 4]) -> bool {
        a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-9)
    }

    #[test]
    fn boxes_around_shapes() {
        assert_eq!(around(&[[3.0, 4.0], [1.0, 9.0], [2.0, 2.0]]), Some([1.0, 2.0, 2.0, 7.0]));
        assert_eq!(around(&[]), None);
        assert!(around(&[[1.0, 2.0], [f64::NAN, 2.0]]).is_some_and(|[x, ..]| x.is_nan()));
        assert_eq!(around_circle([5.0, 6.0], 2.0), [3.0, 4.0, 4.0, 4.0]);
        assert!(near(around_ellipse([5.0, 6.0], [3.0, 1.0], 90.0), [4.0, 3.0, 2.0, 6.0]));
    }

    #[test]
    fn a_rectangle_turns_clockwise_about_its_pivot() {
        // By a quarter about its upper left corner it goes to the left.
        assert!(near(around_turned([10.0, 10.0, 4.0, 2.0], 90.0, [10.0, 10.0]), [8.0, 10.0, 2.0, 4.0]));
        // About its centre it stays there.
        assert!(near(around_turned([10.0, 10.0, 4.0, 2.0], -90.0, [12.0, 11.0]), [11.0, 9.0, 2.0, 4.0]));
    }
}
