//! The memory of a process that tries a file.

/// An allocation beyond it ends the process.
pub(super) fn limit_memory(bytes: u64) -> std::io::Result<()> {
    #[cfg(unix)]
    rustix::process::setrlimit(
        rustix::process::Resource::Data,
        rustix::process::Rlimit { current: Some(bytes), maximum: Some(bytes) },
    )?;
    #[cfg(not(unix))]
    let _ = bytes;
    Ok(())
}
