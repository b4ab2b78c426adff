//! The machine that a figure was measured on.

use std::fs;
use std::time::Duration;

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

/// The processor time that a process has used.
pub(super) fn cpu_time(pid: u32) -> Option<Duration> {
    /// Of `/proc`: a hundredth of a second, on every Linux.
    const TICKS_A_SECOND: f64 = 100.0;
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name, in parentheses, may hold spaces.
    let (_, fields) = text.rsplit_once(')')?;
    let mut fields = fields.split_ascii_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<f64>().ok();
    Some(Duration::from_secs_f64((ticks()? + ticks()?) / TICKS_A_SECOND))
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
