//! Of a build without GPUs.

use super::{ComputeDevice, Gpu, NoDevice};

pub(super) fn gpus() -> Vec<Gpu> {
    Vec::new()
}

pub(super) fn first() -> Option<ComputeDevice> {
    None
}

pub(super) fn open(_: usize) -> Result<ComputeDevice, NoDevice> {
    Err(NoDevice::NotBuilt)
}
