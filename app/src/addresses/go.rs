//! Going to an address without loading the page anew.

use leptos_router::{NavigateOptions, hooks::use_navigate};

/// Goes to an address, or with one that begins with `?` to another query of
/// the page that is shown.
pub fn use_go() -> impl Fn(&str, NavigateOptions) + Clone {
    let navigate = use_navigate();
    move |address: &str, options: NavigateOptions| {
        // The router would put the base path before an address that has it.
        let resolve = !address.starts_with('/');
        navigate(address, NavigateOptions { resolve, ..options });
    }
}
