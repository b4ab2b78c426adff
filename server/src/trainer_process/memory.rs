//! Whether this machine has the memory that a training takes.

use domain::training::{TrainError, TrainPlan, TrainRequest};

/// What this machine does not have, the system would take back by killing the
/// process, again at every attempt.
pub(super) fn check_memory(request: &TrainRequest, machine: Option<u64>) -> Result<(), TrainError> {
    let Some(machine) = machine else { return Ok(()) };
    // What cannot be planned is refused by the trainer, in its own words.
    let plan = TrainPlan::new(&request.params, &request.labels, &request.images);
    let params = plan.map_or_else(|_| request.params.clone(), |plan| plan.params);
    let fits = params.check_memory(request.labels.len(), machine);
    fits.map_err(|error| TrainError::Request(format!("this machine has too little memory: {error}")))
}

/// Bytes of memory of this machine; `None` where it does not say.
pub(super) fn machine_memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}
