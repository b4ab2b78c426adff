//! How a trainer comes to its end.

use std::process::ExitStatus;

/// Why the trainer is to end before it does by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    Stop,
    TimeLimit,
    Suspend,
}

/// Why the trainer was ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    Itself,
    Silent,
    Flooding,
    Late,
}

/// A signal that comes from outside: by hand, or because memory was short.
/// Others are the trainer's own doing.
pub(super) fn killed_by(status: ExitStatus) -> Option<i32> {
    #[cfg(unix)]
    {
        const FROM_OUTSIDE: [i32; 2] = [9, 15];
        std::os::unix::process::ExitStatusExt::signal(&status).filter(|signal| FROM_OUTSIDE.contains(signal))
    }
    #[cfg(not(unix))]
    {
        let _ = status;
        None
    }
}
