//! Where Label Studio is, as an administrator names it.

use crate::{
    addresses::at,
    effect::effect,
    server_fns::connections::{ForgetLabelStudio, SetLabelStudio},
    ui::{ActionForm, FormAction, IntoAny, dynamic, follow, form_outcome, handler},
    wire::LabelStudioPlace,
};
use leptos::prelude::*;

/// What is done about the address; each success fetches it again.
#[derive(Clone, Copy)]
pub struct LabelStudioActs {
    set: FormAction<SetLabelStudio>,
    forget: FormAction<ForgetLabelStudio>,
    /// What is typed into the field of the token.
    token: RwSignal<String>,
}

impl LabelStudioActs {
    /// None done yet. A token that was taken is not left in its field, where
    /// whoever comes by could read it. The page says how the last act ended,
    /// not how one before it did.
    #[must_use]
    pub fn new() -> Self {
        let acts =
            Self { set: FormAction::new(), forget: FormAction::new(), token: RwSignal::new(String::new()) };
        effect(move || {
            if matches!(acts.set.outcome(), Some(Ok(()))) {
                acts.token.set(String::new());
                acts.forget.clear();
            }
        });
        effect(move || {
            if matches!(acts.forget.outcome(), Some(Ok(()))) {
                acts.token.set(String::new());
                acts.set.clear();
            }
        });
        acts
    }

    /// Changes whenever something was done: a source for the address.
    #[must_use]
    pub fn versions(self) -> [usize; 2] {
        [self.set.version(), self.forget.version()]
    }
}

impl Default for LabelStudioActs {
    fn default() -> Self {
        Self::new()
    }
}

/// The form, beside what is known of the address now.
#[must_use]
pub fn label_studio_panel(now: &LabelStudioPlace, acts: LabelStudioActs) -> AnyView {
    let LabelStudioActs { set, forget, token } = acts;
    let hint = match now {
        LabelStudioPlace { has_token: true, .. } => {
            "A token is stored and never shown. Saving replaces it: type it again, or leave this empty to ask without one."
        }
        LabelStudioPlace { url: Some(_), .. } => "No token is stored: images are asked for without one.",
        LabelStudioPlace { .. } => "Of an account that may see the images; empty where none is needed.",
    };
    let url = now.url.clone().unwrap_or_default();
    let forget_form = now.url.is_some().then(|| {
        view! {
            <ActionForm action=forget attr:class="form-row">
                <button class="button" type="submit">"Disconnect"</button>
                <span class="dim">"Forgets the address and the token."</span>
            </ActionForm>
        }
    });
    view! {
        <section class="panel" id="label-studio">
            <h2>"Label Studio"</h2>
            <p class="dim">
                "Images of its tasks are fetched from this address alone, and the champion of a deployment pre-annotates them. In Label Studio, connect a model at "
                <code>{at("/ml/NAME-OF-A-DEPLOYMENT")}</code>" of this server. "
                <a href=at("/docs/clients#from-label-studio") rel="external">"How it is set up"</a>
            </p>
            <ActionForm action=set attr:class="form form-inside">
                <label for="studio-url">"Address"</label>
                <input id="studio-url" class="field" type="url" name="url" required autocomplete="off" placeholder="https://studio.example.org" value=url.clone() prop:value=url />
                <label for="studio-token">"Token"</label>
                <div>
                    <input id="studio-token" class="field" type="password" name="token" autocomplete="new-password" aria-describedby="studio-token-hint"
                        prop:value=follow(move || token.get()) on:input=handler(move |event| token.set(event_target_value(&event))) />
                    <p id="studio-token-hint" class="dim">{hint}</p>
                </div>
                <div class="form-end">
                    <button class="button button-main" type="submit">"Save"</button>
                    {dynamic(move || form_outcome(set.outcome(), "Saved"))}
                </div>
            </ActionForm>
            {forget_form}
            {dynamic(move || form_outcome(forget.outcome(), "Disconnected"))}
        </section>
    }
    .into_any()
}
