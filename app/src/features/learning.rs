//! The learning loop: when trainings are launched, what came of them, and
//! what becomes of candidates.

mod comparing;
mod deploying;

pub use comparing::comparing_panel;
pub use deploying::deploying_panel;

use crate::{
    addresses,
    server_fns::{
        comparisons::CompareNow,
        learning_acts::{LaunchTraining, ReplayShadow, RollBack},
        settings::SetSettings,
    },
    ui::{
        ActionForm, Ago, FormAction, IntoAny, Tone, TrainerFields, dynamic, fact, figure, form_outcome, link,
        pill, row, sentence, settings_form, table, trainer_fields, verdict_pill, words,
    },
};
use domain::{
    deployment::ShadowState,
    learning::{Round, RoundState, TrainingState, Trigger},
};
use leptos::prelude::*;

/// The acts of this page; each success fetches it again.
#[derive(Clone, Copy)]
pub struct LearningActs {
    training: FormAction<SetSettings>,
    launch: FormAction<LaunchTraining>,
    deploying: FormAction<SetSettings>,
    roll_back: FormAction<RollBack>,
    replay: FormAction<ReplayShadow>,
    compare: FormAction<CompareNow>,
    /// The trainer that is chosen in the form, if a person chose one.
    trainer: RwSignal<Option<String>>,
}

impl LearningActs {
    /// None done yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            training: FormAction::new(),
            launch: FormAction::new(),
            deploying: FormAction::new(),
            roll_back: FormAction::new(),
            replay: FormAction::new(),
            compare: FormAction::new(),
            trainer: RwSignal::new(None),
        }
    }

    /// Changes whenever something was done: a source for what is shown.
    #[must_use]
    pub fn versions(&self) -> [usize; 6] {
        [
            self.training.version(),
            self.launch.version(),
            self.deploying.version(),
            self.roll_back.version(),
            self.replay.version(),
            self.compare.version(),
        ]
    }
}

impl Default for LearningActs {
    fn default() -> Self {
        Self::new()
    }
}

/// Continuous training: what waits, and when a training is launched.
#[must_use]
pub fn training_panel(name: &str, state: &TrainingState, acts: LearningActs, admin: bool) -> AnyView {
    let settings = &state.settings;
    let on = if settings.enabled { pill(Tone::Good, "on") } else { pill(Tone::Quiet, "off") };
    let missing = u64::from(settings.threshold).saturating_sub(state.waiting);
    let next = match (settings.enabled, settings.trigger) {
        (true, Trigger::FeedbackCount) => format!("after {missing} more submissions"),
        (true, Trigger::Schedule) => format!("every {} hours", settings.every_hours),
        (true, Trigger::Drift) => "when drift is declared".to_owned(),
        _ => "when a person launches it".to_owned(),
    };
    let form = admin.then(|| training_form(name, state, acts));
    view! {
        <section class="panel">
            <div class="panel-head"><h2>"Continuous training"</h2>{on}</div>
            <dl class="facts">
                {fact("Submitted since the last launch", state.waiting.to_string())}
                {fact("Next training", next)}
            </dl>
            {form}
        </section>
    }
    .into_any()
}

fn training_form(name: &str, state: &TrainingState, acts: LearningActs) -> AnyView {
    let launch = acts.launch;
    let fields = TrainerFields {
        prefix: "next",
        name: "values[trainer]",
        params: "values[params.",
        without: "time_limit_s",
    };
    let params = trainer_fields(&state.trainers, state.params.as_ref().ok(), fields, acts.trainer);
    let problem = state.params.as_ref().err().cloned();
    let problem = problem.map(|problem| view! { <p class="bad" role="alert">{problem}</p> });
    let from_nothing = state.starts_from_nothing.as_ref();
    let from_nothing = from_nothing
        .map(|why| view! { <p class="dim">"The next training starts from nothing. "{why.clone()}</p> });
    let name = name.to_owned();
    view! {
        {problem}
        {from_nothing}
        {settings_form(acts.training, &name, &state.settings, params)}
        <ActionForm action=launch attr:class="form-row">
            <input type="hidden" name="name" value=name />
            <button class="button" type="submit">"Launch a training now"</button>
            {dynamic(move || form_outcome(launch.outcome(), "Launched"))}
        </ActionForm>
    }
    .into_any()
}

/// The launches, the latest first.
#[must_use]
pub fn round_list(rounds: &[Round]) -> AnyView {
    if rounds.is_empty() {
        return view! {
            <section class="panel">
                <h2>"Launches"</h2>
                <p class="dim">"No training was launched from the feedback yet. Review predictions, submit them, and launch one here, or let it launch itself."</p>
            </section>
        }
        .into_any();
    }
    let one = |round: &Round| {
        let verdict = round.verdict.map(verdict_pill);
        let state = match round.state {
            RoundState::Failed => pill(Tone::Bad, "failed"),
            RoundState::Done => pill(Tone::Quiet, "done"),
            state => pill(Tone::Accent, state.as_str()),
        };
        let candidate = round.candidate.as_deref().map(|name| link(addresses::model(name), name));
        let cells = vec![
            words(state),
            figure(round.submissions.to_string()),
            words(link(addresses::model(&round.champion), round.champion.as_str())),
            words(candidate),
            words(verdict),
            sentence(round.outcome.clone()),
            words(view! { <Ago at=round.created /> }),
        ];
        row(link(addresses::experiment(&round.experiment), round.experiment.as_str()), cells)
    };
    let rows: Vec<_> = rounds.iter().map(one).collect();
    let columns = ["Experiment", "State", "#Submissions", "From", "Made", "Verdict", "Outcome", "When"];
    view! { <section class="panel panel-table"><h2>"Launches"</h2>{table(&columns, rows)}</section> }
        .into_any()
}

/// The shadow, and how many predictions it has seen.
#[must_use]
pub fn shadow_panel(name: &str, shadow: Option<&ShadowState>, acts: LearningActs, admin: bool) -> AnyView {
    let Some(shadow) = shadow else {
        return view! {
            <section class="panel">
                <h2>"Shadow"</h2>
                <p class="dim">"No model runs beside the champion."</p>
            </section>
        }
        .into_any();
    };
    let coverage = shadow.coverage().map_or("–".to_owned(), |share| format!("{:.0} %", share * 100.0));
    let seen = format!("{} of {} ({coverage})", shadow.seen, shadow.all);
    let running = shadow.replay.as_ref().map(|item| fact("Replay", item.message.clone()));
    let act = acts.replay;
    let (may, name) = (admin && shadow.model.runnable && shadow.replay.is_none(), name.to_owned());
    let form = may.then(|| {
        view! {
            <ActionForm action=act attr:class="form-row">
                <input type="hidden" name="name" value=name />
                <label for="replay-last">"Replay the last"</label>
                <input id="replay-last" class="field field-short" type="number" name="last" min="1" max="100000" value="500" required />
                <button class="button" type="submit">"Replay"</button>
                {dynamic(move || form_outcome(act.outcome(), "Done"))}
            </ActionForm>
        }
    });
    view! {
        <section class="panel">
            <h2>"Shadow"</h2>
            <dl class="facts">
                {fact("Model", link(addresses::model(&shadow.model.name), shadow.model.name.as_str()))}
                {fact("Predictions seen", seen)}
                {fact("Predictions replayed", shadow.replayed.to_string())}
                {fact("Waiting now", shadow.queue.waiting.to_string())}
                {fact("Dropped since the server started", (shadow.queue.dropped + shadow.queue.failed).to_string())}
                {running}
            </dl>
            {form}
        </section>
    }
    .into_any()
}
