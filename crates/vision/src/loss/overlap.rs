//! How far a box is from the true one.

use super::dual::Dual;
use crate::anchors::Corners;

/// Keeps quotients of empty boxes finite.
const TINY: f64 = 1e-7;

/// 1 − CIoU (Zheng et al. 2020, "Distance-IoU Loss", equation 10) and its
/// slopes along the four corners of `found`. As in the paper, the weight of
/// the shape's term counts as a constant.
pub(super) fn loss(predicted: &Corners, truth: &Corners) -> Dual {
    let [x0, y0, x1, y1] = Dual::inputs(predicted.map(f64::from));
    let [u0, v0, u1, v1] = truth.map(|v| Dual::constant(f64::from(v)));
    let zero = Dual::constant(0.0);
    let tiny = Dual::constant(TINY);
    let (w, h) = ((x1 - x0).max(tiny), (y1 - y0).max(tiny));
    let (tw, th) = ((u1 - u0).max(tiny), (v1 - v0).max(tiny));
    let both = (x1.min(u1) - x0.max(u0)).max(zero) * (y1.min(v1) - y0.max(v0)).max(zero);
    let iou = both / (w * h + tw * th - both + tiny);
    let hull = (x1.max(u1) - x0.min(u0)).square() + (y1.max(v1) - y0.min(v0)).square() + tiny;
    let apart = (x0 + x1 - u0 - u1).square() + (y0 + y1 - v0 - v1).square();
    let shape = ((tw / th).atan() - (w / h).atan()).square().scale(4.0 / std::f64::consts::PI.powi(2));
    let weight = shape.value / (shape.value - iou.value + 1.0 + TINY);
    Dual::constant(1.0) - iou + (apart / hull).scale(0.25) + shape.scale(weight)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_perfect_box_costs_nothing_and_a_distant_one_more_than_one() {
        let truth = [10.0, 20.0, 50.0, 90.0];
        assert!(loss(&truth, &truth).value.abs() < 1e-6);
        assert!(loss(&[100.0, 120.0, 150.0, 190.0], &truth).value > 1.0);
    }

    #[test]
    fn slopes_agree_with_differences() {
        let truth = [10.0, 20.0, 50.0, 90.0];
        for predicted in [[12.0, 15.0, 44.0, 95.0], [60.0, 100.0, 90.0, 130.0], [20.0, 30.0, 30.0, 80.0]] {
            let exact = loss(&predicted, &truth);
            // The shape's weight is a constant to the gradient: freeze it by
            // comparing only boxes of the same shape, moved as a whole.
            for (axis, other) in [(0, 2), (1, 3)] {
                let h = 1e-2f32;
                let (mut up, mut down) = (predicted, predicted);
                up[axis] += h;
                up[other] += h;
                down[axis] -= h;
                down[other] -= h;
                let numeric = (loss(&up, &truth).value - loss(&down, &truth).value) / f64::from(2.0 * h);
                let slope = exact.slopes[axis] + exact.slopes[other];
                assert!((numeric - slope).abs() < 2e-4, "{predicted:?} {axis}: {numeric} {slope}");
            }
        }
    }

    #[test]
    fn following_the_slope_reaches_the_truth() {
        let truth = [10.0, 20.0, 50.0, 90.0];
        let mut predicted: Corners = [100.0, 60.0, 130.0, 80.0];
        for step in 0..6000 {
            let slopes = loss(&predicted, &truth).slopes;
            let rate = if step < 3000 { 20.0 } else { 2.0 };
            for (corner, slope) in predicted.iter_mut().zip(slopes) {
                *corner -= rate * slope as f32;
            }
        }
        assert!(crate::anchors::iou(&predicted, &truth) > 0.95, "{predicted:?}");
    }
}
