//! The feedback loop: where submissions go, what is in by label and by week,
//! and the submissions themselves.

use crate::{
    addresses,
    server_fns::feedback_acts::{SetFeedback, Unsubmit},
    ui::{
        ActionForm, Ago, FormAction, IntoAny, Tone, dynamic, empty, fact, figure, form_outcome, link, pill,
        row, settings_fields, table, words,
    },
};
use domain::{
    deployment::Deployment,
    feedback::{
        FeedbackSide, FeedbackState, FeedbackTotals, LabelFeedback, SideReason, Submission, WeekFeedback,
    },
    time::Timestamp,
};
use leptos::prelude::*;

/// The acts of this page; each success fetches it again.
#[derive(Clone, Copy)]
pub struct FeedbackActs {
    set: FormAction<SetFeedback>,
    unsubmit: FormAction<Unsubmit>,
}

impl FeedbackActs {
    /// None done yet.
    #[must_use]
    pub fn new() -> Self {
        Self { set: FormAction::new(), unsubmit: FormAction::new() }
    }

    /// Changes whenever something was done: a source for what is shown.
    #[must_use]
    pub fn versions(&self) -> [usize; 2] {
        [self.set.version(), self.unsubmit.version()]
    }
}

impl Default for FeedbackActs {
    fn default() -> Self {
        Self::new()
    }
}

/// Settings and figures. `admin` may change the settings.
#[must_use]
pub fn feedback_overview(
    deployment: &Deployment,
    state: &FeedbackState,
    acts: FeedbackActs,
    admin: bool,
) -> AnyView {
    let totals = &state.totals;
    let tables = (totals.train + totals.holdout > 0).then(|| {
        view! {
            <div class="columns columns-2">
                <section class="panel panel-table"><h2>"Boxes by label"</h2>{by_label(&totals.labels)}</section>
                <section class="panel panel-table"><h2>"Images by week"</h2>{by_week(&totals.weeks)}</section>
            </div>
        }
    });
    view! {
        <div class="columns columns-2">
            {figures(state)}
            {settings(deployment, state, acts, admin)}
        </div>
        {tables}
    }
    .into_any()
}

fn figures(state: &FeedbackState) -> AnyView {
    let totals = &state.totals;
    let on = if state.enabled { pill(Tone::Good, "on") } else { pill(Tone::Quiet, "off") };
    let target = match &state.target {
        Some(version) => {
            let frozen = (!version.open).then(|| pill(Tone::Warn, "frozen"));
            let name = version.full_name();
            view! { {link(addresses::dataset(&name), name.clone())}" "{frozen} }.into_any()
        }
        None => view! { <span class="dim">"none"</span> }.into_any(),
    };
    view! {
        <section class="panel">
            <div class="panel-head"><h2>"Feedback loop"</h2>{on}</div>
            <dl class="facts">
                {fact("Images go to", target)}
                {fact("Reviewed, not submitted yet", state.waiting.to_string())}
                {fact("Submitted to train on", totals.train.to_string())}
                {fact("Submitted and held out to measure by", totals.holdout.to_string())}
                {fact("Submitted since the last training", totals.since_launch.to_string())}
            </dl>
            {balance(totals)}
        </section>
    }
    .into_any()
}

/// One in five is held out; when it is far from that, something is odd.
fn balance(totals: &FeedbackTotals) -> AnyView {
    let Some(share) = totals.holdout_share() else { return ().into_any() };
    let share = format!("{:.0} %", share * 100.0);
    if totals.is_unbalanced() {
        let message = format!(
            "{share} of the images are held out, and 20 % would be usual. Many near duplicates from one source do this: they all follow the first of them."
        );
        return view! { <p role="status">{pill(Tone::Warn, "unbalanced")}" "{message}</p> }.into_any();
    }
    view! { <p class="dim">{share}" of the images are held out: no model learns from them."</p> }.into_any()
}

fn settings(deployment: &Deployment, state: &FeedbackState, acts: FeedbackActs, admin: bool) -> AnyView {
    if !admin {
        return view! {
            <section class="panel">
                <h2>"Settings"</h2>
                <p class="dim">"Only an administrator changes where submissions go."</p>
            </section>
        }
        .into_any();
    }
    let set = acts.set;
    let open = state.target.as_ref().filter(|version| version.open);
    let dataset =
        open.map_or_else(|| format!("{}-feedback/v1", deployment.name), |version| version.full_name());
    let name = deployment.name.as_str().to_owned();
    let on = state.enabled;
    let fields = settings_fields(&state.submission);
    view! {
        <section class="panel">
            <h2>"Settings"</h2>
            <p class="dim">"An open dataset version receives image and reviewed boxes. It is made when there is none of this name."</p>
            <ActionForm action=set attr:class="form form-inside">
                <input type="hidden" name="name" value=name />
                <label for="feedback-enabled">"Submitting"</label>
                <select id="feedback-enabled" class="field field-short" name="enabled">
                    <option value="true" selected=on>"on"</option>
                    <option value="false" selected=!on>"off"</option>
                </select>
                <label for="feedback-dataset">"Dataset version"</label>
                <input id="feedback-dataset" class="field" name="dataset" value=dataset placeholder="dataset/version" autocomplete="off" />
                {fields}
                <div class="form-end">
                    <button class="button" type="submit">"Save"</button>
                    {dynamic(move || form_outcome(set.outcome(), "Saved"))}
                </div>
            </ActionForm>
        </section>
    }
    .into_any()
}

