//! Training: from labelled images to a weights file.

mod measure;
mod optimizer;
mod run;
mod schedule;
mod start;
mod step;

pub(crate) use schedule::Schedule;

use crate::file::Model;
use domain::training::{Control, TrainError, TrainEvent, TrainOutcome, TrainRequest, Trainer};
use sha2::{Digest, Sha256};
use std::{io::Write, path::Path, time::Instant};

/// Trains detectors on this machine's processors.
#[derive(Clone, Copy, Debug, Default)]
pub struct VisionTrainer;

impl Trainer for VisionTrainer {
    fn train(
        &self,
        request: &TrainRequest,
        observe: &mut dyn FnMut(&TrainEvent) -> Control,
    ) -> Result<TrainOutcome, TrainError> {
        let started = Instant::now();
        let result = run::run(request, started, observe)?;
        let sha256 = write_whole(&result.model, &request.output)?;
        Ok(TrainOutcome {
            steps: result.steps,
            seconds: started.elapsed().as_secs_f64(),
            stopped_early: result.stopped_early,
            validation: result.validation,
            sha256,
        })
    }
}

/// Writes beside `path`, flushes to the disk, then renames: `path` is never
/// half a file. Gives the SHA-256 of the bytes, hex.
fn write_whole(model: &Model, path: &Path) -> Result<String, TrainError> {
    let fail = |error: std::io::Error| TrainError::Failed(format!("{}: {error}", path.display()));
    let bytes = model.to_bytes().map_err(|error| TrainError::Failed(error.to_string()))?;
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(fail)?;
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let part = path.with_file_name(name);
    let mut file = std::fs::File::create(&part).map_err(fail)?;
    file.write_all(&bytes).and_then(|()| file.sync_all()).map_err(fail)?;
    std::fs::rename(&part, path).map_err(fail)?;
    Ok(Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect())
}
