//! Which device runs the network: the processors, or a GPU where the build can
//! use one and the machine has one.
//!
//! Features of this crate say what is built in: `gpu` for Vulkan, Metal and
//! DirectX 12, `cuda` for NVIDIA's own libraries. Without them nothing of all
//! that is compiled, and the processors are the only choice.

#[cfg(not(any(feature = "gpu", feature = "cuda")))]
mod none_seen;
#[cfg(any(feature = "gpu", feature = "cuda"))]
mod seen;

use burn::tensor::Device;
#[cfg(not(any(feature = "gpu", feature = "cuda")))]
use none_seen as seen;
use std::{fmt, str::FromStr};

/// What was asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DeviceChoice {
    /// The first GPU that is no software, else the processors.
    #[default]
    Auto,
    /// The processors.
    Cpu,
    /// The GPU of this number, counted from 0 in the order of [`gpus`].
    Gpu(usize),
}

/// A choice that cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoDevice {
    /// It is no choice.
    #[error("write cpu, gpu, gpu:1 (the second one), or auto")]
    Word,
    /// The build knows no GPU.
    #[error(
        "this program was built without GPUs: build one with `cargo xtask build --release --features gpu` \
         (or cuda), or leave --device out"
    )]
    NotBuilt,
    /// The machine has fewer.
    #[error("there is no gpu:{number}: {count} GPUs are seen here (`fovea doctor` lists them)")]
    Missing {
        /// What was asked for.
        number: usize,
        /// How many there are.
        count: usize,
    },
    /// A driver refused.
    #[error("gpu:{number} cannot be used: {reason}")]
    Unusable {
        /// What was asked for.
        number: usize,
        /// What the driver said.
        reason: String,
    },
}

impl FromStr for DeviceChoice {
    type Err = NoDevice;

    /// Refuses a GPU where none is built in, so that a command line is told at
    /// once.
    fn from_str(word: &str) -> Result<Self, NoDevice> {
        let choice = match word.split_once(':') {
            None if word == "auto" => Self::Auto,
            None if word == "cpu" => Self::Cpu,
            None if word == "gpu" => Self::Gpu(0),
            Some(("gpu", number)) if number.bytes().all(|byte| byte.is_ascii_digit()) => {
                Self::Gpu(number.parse().map_err(|_| NoDevice::Word)?)
            }
            _ => return Err(NoDevice::Word),
        };
        if matches!(choice, Self::Gpu(_)) && !GPUS_ARE_BUILT_IN {
            Err(NoDevice::NotBuilt)
        } else {
            Ok(choice)
        }
    }
}

impl fmt::Display for DeviceChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Cpu => f.write_str("cpu"),
            Self::Gpu(number) => write!(f, "gpu:{number}"),
        }
    }
}

/// Whether this build can use GPUs at all.
pub const GPUS_ARE_BUILT_IN: bool = cfg!(any(feature = "gpu", feature = "cuda"));

/// A GPU that is seen on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gpu {
    /// What `--device` calls it: `gpu:NUMBER`.
    pub number: usize,
    /// As its driver calls it, with the way to it; or why it cannot be opened.
    pub name: Result<String, String>,
    /// Whether the processors do its work, as Mesa's llvmpipe does.
    pub is_software: bool,
}

/// The GPUs of this machine, software last. Opens each one, which takes a
/// moment.
#[must_use]
pub fn gpus() -> Vec<Gpu> {
    seen::gpus()
}

/// A device that is open.
#[derive(Clone, Debug)]
pub struct ComputeDevice {
    device: Device,
    name: String,
    is_gpu: bool,
}

impl ComputeDevice {
    /// The processors.
    #[must_use]
    pub fn cpu() -> Self {
        Self { device: Device::flex(), name: "the processors".to_owned(), is_gpu: false }
    }

    /// Opens what was asked for. [`DeviceChoice::Auto`] always gives one.
    ///
    /// # Errors
    /// When a GPU is asked for that is not built in, not there, or not usable.
    pub fn open(choice: DeviceChoice) -> Result<Self, NoDevice> {
        match choice {
            DeviceChoice::Cpu => Ok(Self::cpu()),
            DeviceChoice::Auto => Ok(seen::first().unwrap_or_else(Self::cpu)),
            DeviceChoice::Gpu(_) if !GPUS_ARE_BUILT_IN => Err(NoDevice::NotBuilt),
            DeviceChoice::Gpu(number) => seen::open(number),
        }
    }

    /// For people: `the processors`, or a GPU's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is a GPU. One wants many images at a time and one thread that
    /// gives them; processors want a thread for each image.
    #[must_use]
    pub fn is_gpu(&self) -> bool {
        self.is_gpu
    }

    /// As burn knows it.
    pub(crate) fn device(&self) -> &Device {
        &self.device
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_reads_as_it_is_written() {
        let choices = [DeviceChoice::Auto, DeviceChoice::Cpu];
        let gpus = [DeviceChoice::Gpu(0), DeviceChoice::Gpu(12)];
        for choice in choices.into_iter().chain(gpus.into_iter().filter(|_| GPUS_ARE_BUILT_IN)) {
            assert_eq!(choice.to_string().parse(), Ok(choice));
        }
        for wrong in ["", "GPU", "gpu:", "gpu:-1", "gpu:x", "cuda", "cpu:0", "gpu:99999999999999999999999"] {
            assert_eq!(wrong.parse::<DeviceChoice>(), Err(NoDevice::Word), "{wrong}");
        }
    }

    #[test]
    fn a_gpu_that_is_not_built_in_is_refused_with_the_way_to_one() {
        if GPUS_ARE_BUILT_IN {
            assert_eq!("gpu".parse(), Ok(DeviceChoice::Gpu(0)));
            return;
        }
        let refused = "gpu:1".parse::<DeviceChoice>();
        assert_eq!(refused, Err(NoDevice::NotBuilt));
        assert!(NoDevice::NotBuilt.to_string().contains("--features gpu"));
        assert_eq!(ComputeDevice::open(DeviceChoice::Gpu(0)).err(), Some(NoDevice::NotBuilt));
        assert!(!ComputeDevice::open(DeviceChoice::Auto).unwrap().is_gpu());
        assert_eq!(gpus(), []);
    }

    #[test]
    fn a_gpu_beyond_the_last_is_missing() {
        if GPUS_ARE_BUILT_IN {
            let count = gpus().len();
            let refused = ComputeDevice::open(DeviceChoice::Gpu(count)).err();
            assert_eq!(refused, Some(NoDevice::Missing { number: count, count }));
        }
    }
}