/// Two parts of the longest row, as a bar behind the figures.
fn bar(train: u64, holdout: u64, most: u64) -> AnyView {
    let share = |part: u64| format!("width: {:.1}%", part as f64 * 100.0 / most.max(1) as f64);
    let (train, holdout) = (share(train), share(holdout));
    view! {
        <span class="share" aria-hidden="true">
            <span class="share-train" style=train></span>
            <span class="share-holdout" style=holdout></span>
        </span>
    }
    .into_any()
}

fn by_label(labels: &[LabelFeedback]) -> AnyView {
    let most = labels.iter().map(|label| label.train + label.holdout).max().unwrap_or(1);
    let one = |label: &LabelFeedback| {
        let LabelFeedback { label, train, holdout } = label;
        let cells =
            vec![figure(train.to_string()), figure(holdout.to_string()), words(bar(*train, *holdout, most))];
        row(label.as_str().to_owned(), cells)
    };
    table(&["Label", "#Train", "#Held out", ""], labels.iter().map(one).collect::<Vec<_>>())
}

fn by_week(weeks: &[WeekFeedback]) -> AnyView {
    let most = weeks.iter().map(|week| week.train + week.holdout).max().unwrap_or(1);
    let one = |week: &WeekFeedback| {
        let WeekFeedback { start, train, holdout } = week;
        let cells =
            vec![figure(train.to_string()), figure(holdout.to_string()), words(bar(*train, *holdout, most))];
        row(day(*start), cells)
    };
    // The latest week first, like all lists of what happened.
    table(&["Week from", "#Train", "#Held out", ""], weeks.iter().rev().map(one).collect::<Vec<_>>())
}

fn day(at: Timestamp) -> String {
    at.to_string().chars().take(10).collect()
}

/// The submissions; `may` take them out again.
#[must_use]
pub fn submission_list(
    deployment: &Deployment,
    submissions: Vec<Submission>,
    acts: FeedbackActs,
    may: bool,
) -> AnyView {
    if submissions.is_empty() {
        let review = format!(
            "{}/predictions?q={}",
            addresses::deployment(deployment.name.as_str()),
            "status%20%3D%20reviewed"
        );
        return empty(
            "Nothing was submitted yet",
            "Review predictions, select the reviewed ones, and submit them: image and boxes become data to train on.",
            view! { <a class="button" href=review>"To the reviewed predictions"</a> }.into_any(),
        );
    }
    let name = deployment.name.as_str().to_owned();
    let rows = submissions.into_iter().map(|one| submission(&name, one, acts, may)).collect::<Vec<_>>();
    let error = move || {
        let failed = acts.unsubmit.outcome().and_then(Result::err);
        failed.map(|error| view! { <p class="bad" role="alert">{error.0.message}</p> })
    };
    view! {
        {dynamic(error)}
        <section class="panel panel-table">
            <h2>"Submitted"</h2>
            {table(&["Image", "Side", "Why", "#Boxes", "By", "When", ""], rows)}
        </section>
    }
    .into_any()
}

fn submission(name: &str, submission: Submission, acts: FeedbackActs, may: bool) -> AnyView {
    let Submission { prediction_id, side, reason, boxes, by, at, .. } = submission;
    let picture = view! {
        <a href=addresses::prediction(prediction_id)>
            <img class="row-picture" src=addresses::prediction_thumb(prediction_id) alt="The submitted image" loading="lazy" decoding="async" />
        </a>
    };
    let side = match side {
        FeedbackSide::Train => pill(Tone::Accent, "train"),
        FeedbackSide::Holdout => pill(Tone::Quiet, "held out"),
    };
    let reason = match reason {
        SideReason::Hash => "drawn by its hash",
        SideReason::Duplicate => "follows a near duplicate",
        SideReason::Lineage => "a model has learned from it",
    };
    let take_out = may.then(|| {
        let (act, name) = (acts.unsubmit, name.to_owned());
        view! {
            <ActionForm action=act>
                <input type="hidden" name="name" value=name />
                <input type="hidden" name="id" value=prediction_id.to_string() />
                <button class="button button-bare" type="submit">"Withdraw"</button>
            </ActionForm>
        }
    });
    let cells = vec![
        words(side),
        words(reason),
        figure(boxes.to_string()),
        words(by),
        words(view! { <Ago at=at /> }),
        words(take_out),
    ];
    row(picture, cells)
}
