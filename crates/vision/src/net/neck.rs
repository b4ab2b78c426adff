//! The pyramid: what coarse maps know flows down, where fine maps see it
//! flows up again.

use super::{
    Pass, Plan, backbone,
    build::Build,
    unit::{Sizes, Unit},
};
use crate::{ops, weights::Unfit};
use burn::tensor::Tensor;

/// Channels of every map for width 1.
const CHANNELS: usize = 64;

/// Channels of every map.
pub(super) fn channels(plan: &Plan) -> usize {
    plan.channels(CHANNELS)
}

pub(super) struct Neck {
    lateral: [Unit; 3],
    down: [Unit; 2],
    carry: [Unit; 2],
    up: [Unit; 2],
}

impl Neck {
    pub(super) fn new(plan: &Plan, build: &mut Build<'_>) -> Result<Self, Unfit> {
        let outputs = channels(plan);
        let [c8, c16, c32] = backbone::channels(plan);
        let mut unit = |name: &str, kernel, stride, inputs| {
            Unit::new(format!("neck.{name}"), Sizes { kernel, stride, inputs, outputs }, build)
        };
        Ok(Self {
            lateral: [
                unit("lateral8", 1, 1, c8)?,
                unit("lateral16", 1, 1, c16)?,
                unit("lateral32", 1, 1, c32)?,
            ],
            down: [unit("down8", 3, 1, outputs)?, unit("down16", 3, 1, outputs)?],
            carry: [unit("carry16", 3, 2, outputs)?, unit("carry32", 3, 2, outputs)?],
            up: [unit("up16", 3, 1, outputs)?, unit("up32", 3, 1, outputs)?],
        })
    }

    /// The backbone's maps to three of the same sizes with [`channels`] each.
    pub(super) fn forward(&self, maps: [Tensor<4>; 3], pass: &mut Pass) -> [Tensor<4>; 3] {
        let [fine, middle, coarse] = maps;
        let [lateral8, lateral16, lateral32] = &self.lateral;
        let [down8, down16] = &self.down;
        let [carry16, carry32] = &self.carry;
        let [up16, up32] = &self.up;
        let coarse = lateral32.forward(coarse, pass); // [b, h/32, w/32, c]
        let middle = lateral16.forward_added(middle, ops::double(coarse.clone()), pass);
        let middle = down16.forward(middle, pass); // [b, h/16, w/16, c]
        let fine = lateral8.forward_added(fine, ops::double(middle.clone()), pass);
        let fine = down8.forward(fine, pass); // [b, h/8, w/8, c]
        let middle = carry16.forward_added(fine.clone(), middle, pass);
        let middle = up16.forward(middle, pass);
        let coarse = carry32.forward_added(middle.clone(), coarse, pass);
        let coarse = up32.forward(coarse, pass);
        [fine, middle, coarse]
    }
}
