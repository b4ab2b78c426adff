//! The machine that a figure was measured on.

use std::fs;

/// Processor, cores and memory, in one line.
pub(super) fn describe() -> String {
    let processor = field("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown processor".to_owned());
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let memory = kilobytes("/proc/meminfo", "MemTotal").unwrap_or(0) as f64 / 1_048_576.0;
    format!("{processor} · {cores} cores · {memory:.0} GiB")
}

/// The memory that a process keeps resident (bytes).
pub(super) fn resident(pid: u32) -> Option<u64> {
    kilobytes(&format!("/proc/{pid}/status"), "VmRSS").map(|size| size * 1024)
}

/// The most memory that a process ever kept resident (bytes).
pub(super) fn resident_peak(pid: u32) -> Option<u64> {
    kilobytes(&format!("/proc/{pid}/status"), "VmHWM").map(|size| size * 1024)
}

fn kilobytes(file: &str, name: &str) -> Option<u64> {
    field(file, name)?.split(' ').next()?.parse().ok()
}

/// The first value of a `name : value` file.
fn field(file: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let mut fields = text.lines().filter_map(|line| line.split_once(':'));
    fields.find(|(key, _)| key.trim() == name).map(|(_, value)| value.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_keeps_some_memory_and_never_more_than_its_peak() {
        let (now, peak) = (resident(std::process::id()).unwrap(), resident_peak(std::process::id()).unwrap());
        assert!(now > 100_000 && peak > 100_000, "{now} {peak}");
    }
}
