//! Memory that a thread keeps from one piece of work to the next, so that none
//! has to ask for megabytes and clear them first.

use std::cell::RefCell;

thread_local! {
    static SCRATCH: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
}

/// Lends `length` numbers of whatever was there last. Not to be nested: a
/// second loan within `work` panics.
pub(super) fn with_scratch<R>(length: usize, work: impl FnOnce(&mut [f32]) -> R) -> R {
    SCRATCH.with_borrow_mut(|scratch| {
        if scratch.len() < length {
            scratch.resize(length, 0.0);
        }
        work(scratch.split_at_mut(length).0)
    })
}
