//! Where things lie: the checkout, the target directories, what a build leaves.
//! Knows no command.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The checkout and the directory that cargo builds into.
#[derive(Debug, Clone)]
pub(crate) struct Workspace {
    root: PathBuf,
    target: PathBuf,
    features: Vec<Feature>,
}

/// What the program may be built with besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Feature {
    /// The detector on GPUs by Vulkan, Metal or DirectX 12.
    Gpu,
    /// The detector on NVIDIA's GPUs by CUDA.
    Cuda,
}

impl Feature {
    /// For cargo.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Gpu => "server/gpu",
            Self::Cuda => "server/cuda",
        }
    }
}

/// How much time a build may take to make its result smaller and faster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Quick to build; what tests and `dev` use.
    Dev,
    /// As quick to build as can be, and quick where it does arithmetic: for a
    /// first look.
    Demo,
    /// As shipped; what `dist` and `bench` use.
    Release,
}

impl Profile {
    /// The cargo profile for the browser's half.
    pub(crate) fn wasm_name(self) -> &'static str {
        match self {
            Self::Dev | Self::Demo => "wasm-dev",
            Self::Release => "wasm-release",
        }
    }

    /// The cargo profile for the server's half.
    pub(crate) fn native_name(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Demo => "demo",
            Self::Release => "release",
        }
    }
}

impl Workspace {
    /// Finds the checkout that this xtask belongs to.
    pub(crate) fn find() -> Result<Self> {
        let manifest_dir = std::env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = manifest_dir.parent().context("xtask lies in a folder of the workspace")?.to_path_buf();
        let target = match std::env::var_os("CARGO_TARGET_DIR") {
            Some(dir) => std::path::absolute(dir)?,
            None => root.join("target"),
        };
        Ok(Self { root, target, features: Vec::new() })
    }

    /// The program is built with these.
    pub(crate) fn with_features(self, features: Vec<Feature>) -> Self {
        Self { features, ..self }
    }

    /// What the program is built with besides.
    pub(crate) fn features(&self) -> &[Feature] {
        &self.features
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// What is built for the browser: apart, since two compilers may be at work.
    pub(crate) fn wasm_target(&self) -> PathBuf {
        self.target.join("wasm")
    }

    /// The folder that the server embeds. The one of `Dev` is where
    /// `server/build.rs` looks when nobody tells it anything else.
    pub(crate) fn site(&self, profile: Profile) -> PathBuf {
        self.root.join("target").join(match profile {
            Profile::Dev | Profile::Demo => "site",
            Profile::Release => "site-release",
        })
    }

    /// The built `fovea` program.
    pub(crate) fn binary(&self, profile: Profile) -> PathBuf {
        self.target.join(match profile {
            Profile::Dev => "debug/fovea",
            Profile::Demo => "demo/fovea",
            Profile::Release => "release/fovea",
        })
    }

    pub(crate) fn end2end(&self) -> PathBuf {
        self.root.join("end2end")
    }
}
