//! One's own account: who one is here, and a new password. A plain form that
//! needs no script.

use crate::{
    addresses::at,
    routes::Route,
    signed_in::for_whom,
    ui::{IntoAny, PageHead, dynamic, fact},
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// What a code in the address means.
fn message(code: &str) -> &'static str {
    match code {
        "old" => "The former password is wrong.",
        "password" => "This password cannot be used: choose one of at least 10 characters.",
        "limited" => "Many people sign in just now. Wait a moment, then try again.",
        "again" => "The two new passwords differ.",
        _ => "That did not work. Try again.",
    }
}

/// Name, role, password.
#[component]
pub fn Account() -> impl IntoView {
    let query = use_query_map();
    let told = move || {
        let (error, done) = query.with(|q| (q.get("error"), q.get("done")));
        let error = error.map(|code| view! { <p class="bad" role="alert">{message(&code)}</p> });
        let done = done.map(|_| {
            view! { <p class="good" role="status">"The password is changed. Other browsers are signed out."</p> }
        });
        (error, done)
    };
    let who = for_whom(|session| {
        view! {
            <dl class="facts">
                {fact("Signed in as", session.name.clone())}
                {fact("Role", session.role.as_str())}
            </dl>
        }
        .into_any()
    });
    view! {
        <PageHead title=Route::Account.title() />
        <div class="page-body">
            <div class="settings">
                <section class="panel"><h2>"You"</h2>{who}</section>
                <form class="panel form" method="post" action=at("/auth/password")>
                    <h2>"Change the password"</h2>
                    <label for="old">"Former password"</label>
                    <input id="old" class="field" type="password" name="old" required autocomplete="current-password" />
                    <label for="new">"New password"</label>
                    <div>
                        <input id="new" class="field" type="password" name="new" required minlength="10" autocomplete="new-password" aria-describedby="new-rule" />
                        <p id="new-rule" class="dim">"At least 10 characters. Every other browser is signed out."</p>
                    </div>
                    <label for="again">"New password again"</label>
                    <input id="again" class="field" type="password" name="again" required minlength="10" autocomplete="new-password" />
                    <div class="form-end">
                        <button class="button button-main" type="submit">"Change"</button>
                        {dynamic(told)}
                    </div>
                </form>
            </div>
        </div>
    }
}
