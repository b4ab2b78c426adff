//! Numbers that carry their slopes along four inputs (forward-mode
//! differentiation), so that a formula is written once and its gradient
//! cannot disagree with it.

use std::ops::{Add, Div, Mul, Sub};

/// A value and its derivatives along four inputs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dual {
    pub(super) value: f64,
    pub(super) slopes: [f64; 4],
}

impl Dual {
    pub(super) fn constant(value: f64) -> Self {
        Self { value, slopes: [0.0; 4] }
    }

    /// The four inputs themselves.
    pub(super) fn inputs(values: [f64; 4]) -> [Self; 4] {
        let mut index = 0;
        values.map(|value| {
            let slopes = std::array::from_fn(|i| if i == index { 1.0 } else { 0.0 });
            index += 1;
            Self { value, slopes }
        })
    }

    fn chain(self, value: f64, slope: f64) -> Self {
        Self { value, slopes: self.slopes.map(|s| s * slope) }
    }

    fn combine(self, other: Self, value: f64, by_self: f64, by_other: f64) -> Self {
        let slopes =
            std::array::from_fn(|i| pick(&self.slopes, i) * by_self + pick(&other.slopes, i) * by_other);
        Self { value, slopes }
    }

    pub(super) fn min(self, other: Self) -> Self {
        if self.value <= other.value { self } else { other }
    }

    pub(super) fn max(self, other: Self) -> Self {
        if self.value >= other.value { self } else { other }
    }

    pub(super) fn square(self) -> Self {
        self * self
    }

    pub(super) fn atan(self) -> Self {
        self.chain(self.value.atan(), 1.0 / (1.0 + self.value * self.value))
    }

    pub(super) fn scale(self, by: f64) -> Self {
        self.chain(self.value * by, by)
    }
}

fn pick(slopes: &[f64; 4], index: usize) -> f64 {
    slopes.get(index).copied().unwrap_or(0.0)
}

impl Add for Dual {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        self.combine(other, self.value + other.value, 1.0, 1.0)
    }
}

impl Sub for Dual {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self.combine(other, self.value - other.value, 1.0, -1.0)
    }
}

impl Mul for Dual {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        self.combine(other, self.value * other.value, other.value, self.value)
    }
}

impl Div for Dual {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        let value = self.value / other.value;
        self.combine(other, value, 1.0 / other.value, -value / other.value)
    }
}
