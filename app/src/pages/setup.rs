//! The end of a one-time link: choose a password.

use crate::{
    addresses::at,
    ui::{Icon, dynamic, follow, icon},
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

/// What a code in the address means.
fn message(code: &str) -> &'static str {
    match code {
        "password" => "This password cannot be used: choose one of at least 10 characters.",
        "email" => "This is not an e-mail address, or another account has it.",
        "limited" => "Too many attempts. Wait a minute, then try again.",
        _ => "That did not work. Check the fields and try again.",
    }
}

/// The form that makes the first account, or gives an invited one its password.
#[component]
pub fn Setup() -> impl IntoView {
    let query = use_query_map();
    let secret = move || query.with(|q| q.get("secret")).unwrap_or_default();
    let email = move || query.with(|q| q.get("email")).unwrap_or_default();
    let error = move || {
        let code = query.with(|q| q.get("error"))?;
        Some(view! { <p class="bad" role="alert">{message(&code)}</p> })
    };
    view! {
        <Title text="Set up" />
        <main id="main" class="door">
            <form class="door-card" method="post" action=at("/auth/setup")>
                <div class="brand">{icon(Icon::Mark)}"Fovea"</div>
                <h1>"Welcome"</h1>
                <p class="dim">"This link works once. Enter your e-mail address and choose a password."</p>
                {dynamic(error)}
                <label for="email">"E-mail"</label>
                <input id="email" class="field" type="email" name="email" value=follow(email) required autocomplete="username" autofocus />
                <label for="password">"Password"</label>
                <input id="password" class="field" type="password" name="password" required minlength="10" autocomplete="new-password" aria-describedby="password-rule" />
                <p id="password-rule" class="dim">"At least 10 characters."</p>
                <input type="hidden" name="secret" value=follow(secret) />
                <button class="button button-main" type="submit">"Continue"</button>
            </form>
        </main>
    }
}
