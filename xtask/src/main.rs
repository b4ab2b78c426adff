//! Everything one does with a checkout, as `cargo xtask COMMAND`: make the
//! machine ready, build, run, test, measure, keep the rules.

#![allow(clippy::print_stdout, reason = "a command line tool answers on standard output")]

mod bench;
mod build;
mod demo;
mod dev;
mod dist;
mod film;
mod process;
mod setup;
mod site;
mod stages;
mod tidy;
mod workspace;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use bench::Bench;
use setup::Purpose;
use stages::Stage;
use workspace::{Feature, Profile, Workspace};

/// Work on a checkout of Fovea.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Find or install what building and testing need.
    Setup {
        /// What the machine is to be made ready for.
        #[arg(long = "for", default_value = "test")]
        purpose: Purpose,
    },
    /// Build the site for the browser and the server around it.
    Build {
        /// As shipped: small and fast; fails when the WASM is too heavy.
        #[arg(long)]
        release: bool,
        /// Stop after the site.
        #[arg(long)]
        site: bool,
        /// Build the detector for GPUs, too: `gpu` (Vulkan, Metal, DirectX 12),
        /// `cuda`, or both with a comma between.
        #[arg(long, value_delimiter = ',', conflicts_with = "site")]
        features: Vec<Feature>,
    },
    /// Build, run `fovea serve`, and do both again whenever a file changes.
    Dev {
        /// Arguments for `fovea serve`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Build the program the quickest way, and run `fovea demo`.
    Demo {
        /// Take the build as shipped, which takes several times as long.
        #[arg(long)]
        release: bool,
        /// Take the build that the tests share.
        #[arg(long, conflicts_with = "release")]
        dev: bool,
        /// Only build.
        #[arg(long)]
        only_build: bool,
        /// Arguments for `fovea demo`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Build as shipped, and pack a tarball and a Debian package into
    /// `target/dist`.
    Dist {
        /// Pack this `fovea` as it is and build nothing.
        #[arg(long)]
        binary: Option<PathBuf>,
    },
    /// Take the pictures and the film of README and docs, of a demo that has run.
    Film {
        /// The demo's folder; it and another named as it with `-in-drift` are
        /// made, in ten minutes, when it is not there.
        #[arg(long)]
        data_dir: Option<PathBuf>,
        /// Film this `fovea` and build nothing.
        #[arg(long)]
        binary: Option<PathBuf>,
    },
    /// Run every check, and say what each stage took.
    Test {
        /// Only this stage; may be given several times.
        #[arg(long)]
        only: Vec<Stage>,
    },
    /// Run every check as a build server does.
    Ci,
    /// Measure the figures to reach, on the release build.
    Bench {
        /// What to measure; everything when nothing is named.
        benches: Vec<Bench>,
        /// Measure the quicker build instead, for a first look.
        #[arg(long)]
        dev: bool,
        /// Measure this `fovea` as it is and build nothing: to compare builds.
        #[arg(long, conflicts_with = "dev")]
        binary: Option<PathBuf>,
        /// How many predictions the pages are taken from.
        #[arg(long, default_value_t = 1_000_000)]
        stored: u64,
        /// For `onnx`: measure this detector of another program.
        #[arg(long, value_name = "FILE")]
        onnx: Option<PathBuf>,
        /// And once more with this library of ONNX Runtime.
        #[arg(long, value_name = "LIBRARY", requires = "onnx")]
        onnxruntime: Option<PathBuf>,
        /// What runs the built-in detector, as `fovea --device` takes it; a GPU
        /// wants a `--binary` that was built for it.
        #[arg(long, value_name = "DEVICE")]
        device: Option<String>,
        #[command(flatten)]
        training: bench::Training,
    },
    /// Check the rules of the repository.
    Tidy,
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            process::say(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<()> {
    let workspace = Workspace::find()?;
    match command {
        Command::Setup { purpose } => setup::setup(&workspace, purpose),
        Command::Build { release, site, features } => {
            build_command(&workspace.with_features(features), release, site)
        }
        Command::Dev { arguments } => dev::dev(&workspace, &arguments),
        Command::Demo { release, dev, only_build, arguments } => {
            let profile = if dev || release { profile_of(release) } else { Profile::Demo };
            demo::demo(&workspace, profile, only_build, &arguments)
        }
        Command::Film { data_dir, binary } => film::film(&workspace, data_dir, binary),
        Command::Dist { binary } => dist::dist(&workspace, binary),
        Command::Test { only } => stages::test(&workspace, &only),
        Command::Ci => stages::ci(&workspace),
        Command::Bench { benches, dev, binary, stored, onnx, onnxruntime, device, training } => {
            let profile = profile_of(!dev);
            let imported = onnx.map(|file| bench::Imported { file, library: onnxruntime });
            bench::bench(
                &workspace,
                &bench::Request { benches, profile, binary, stored, imported, device, training },
            )
        }
        Command::Tidy => tidy::tidy(&workspace),
    }
}

fn profile_of(release: bool) -> Profile {
    if release { Profile::Release } else { Profile::Dev }
}

fn build_command(workspace: &Workspace, release: bool, site_only: bool) -> Result<()> {
    let profile = profile_of(release);
    setup::setup(workspace, Purpose::Run)?;
    let built = site::build(workspace, profile)?;
    if release {
        // Before the server, which takes half an hour.
        built.weight.check()?;
    }
    if site_only { Ok(()) } else { build::build_server(workspace, profile) }
}
