//! Sign in: a plain form that needs no script.

use crate::{
    addresses::{at, base},
    routes::Route,
    ui::{Icon, dynamic, follow, icon},
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

/// What a code in the address means.
fn message(code: &str) -> &'static str {
    match code {
        "credentials" => "E-mail and password do not match an account.",
        "limited" => "Too many attempts. Wait a minute, then try again.",
        "link" => "That link is not valid any more. Ask an administrator for a new one.",
        _ => "That did not work. Try again.",
    }
}

/// Only a path of this site may follow: `/x`, never `//host` or `\`.
fn safe_next(next: Option<String>) -> String {
    let own = |next: &String| {
        base().strip(next).is_some_and(|path| !path.starts_with("//") && !next.contains('\\'))
    };
    next.filter(own).unwrap_or_else(|| Route::Deployments.href())
}

/// The form around e-mail and password.
#[component]
pub fn SignIn() -> impl IntoView {
    let query = use_query_map();
    let next = move || safe_next(query.with(|q| q.get("next")));
    let error = move || {
        let code = query.with(|q| q.get("error"))?;
        Some(view! { <p class="bad" role="alert">{message(&code)}</p> })
    };
    view! {
        <Title text="Sign in" />
        <main id="main" class="door">
            <form class="door-card" method="post" action=at("/auth/sign-in")>
                <div class="brand">{icon(Icon::Mark)}"Fovea"</div>
                <h1>"Sign in"</h1>
                {dynamic(error)}
                <label for="email">"E-mail"</label>
                <input id="email" class="field" type="email" name="email" required autocomplete="username" autofocus />
                <label for="password">"Password"</label>
                <input id="password" class="field" type="password" name="password" required autocomplete="current-password" />
                <input type="hidden" name="next" value=follow(next) />
                <button class="button button-main" type="submit">"Sign in"</button>
            </form>
        </main>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_path_of_this_site_follows() {
        let kept = |s: &str| safe_next(Some(s.to_owned()));
        assert_eq!(kept("/deployments/a?x=1"), "/deployments/a?x=1");
        for bad in ["//evil.example", "https://evil.example", "/\\evil.example", ""] {
            assert_eq!(kept(bad), "/", "{bad}");
        }
    }
}
