//! How long the arithmetic of strangers may take.
//!
//! By the clock and by the processors both: a machine that has other things to
//! do is no fault of the arithmetic. By the clock alone there is an end, too:
//! what waits for itself uses no processor.

use std::time::{Duration, Instant};

/// By the clock alone, the longest time at least: beside four compilers on two
/// processors a program that gives way (`nice -n 19`) gets a sixtieth of one, and
/// needs four minutes for what takes four seconds.
const PATIENCE: Duration = Duration::from_secs(600);
/// How often whoever waits looks whether the time is over.
pub(crate) const GLANCE: Duration = Duration::from_millis(100);

/// Work of a process that has begun.
pub(crate) struct TimeBudget {
    process: u32,
    begun: Instant,
    used_before: Option<Duration>,
    limit: Duration,
}

impl TimeBudget {
    /// Work that begins now. What else the process does meanwhile counts, too:
    /// then the clock decides alone.
    pub(crate) fn begin(process: u32, limit: Duration) -> Self {
        Self { process, begun: Instant::now(), used_before: processor_time(process), limit }
    }

    /// Whether it took too long.
    pub(crate) fn is_over(&self) -> bool {
        let used = processor_time(self.process).zip(self.used_before);
        let used = used.map(|(now, before)| now.saturating_sub(before));
        is_over(self.begun.elapsed(), used, self.limit)
    }
}

/// The clock's time decides alone where that of the processors cannot be told.
fn is_over(elapsed: Duration, used: Option<Duration>, limit: Duration) -> bool {
    let is_used_up = used.is_none_or(|used| used >= limit);
    elapsed >= limit && is_used_up || elapsed >= limit.max(PATIENCE)
}

/// Time that all threads of a process took of processors; `None` where that
/// cannot be told.
fn processor_time(process: u32) -> Option<Duration> {
    #[cfg(target_os = "linux")]
    {
        let text = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
        // Behind the name, which may hold anything: the 14th and 15th field.
        let mut fields = text.rsplit_once(')')?.1.split_whitespace().skip(11);
        let mut ticks = || fields.next()?.parse::<u64>().ok();
        let used = ticks()? + ticks()?;
        Some(Duration::from_millis(used * 1000 / rustix::param::clock_ticks_per_second().max(1)))
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = process;
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_machine_is_waited_for_and_arithmetic_without_end_is_not() {
        let seconds = Duration::from_secs;
        let over = |elapsed, used: Option<u64>| is_over(seconds(elapsed), used.map(seconds), seconds(30));
        // A large model that gets a tenth of a processor.
        assert!(!over(100, Some(10)));
        assert!(over(100, Some(30)));
        // Many processors work for it.
        assert!(!over(20, Some(160)));
        // It waits for itself.
        assert!(!over(599, Some(0)));
        assert!(over(600, Some(0)));
        // Nobody can tell.
        assert!(!over(29, None));
        assert!(over(30, None));
    }
}
