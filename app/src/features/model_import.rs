//! A model from a file: dropped, looked at, tried on a picture, named, imported,
//! and put to work.

mod described;
mod dropping;
mod named;
mod registering;
mod trial;

pub use registering::RegisterForm;

use crate::{
    addresses::at,
    answers::{Refusal, foreign},
    dom::{self, ChosenFile, Sending},
    json,
    ui::{IntoAny, dynamic},
    wire::{ImportedModel, ModelImportStart, StagedModel},
};
use described::described;
use dropping::{going, model_drop_place, refused, waiting_list};
use leptos::{prelude::*, task::spawn_local};
use named::{imported, naming};
use std::sync::Arc;
use trial::{TrialState, trial};

/// How far a model is.
#[derive(Clone, Debug)]
enum Stage {
    /// No file yet.
    Nothing,
    /// On its way: name, and the share that has gone.
    Going(String, f64),
    /// Not taken.
    Refused(Refusal),
    /// Here, and looked at.
    Waits(Arc<StagedModel>),
    /// A version.
    Imported(ImportedModel),
}

/// The state of the import, and what may be done with it. Cheap to copy.
#[derive(Clone, Copy)]
struct ImportSession {
    stage: RwSignal<Stage>,
    /// What was refused of a file that is here.
    refusal: RwSignal<Option<Refusal>>,
    /// A question is on its way.
    busy: RwSignal<bool>,
    sending: Sending,
    trial: TrialState,
    /// Told of each version that was made.
    on_imported: Callback<()>,
}

impl ImportSession {
    fn new(on_imported: Callback<()>) -> Self {
        Self {
            stage: RwSignal::new(Stage::Nothing),
            refusal: RwSignal::new(None),
            busy: RwSignal::new(false),
            sending: Sending::none(),
            trial: TrialState::new(),
            on_imported,
        }
    }

    /// Takes a model, and maybe a recipe and labels beside it, told apart by
    /// their names.
    fn take(self, files: Vec<ChosenFile>) {
        let given = GivenFiles::sorted(files);
        let Some(model) = given.model else {
            if given.recipe.is_some() || given.labels.is_some() {
                self.stage.set(Stage::Refused(Refusal {
                    title: "No model".to_owned(),
                    detail: "Drop the model's file together with its recipe or labels.".to_owned(),
                }));
            }
            return;
        };
        self.refusal.set(None);
        self.trial.forget_boxes();
        self.stage.set(Stage::Going(model.name.clone(), 0.0));
        spawn_local(async move {
            let name = crate::addresses::escaped(&model.name);
            let url = at(format!("/api/v1/staged-models?filename={name}"));
            let progress = move |share| {
                // The page may have been left meanwhile.
                self.stage.try_update(|stage| {
                    if let Stage::Going(_, gone) = stage {
                        *gone = share;
                    }
                });
            };
            let answer = self.sending.post(&url, &model, progress).await.and_then(|text| read(&text));
            let going = self.stage.try_with_untracked(|stage| matches!(stage, Stage::Going(..)));
            match answer {
                _ if going != Some(true) => {}
                Err(refusal) => self.stage.set(Stage::Refused(refusal)),
                Ok(staged) => {
                    self.arrived(staged);
                    let (recipe, labels) = (text_of(given.recipe).await, text_of(given.labels).await);
                    if !recipe.is_empty() || !labels.is_empty() {
                        self.describe(recipe, labels);
                    }
                }
            }
        });
    }

    /// Goes on with a file of an earlier visit.
    fn resume(self, id: String) {
        self.asking(async move { dom::ask("GET", &address(&id, ""), "").await.and_then(|text| read(&text)) });
    }

    /// Says what a file does not say itself.
    fn describe(self, recipe: String, labels: String) {
        let Some(staged) = self.staged() else { return };
        let labels: Vec<&str> = labels.split(['\n', ',']).map(str::trim).filter(|l| !l.is_empty()).collect();
        let recipe = Some(recipe.trim()).filter(|text| !text.is_empty());
        let body = serde_json::json!({ "recipe": recipe, "labels": labels }).to_string();
        self.asking(async move {
            dom::ask("PUT", &address(&staged.id, ""), &body).await.and_then(|text| read(&text))
        });
    }

