//! Accounts and tokens, and what an administrator does to them.

use crate::{
    dom,
    error::AppError,
    routes::Route,
    server_fns::{
        account_acts::{ResetLink, SetRole},
        people_acts::{AddUser, DisableUser},
        token_acts::{CreateToken, RevokeToken},
    },
    ui::{
        ActionForm, Ago, Command, FormAction, IntoAny, Tone, day_and_time, dynamic, figure, parted, pill,
        row, table, words,
    },
    wire::{IssuedToken, OneTimeLink, People},
};
use domain::access::{Role, Token, User};
use leptos::prelude::*;

/// The acts of this page; each success fetches the lists again.
#[derive(Clone, Copy)]
pub struct PeopleActs {
    add: FormAction<AddUser>,
    disable: FormAction<DisableUser>,
    role: FormAction<SetRole>,
    link: FormAction<ResetLink>,
    issue: FormAction<CreateToken>,
    revoke: FormAction<RevokeToken>,
}

impl PeopleActs {
    /// None done yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            add: FormAction::new(),
            disable: FormAction::new(),
            role: FormAction::new(),
            link: FormAction::new(),
            issue: FormAction::new(),
            revoke: FormAction::new(),
        }
    }

    /// Changes whenever something was done: a source for the lists.
    #[must_use]
    pub fn versions(&self) -> [usize; 5] {
        let Self { add, disable, role, issue, revoke, .. } = self;
        [add.version(), disable.version(), role.version(), issue.version(), revoke.version()]
    }
}

impl Default for PeopleActs {
    fn default() -> Self {
        Self::new()
    }
}

const ROLES: [(Role, &str); 3] = [
    (Role::Viewer, "viewer: looks"),
    (Role::Reviewer, "reviewer: also predicts and reviews"),
    (Role::Admin, "admin: also trains, deploys and manages"),
];

fn role_field(id: String, now: Role) -> AnyView {
    let options: Vec<_> = ROLES
        .into_iter()
        .map(|(role, words)| view! { <option value=role.as_str() selected=role == now>{words}</option> })
        .collect();
    view! {
        <label class="visually-hidden" for=id.clone()>"Role"</label>
        <select id=id class="field" name="role">{options}</select>
    }
    .into_any()
}

fn refusal(error: Option<AppError>) -> AnyView {
    error.map(|error| view! { <p class="bad" role="alert">{error.0.message}</p> }).into_any()
}

/// The forms that make accounts and tokens, with what they answered.
#[must_use]
pub fn people_forms(acts: PeopleActs) -> AnyView {
    let PeopleActs { add, issue, disable, role, link, revoke } = acts;
    view! {
        <div class="columns columns-2">
            <section class="panel">
                <h2>"Invite somebody"</h2>
                <ActionForm action=add attr:class="form-row">
                    <label class="visually-hidden" for="email">"E-mail"</label>
                    <input id="email" class="field" type="email" name="email" placeholder="name@example.com" required autocomplete="off" />
                    {role_field("user-role".into(), Role::Viewer)}
                    <button class="button" type="submit">"Invite"</button>
                </ActionForm>
                {dynamic(move || match add.answer() {
                    Some(Ok(link)) => invited(&link),
                    Some(Err(error)) => refusal(Some(error)),
                    None => ().into_any(),
                })}
                {dynamic(move || match link.answer() {
                    Some(Ok(link)) => invited(&link),
                    Some(Err(error)) => refusal(Some(error)),
                    None => ().into_any(),
                })}
                {dynamic(move || refusal(disable.outcome().and_then(Result::err)))}
                {dynamic(move || refusal(role.outcome().and_then(Result::err)))}
            </section>
            <section class="panel">
                <h2>"New token"</h2>
                <ActionForm action=issue attr:class="form-row">
                    <label class="visually-hidden" for="token-name">"Name"</label>
                    <input id="token-name" class="field" name="name" placeholder="what it is for" required maxlength="64" autocomplete="off" />
                    {role_field("token-role".into(), Role::Viewer)}
                    <label class="visually-hidden" for="token-expires">"Works for"</label>
                    <select id="token-expires" class="field" name="expires">
                        <option value="30d">"for 30 days"</option>
                        <option value="90d" selected=true>"for 90 days"</option>
                        <option value="365d">"for a year"</option>
                        <option value="">"without end"</option>
                    </select>
                    <button class="button" type="submit">"Create"</button>
                </ActionForm>
                {dynamic(move || match issue.answer() {
                    Some(Ok(issued)) => told_once(&issued),
                    Some(Err(error)) => refusal(Some(error)),
                    None => ().into_any(),
                })}
                {dynamic(move || refusal(revoke.outcome().and_then(Result::err)))}
            </section>
        </div>
    }
    .into_any()
}

