//! SiLU, `x · sigmoid(x)` (Elfwing, Uchibe, Doya 2018), and what it needs.

/// The sigmoid, within 3e-7 of the true one. Branch-free, so that loops over
/// it are vectorised: the exponential is a power of two times a polynomial.
#[inline(always)]
pub(crate) fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

/// SiLU.
#[inline(always)]
pub(crate) fn silu(x: f32) -> f32 {
    x * sigmoid(x)
}

/// The derivative of SiLU.
#[inline(always)]
pub(crate) fn silu_slope(x: f32) -> f32 {
    let s = sigmoid(x);
    s * (1.0 + x * (1.0 - s))
}

/// e^x by Cody and Waite's reduction to [−ln2/2, ln2/2] and Taylor's series
/// to the sixth power; x is first cut to [−87, 87].
#[inline(always)]
pub(crate) fn exp(x: f32) -> f32 {
    /// Adding it rounds to a whole number in the lowest bits.
    const ROUND: f32 = 12_582_912.0;
    let x = x.clamp(-87.0, 87.0);
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = (x - n * 0.693_359_4) + n * 2.121_944_4e-4;
    let p = 1.0 + r * (1.0 + r * (0.5 + r * (1.0 / 6.0 + r * (1.0 / 24.0 + r * (1.0 / 120.0 + r / 720.0)))));
    let exponent = shifted.to_bits().wrapping_sub(ROUND.to_bits()).wrapping_add(127) << 23;
    p * f32::from_bits(exponent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sigmoid_is_the_sigmoid_everywhere() {
        for i in -4000..4000 {
            let x = i as f32 * 0.03;
            let truth = 1.0 / (1.0 + (-f64::from(x)).exp());
            assert!((f64::from(sigmoid(x)) - truth).abs() < 3e-7, "at {x}");
        }
        assert!(sigmoid(f32::NAN).is_nan());
    }

    #[test]
    fn the_slope_is_the_derivative() {
        for i in -200..200 {
            let x = i as f32 * 0.05;
            let h = 1e-2;
            let numeric = (silu(x + h) - silu(x - h)) / (2.0 * h);
            assert!((numeric - silu_slope(x)).abs() < 1e-3, "at {x}");
        }
    }
}
