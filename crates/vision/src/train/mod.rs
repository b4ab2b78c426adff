//! Training: from labelled images to a weights file.

mod checkpoint;
mod choice;
mod measure;
mod optimizer;
mod profile;
mod run;
mod saving;
mod schedule;
mod speed;
mod standing;
mod start;
mod step;
mod terms;

pub(crate) use schedule::Schedule;

use crate::{ComputeDevice, DeviceChoice, file::Model};
use domain::training::{Control, TrainError, TrainEvent, TrainOutcome, TrainRequest, Trainer};
use sha2::{Digest, Sha256};
use std::{io::Write, path::Path, time::Instant};

/// Trains detectors on this machine.
#[derive(Clone, Copy, Debug)]
pub struct VisionTrainer {
    choice: DeviceChoice,
}

impl VisionTrainer {
    /// Trainings run on this device.
    #[must_use]
    pub fn on(choice: DeviceChoice) -> Self {
        Self { choice }
    }
}

impl Trainer for VisionTrainer {
    fn train(
        &self,
        request: &TrainRequest,
        observe: &mut dyn FnMut(&TrainEvent) -> Control,
    ) -> Result<TrainOutcome, TrainError> {
        let started = Instant::now();
        let device =
            ComputeDevice::open(self.choice).map_err(|error| TrainError::Request(error.to_string()))?;
        let result = run::run(request, device, started, observe)?;
        let sha256 = write_model(&result.model, &request.output)?;
        Ok(TrainOutcome {
            steps: result.steps,
            seconds: result.seconds,
            stopped_early: result.stopped_early,
            validation: result.validation,
            sha256,
        })
    }
}

/// Writes the weights. Gives the SHA-256 of the bytes, hex.
fn write_model(model: &Model, path: &Path) -> Result<String, TrainError> {
    let bytes = model.to_bytes().map_err(|error| TrainError::Failed(error.to_string()))?;
    write_whole(&bytes, path).map_err(|error| TrainError::Failed(format!("{}: {error}", path.display())))?;
    Ok(Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Writes beside `path`, flushes to the disk, then renames: `path` is never
/// half a file.
fn write_whole(bytes: &[u8], path: &Path) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    // A name of its own: a process that should be gone may still be writing.
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    let part = path.with_file_name(name);
    let written = std::fs::File::create(&part)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| std::fs::rename(&part, path));
    if written.is_err() {
        // On a full disk the half of it must not stay; that this may fail,
        // too, changes nothing.
        let _ = std::fs::remove_file(&part);
    }
    written
}
