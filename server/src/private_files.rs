//! Who may read the data: its owner alone. Images, password hashes and the
//! secrets of webhooks are in it.

use std::path::Path;

/// Files and folders that this process makes from now on are its owner's alone.
pub(crate) fn keep_new_files_private() {
    #[cfg(unix)]
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
}

/// Takes from others what an earlier version, another umask or a copy gave
/// them. A file that is another user's stays as it is: `fovea doctor` tells.
pub(crate) fn make_private(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let Ok(metadata) = std::fs::metadata(path) else { return };
        let (mode, private) = (metadata.permissions().mode(), metadata.permissions().mode() & 0o700);
        if mode & 0o077 != 0
            && let Err(error) = std::fs::set_permissions(path, std::fs::Permissions::from_mode(private))
        {
            tracing::warn!(path = %path.display(), %error, "others can read it, and that cannot be changed");
        }
    }
}

/// Whether others than the owner have any right to it.
#[must_use]
pub(crate) fn is_open_to_others(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        false
    }
}
