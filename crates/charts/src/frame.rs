//! Where a value lies on a chart. The one projection, used by the drawing and
//! by the page's hover line. Knows nothing of the DOM.

/// Width and height of a chart in CSS pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Canvas {
    /// From left to right.
    pub width: u32,
    /// From top to bottom.
    pub height: u32,
}

/// The plotting area in CSS pixels and the values at its edges.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    /// Left edge.
    pub left: f64,
    /// Right edge.
    pub right: f64,
    /// Upper edge.
    pub top: f64,
    /// Lower edge.
    pub bottom: f64,
    /// Value at the left and at the right edge.
    pub x: (f64, f64),
    /// Value at the lower and at the upper edge.
    pub y: (f64, f64),
}

impl Frame {
    /// Pixels from the left of the chart for a value of the x axis.
    #[must_use]
    pub fn x_px(&self, value: f64) -> f64 {
        self.left + share(value, self.x) * (self.right - self.left)
    }

    /// Pixels from the top of the chart for a value of the y axis; values
    /// outside the axis stay at its ends.
    #[must_use]
    pub fn y_px(&self, value: f64) -> f64 {
        self.bottom - share(value, self.y).clamp(0.0, 1.0) * (self.bottom - self.top)
    }

    /// The value of the x axis at `px` from the left.
    #[must_use]
    pub fn x_value(&self, px: f64) -> f64 {
        let share = (px - self.left) / (self.right - self.left).max(f64::EPSILON);
        self.x.0 + share * (self.x.1 - self.x.0)
    }

    /// The index of the value of `xs` nearest to `px` from the left.
    #[must_use]
    pub fn nearest(&self, xs: impl IntoIterator<Item = f64>, px: f64) -> Option<usize> {
        let wanted = self.x_value(px);
        xs.into_iter()
            .enumerate()
            .min_by(|(_, a), (_, b)| (a - wanted).abs().total_cmp(&(b - wanted).abs()))
            .map(|(index, _)| index)
    }
}

fn share(value: f64, (low, high): (f64, f64)) -> f64 {
    if high > low { (value - low) / (high - low) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn frame() -> Frame {
        Frame { left: 40.0, right: 400.0, top: 8.0, bottom: 140.0, x: (10.0, 20.0), y: (0.0, 5.0) }
    }

    proptest! {
        #[test]
        fn a_value_comes_back_from_its_pixel(value in -100.0f64..100.0) {
            let frame = frame();
            prop_assert!((frame.x_value(frame.x_px(value)) - value).abs() < 1e-9);
        }

        #[test]
        fn the_nearest_point_is_the_one_under_the_pointer(index in 0usize..30) {
            let xs: Vec<f64> = (0..30).map(|i| 10.0 + f64::from(i) / 3.0).collect();
            let px = frame().x_px(xs[index]) + 1.0;
            prop_assert_eq!(frame().nearest(xs, px), Some(index));
        }

        #[test]
        fn higher_values_are_never_drawn_lower(a in -10.0f64..10.0, b in -10.0f64..10.0) {
            let (low, high) = (a.min(b), a.max(b));
            prop_assert!(frame().y_px(high) <= frame().y_px(low));
        }
    }

    #[test]
    fn nothing_is_nearest_to_nothing() {
        assert_eq!(frame().nearest([], 50.0), None);
    }
}
