//! Texts that the browser stores for this site, by name: they survive a closed
//! tab and a crash.

use crate::base_path::base;
use web_sys::Storage;

/// The name that the browser knows a text by: servers side by side on one host
/// share its storage, and are told apart by their base paths.
fn scoped(name: &str) -> String {
    format!("{}{name}", base())
}

fn storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok()?
}

/// The text under a name.
#[must_use]
pub fn stored(name: &str) -> Option<String> {
    storage()?.get_item(&scoped(name)).ok()?
}

/// Stores a text under a name; says whether the browser took it.
#[must_use]
pub fn store(name: &str, text: &str) -> bool {
    storage().is_some_and(|storage| storage.set_item(&scoped(name), text).is_ok())
}

/// Removes what is under a name.
pub fn unstore(name: &str) {
    if let Some(storage) = storage() {
        // What was not there is gone already.
        let _ = storage.remove_item(&scoped(name));
    }
}

/// All names that begin with `prefix`.
#[must_use]
pub fn stored_names(prefix: &str) -> Vec<String> {
    let Some(storage) = storage() else { return Vec::new() };
    let length = storage.length().unwrap_or_default();
    let names = (0..length).filter_map(|at| storage.key(at).ok()?);
    let base = base();
    let own = names.filter_map(|name| Some(name.strip_prefix(base.as_str())?.to_owned()));
    own.filter(|name| name.starts_with(prefix)).collect()
}
