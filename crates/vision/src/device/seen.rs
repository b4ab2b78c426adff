//! The GPUs that burn's backends see.

use super::{ComputeDevice, Gpu, NoDevice};
use burn::tensor::{Device, DeviceType};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A GPU that may not open.
struct Candidate {
    device: Device,
    way: &'static str,
    is_software: bool,
}

/// CUDA's before the others', software last.
fn candidates() -> Vec<Candidate> {
    let mut all = Vec::new();
    let mut add = |found: Vec<Device>, way| {
        all.extend(found.into_iter().map(|device| {
            let is_software = is_software(&device);
            Candidate { device, way, is_software }
        }));
    };
    #[cfg(feature = "cuda")]
    add(listed(DeviceType::Cuda), "CUDA");
    #[cfg(feature = "gpu")]
    add(listed(DeviceType::Wgpu), "wgpu");
    all.sort_by_key(|candidate| candidate.is_software);
    all
}

/// A driver that is broken must not end a program that can do without it.
fn listed(kind: DeviceType) -> Vec<Device> {
    catch_unwind(AssertUnwindSafe(|| Device::enumerate(kind).into_vec())).unwrap_or_default()
}

/// CUDA has no devices that are none.
#[cfg(not(feature = "gpu"))]
fn is_software(_: &Device) -> bool {
    false
}

#[cfg(feature = "gpu")]
fn is_software(device: &Device) -> bool {
    use burn::backend::{CubeDevice, DispatchDevice, WgpuDeviceKind};
    matches!(device.as_dispatch(), DispatchDevice::Cube(CubeDevice::Wgpu(wgpu)) if wgpu.kind == WgpuDeviceKind::Cpu)
}

impl Candidate {
    /// Its name, which opens it. A driver that refuses panics in burn.
    fn open(&self) -> Result<String, String> {
        let opened = catch_unwind(AssertUnwindSafe(|| self.device.identity()));
        let identity = opened.map_err(|panic| said(&*panic))?;
        let name = identity.map_or_else(|| "a GPU".to_owned(), |identity| identity.name);
        let software = if self.is_software { ", software on the processors" } else { "" };
        Ok(format!("{name} ({}{software})", self.way))
    }

    fn opened(&self) -> Result<ComputeDevice, String> {
        let name = self.open()?;
        Ok(ComputeDevice { device: self.device.clone(), name, is_gpu: true })
    }
}

/// What a panic said.
fn said(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("the driver gave up").to_owned()
}

pub(super) fn gpus() -> Vec<Gpu> {
    let number = |(number, candidate): (usize, Candidate)| Gpu {
        number,
        name: candidate.open(),
        is_software: candidate.is_software,
    };
    candidates().into_iter().enumerate().map(number).collect()
}

/// The first that opens. Software would be slower than the processors by
/// themselves.
pub(super) fn first() -> Option<ComputeDevice> {
    candidates()
        .iter()
        .filter(|candidate| !candidate.is_software)
        .find_map(|candidate| candidate.opened().ok())
}

pub(super) fn open(number: usize) -> Result<ComputeDevice, NoDevice> {
    let all = candidates();
    let candidate = all.get(number).ok_or(NoDevice::Missing { number, count: all.len() })?;
    candidate.opened().map_err(|reason| NoDevice::Unusable { number, reason })
}
