//! Ends everything that a trainer began.
//!
//! A trainer runs in the process group of the child that watches it. What left
//! the group (a daemon) is found by its parents: on Linux the watching child
//! adopts what loses its parent, so that all of it stays below it.

use std::process::Child;

#[cfg(unix)]
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

/// Whether a child has ended. It is not waited for: its number stays its own.
pub(super) fn has_ended(child: &mut Child) -> bool {
    #[cfg(unix)]
    {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        waitid(WaitId::Pid(Pid::from_child(child)), options).is_ok_and(|status| status.is_some())
    }
    #[cfg(not(unix))]
    {
        child.try_wait().is_ok_and(|status| status.is_some())
    }
}

/// Ends the group that a child leads: the child, too, unless it may still have
/// something to do and has the time to end by itself.
pub(super) fn kill(child: &Child, at_once: bool) {
    #[cfg(unix)]
    {
        let leader = Pid::from_child(child);
        if !at_once {
            // Its last line was read: it ends now. Not reaped, its number is
            // not another group's.
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
            if let Err(error) = waitid(WaitId::Pid(leader), options) {
                tracing::debug!(%error, "a child that ends is not waited for");
            }
        }
        // There is nothing more of it when all ended well.
        let _ = kill_process_group(leader, Signal::KILL);
    }
    #[cfg(not(unix))]
    {
        let _ = (child, at_once);
    }
}

/// Makes this process the parent of whatever loses its own among those that
/// it began.
pub(super) fn adopt_orphans() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::set_child_subreaper(Some(rustix::process::getpid())) {
        tracing::warn!(%error, "a process that a trainer leaves behind may outlive it");
    }
}

/// Ends everything below this process, for one that ends itself next.
pub(super) fn kill_all_below() {
    #[cfg(target_os = "linux")]
    kill_descendants();
    // Where nobody adopts orphans the group is all that is known; it is this
    // process's own.
    #[cfg(all(unix, not(target_os = "linux")))]
    let _ = rustix::process::kill_current_process_group(Signal::KILL);
}

/// Ends everything below this process, again and again until there is nothing.
/// The children that are waited for elsewhere must have been.
#[cfg(target_os = "linux")]
#[allow(clippy::disallowed_methods, reason = "nothing tells that a process has ended: it is looked for")]
pub(super) fn kill_descendants() {
    use rustix::process::{WaitOptions, getpid, kill_process, wait};
    use std::time::{Duration, Instant};
    /// One that starts others as fast as it can is slower than this.
    const LONG_ENOUGH: Duration = Duration::from_secs(10);
    let until = Instant::now() + LONG_ENOUGH;
    while Instant::now() < until {
        let below = descendants(getpid().as_raw_nonzero().get());
        for process in below.iter().filter_map(|process| Pid::from_raw(*process)) {
            // It may be gone already.
            let _ = kill_process(process, Signal::KILL);
        }
        while matches!(wait(WaitOptions::NOHANG), Ok(Some(_))) {}
        if below.is_empty() {
            return;
        }
        std::thread::sleep(Duration::from_millis(5)); // paced: a look whether all of them are gone
    }
    tracing::warn!("processes of a trainer do not end");
}

#[cfg(not(target_os = "linux"))]
pub(super) fn kill_descendants() {}

/// Everything below a process, by the parents that the system names.
#[cfg(target_os = "linux")]
fn descendants(root: i32) -> Vec<i32> {
    let mut children: std::collections::HashMap<i32, Vec<i32>> = std::collections::HashMap::new();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(process) = entry.file_name().to_str().and_then(|name| name.parse::<i32>().ok()) else {
            continue;
        };
        let Ok(status) = std::fs::read_to_string(entry.path().join("stat")) else { continue };
        if let Some(parent) = parent(&status) {
            children.entry(parent).or_default().push(process);
        }
    }
    let (mut below, mut waiting) = (Vec::new(), vec![root]);
    while let Some(process) = waiting.pop() {
        let next = children.remove(&process).unwrap_or_default();
        below.extend(&next);
        waiting.extend(next);
    }
    below
}

/// The parent in a line of `/proc/…/stat`: the second word after the name,
/// which stands in brackets and may have any in it.
#[cfg(target_os = "linux")]
fn parent(status: &str) -> Option<i32> {
    status.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_parent_of_a_process_is_read_whatever_its_name() {
        assert_eq!(parent("12 (a) S 1 2) (b)) S 7 12 12 0"), Some(7));
        assert_eq!(parent("12 (cat) R 3 12"), Some(3));
        assert_eq!(parent("nothing"), None);
    }

    #[test]
    fn a_child_and_what_it_began_are_below_this_process() {
        let mut command = std::process::Command::new("/bin/sh");
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command.args(["-c", "sleep 60 & sleep 60"]).spawn().expect("started");
        let own = i32::try_from(std::process::id()).expect("a number");
        let leader = i32::try_from(child.id()).expect("a number");
        let until = std::time::Instant::now() + std::time::Duration::from_secs(10);
        while descendants(leader).len() < 2 && std::time::Instant::now() < until {
            std::thread::yield_now();
        }
        let below = descendants(leader);
        assert_eq!(below.len(), 2);
        assert!(descendants(own).contains(&leader));
        assert!(!has_ended(&mut child));
        kill(&child, true);
        child.wait().expect("ended");
        let there = |process: &i32| std::path::Path::new(&format!("/proc/{process}/exe")).read_link().is_ok();
        while below.iter().any(there) && std::time::Instant::now() < until {
            std::thread::yield_now();
        }
        assert!(!below.iter().any(there));
    }
}
