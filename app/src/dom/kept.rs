//! Texts that the browser keeps for this site, by name: they survive a closed
//! tab and a crash.

use web_sys::Storage;

fn storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok()?
}

/// The text under a name.
#[must_use]
pub fn kept(name: &str) -> Option<String> {
    storage()?.get_item(name).ok()?
}

/// Keeps a text under a name; says whether the browser took it.
#[must_use]
pub fn keep(name: &str, text: &str) -> bool {
    storage().is_some_and(|storage| storage.set_item(name, text).is_ok())
}

/// Forgets what is under a name.
pub fn forget(name: &str) {
    if let Some(storage) = storage() {
        // What was not there is forgotten already.
        let _ = storage.remove_item(name);
    }
}

/// All names that begin with `prefix`.
#[must_use]
pub fn kept_names(prefix: &str) -> Vec<String> {
    let Some(storage) = storage() else { return Vec::new() };
    let length = storage.length().unwrap_or_default();
    let names = (0..length).filter_map(|at| storage.key(at).ok()?);
    names.filter(|name| name.starts_with(prefix)).collect()
}
