//! What a worker is told from outside while it is at work.

use domain::training::Control;
use std::sync::{
    Arc,
    atomic::{AtomicU8, Ordering},
};

const CANCELLED: u8 = 1;
const SUSPENDED: u8 = 2;

/// Told once and for good.
#[derive(Clone, Debug, Default)]
pub(crate) struct StopFlag(Arc<AtomicU8>);

impl StopFlag {
    /// Somebody wants an end, with what there is.
    pub(crate) fn cancel(&self) {
        self.0.fetch_or(CANCELLED, Ordering::Relaxed);
    }

    /// This process cannot go on; another attempt will.
    pub(crate) fn suspend(&self) {
        self.0.fetch_or(SUSPENDED, Ordering::Relaxed);
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed) & CANCELLED != 0
    }

    /// What a trainer should do. Who cancelled wants the model that there is,
    /// even when the process ends, too.
    pub(crate) fn control(&self) -> Control {
        match self.0.load(Ordering::Relaxed) {
            0 => Control::Continue,
            SUSPENDED => Control::Suspend,
            _ => Control::Stop,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cancelled_training_leaves_its_model_even_when_the_process_ends() {
        let flag = StopFlag::default();
        assert_eq!(flag.control(), Control::Continue);
        flag.suspend();
        assert_eq!((flag.control(), flag.is_cancelled()), (Control::Suspend, false));
        flag.cancel();
        assert_eq!((flag.control(), flag.is_cancelled()), (Control::Stop, true));
    }
}