fn invited(link: &OneTimeLink) -> AnyView {
    let address = format!("{}{}?secret={}", dom::origin(), Route::SetUp.href(), link.secret);
    view! {
        <div class="told" role="status">
            <p>"Give this link to "<b>{link.email.clone()}</b>". It works once, until "{day_and_time(link.expires)}"."</p>
            <Command line=address />
        </div>
    }
    .into_any()
}

fn told_once(issued: &IssuedToken) -> AnyView {
    view! {
        <div class="told" role="status">
            <p>"The secret of "<b>{issued.token.name.clone()}</b>" is shown this once."</p>
            <Command line=issued.secret.clone() />
        </div>
    }
    .into_any()
}

/// The lists of accounts and tokens.
#[must_use]
pub fn people_lists(people: People, acts: PeopleActs) -> AnyView {
    let users: Vec<_> = people.users.into_iter().map(|user| user_row(user, acts)).collect();
    let none = people.tokens.is_empty();
    let tokens: Vec<_> = people.tokens.into_iter().map(|token| token_row(token, acts)).collect();
    let tokens = if none {
        view! { <p class="dim">"No token. Programs need one to send images or reports."</p> }.into_any()
    } else {
        table(&["Token", "Role", "Owner", "Made", "Expires", "Last used", "#"], tokens)
    };
    view! {
        <section class="panel"><h2>"Accounts"</h2>{table(&["E-mail", "Role", "Made", "State", "#"], users)}</section>
        <section class="panel">
            <h2>"Tokens"</h2>
            <p class="dim">"A token stops working when it expires, while its owner is disabled, and while its owner's role is below its own."</p>
            {tokens}
        </section>
    }
    .into_any()
}

fn user_row(user: User, acts: PeopleActs) -> AnyView {
    let state = if user.disabled { pill(Tone::Quiet, "disabled") } else { pill(Tone::Good, "active") };
    let act = if user.disabled { "Enable" } else { "Disable" };
    let email = user.email.clone();
    let forms = view! {
        <div class="row-acts">
            <ActionForm action=acts.link>
                <input type="hidden" name="id" value=user.id.to_string() />
                <input type="hidden" name="email" value=email />
                <button class="button button-bare" type="submit" title="Makes a one-time link by which they set a new password">"New link"</button>
            </ActionForm>
            <ActionForm action=acts.disable>
                <input type="hidden" name="id" value=user.id.to_string() />
                <input type="hidden" name="disabled" value=(!user.disabled).to_string() />
                <button class="button button-bare" type="submit">{act}</button>
            </ActionForm>
        </div>
    };
    let role = view! {
        <ActionForm action=acts.role attr:class="row-acts">
            <input type="hidden" name="id" value=user.id.to_string() />
            {role_field(format!("role-{}", user.id), user.role)}
            <button class="button button-bare" type="submit">"Change"</button>
        </ActionForm>
    };
    let made = view! { <Ago at=user.created /> };
    row(parted(&user.email), vec![words(role), words(made), words(state), figure(forms)])
}

fn token_row(token: Token, acts: PeopleActs) -> AnyView {
    let used = match token.last_used {
        Some(at) => view! { <Ago at=at /> }.into_any(),
        None => "never".into_any(),
    };
    let form = view! {
        <ActionForm action=acts.revoke>
            <input type="hidden" name="id" value=token.id.to_string() />
            <button class="button button-bare" type="submit">"Revoke"</button>
        </ActionForm>
    };
    let made = view! { <Ago at=token.created /> };
    let owner = token.owner.map_or_else(|| "none: command line".to_owned(), |owner| owner.email);
    let expires = token.expires.map_or_else(|| "never".to_owned(), day_and_time);
    let cells = vec![
        words(token.role.as_str()),
        words(owner),
        words(made),
        words(expires),
        words(used),
        figure(form),
    ];
    row(token.name, cells)
}