    fn asking(self, answer: impl Future<Output = Result<StagedModel, Refusal>> + 'static) {
        self.busy.set(true);
        self.refusal.set(None);
        spawn_local(async move {
            let answer = answer.await;
            self.busy.try_set(false);
            match answer {
                Ok(staged) => self.arrived(staged),
                Err(refusal) => {
                    self.refusal.try_set(Some(refusal));
                }
            }
        });
    }

    fn arrived(self, staged: StagedModel) {
        let usable = staged.inspected.is_some();
        let id = staged.id.clone();
        self.stage.try_set(Stage::Waits(Arc::new(staged)));
        if usable {
            // The picture that is shown, as the file sees it now.
            self.trial.again(&id);
        }
    }

    /// Makes the file the next version of `model`.
    fn import(self, model: String) {
        let Some(staged) = self.staged() else { return };
        self.busy.set(true);
        self.refusal.set(None);
        spawn_local(async move {
            let body = serde_json::json!({ "name": model.trim() }).to_string();
            let answer = dom::ask("POST", &address(&staged.id, "import"), &body).await;
            let answer = answer.and_then(|text| json::read(&text).map_err(|_| foreign()));
            self.busy.try_set(false);
            match answer {
                Ok(version) => {
                    self.stage.try_set(Stage::Imported(version));
                    self.on_imported.run(());
                }
                Err(refusal) => {
                    self.refusal.try_set(Some(refusal));
                }
            }
        });
    }

    /// Forgets the file, here and on the server.
    fn discard(self) {
        self.sending.give_up();
        if let Some(staged) = self.staged() {
            spawn_local(async move {
                // One that is gone already is what was wanted.
                let _ = dom::ask("DELETE", &address(&staged.id, ""), "").await;
            });
        }
        self.stage.set(Stage::Nothing);
        self.refusal.set(None);
        self.trial.forget_boxes();
    }

    fn staged(self) -> Option<Arc<StagedModel>> {
        match self.stage.get_untracked() {
            Stage::Waits(staged) => Some(staged),
            _ => None,
        }
    }
}

/// What was dropped, by what it is for.
#[derive(Default)]
struct GivenFiles {
    model: Option<ChosenFile>,
    recipe: Option<ChosenFile>,
    labels: Option<ChosenFile>,
}

impl GivenFiles {
    fn sorted(files: Vec<ChosenFile>) -> Self {
        let mut given = Self::default();
        for file in files {
            let end = file.name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
            let place = match end.as_str() {
                "json" => &mut given.recipe,
                "txt" | "names" | "labels" => &mut given.labels,
                _ => &mut given.model,
            };
            *place = Some(file);
        }
        given
    }
}

async fn text_of(file: Option<ChosenFile>) -> String {
    match file {
        Some(file) => file.text().await.unwrap_or_default(),
        None => String::new(),
    }
}

fn read(text: &str) -> Result<StagedModel, Refusal> {
    json::read(text).map_err(|_| foreign())
}

/// The address of a file that waits, or of an act on it.
fn address(id: &str, act: &str) -> String {
    let file = at(format!("/api/v1/staged-models/{id}"));
    if act.is_empty() { file } else { format!("{file}/{act}") }
}

/// A place to drop a model on, and what becomes of it.
#[component]
pub fn ModelImport(
    /// Files of earlier visits, and pictures to try a model on.
    start: ModelImportStart,
    /// Told of each version that was made.
    on_imported: Callback<()>,
) -> impl IntoView {
    let session = ImportSession::new(on_imported);
    let ModelImportStart { waiting, pictures } = start;
    let waiting = StoredValue::new(waiting);
    let pictures = StoredValue::new(pictures);
    view! {
        <section class="import alive-only" aria-label="Import a model">
            {dynamic(move || match session.stage.get() {
                Stage::Nothing => view! { {model_drop_place(session)}{waiting_list(session, waiting)} }.into_any(),
                Stage::Going(name, share) => going(session, name, share),
                Stage::Refused(refusal) => view! { {refused(&refusal)}{model_drop_place(session)} }.into_any(),
                Stage::Waits(staged) => view! {
                    <div class="import-sides">
                        {described(session, &staged)}
                        {trial(session, &staged, pictures.get_value())}
                    </div>
                    {naming(session, &staged)}
                }
                .into_any(),
                Stage::Imported(version) => imported(session, version),
            })}
        </section>
    }
}
