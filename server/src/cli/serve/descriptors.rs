//! How many files and connections the system allows.

/// Descriptors for the database, files and models.
const OWN_DESCRIPTORS: u64 = 256;

/// Raises the number of descriptors to what the system allows, and says how
/// many connections fit into it.
pub(super) fn connections_that_fit() -> usize {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let limit = getrlimit(Resource::Nofile);
        // Where it may not be raised, what there was must do.
        let raised = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
        let most = if raised.is_ok() { limit.maximum } else { limit.current };
        if let Some(most) = most {
            let left = most.saturating_sub(OWN_DESCRIPTORS).max(most / 2).max(1);
            return usize::try_from(left).unwrap_or(usize::MAX);
        }
    }
    usize::MAX
}
