//! Alerts: what there is, what they said, and a form for another.

use super::MonitoringActs;
use crate::ui::{ActionForm, Ago, IntoAny, Tone, dynamic, figure, form_outcome, pill, row, table, words};
use charts::decimal;
use domain::{
    alert::{Operator, Watch, WatchedFigure},
    notice::{AlertEvent, KeptRule},
};
use leptos::prelude::*;

/// Spans that a figure is measured over: seconds, and what people call them.
const WINDOWS: [(i64, &str); 5] =
    [(300, "5 minutes"), (3_600, "hour"), (21_600, "6 hours"), (86_400, "day"), (604_800, "week")];
const SUSTAINED: [(i64, &str); 4] =
    [(0, "at once"), (300, "5 minutes"), (900, "15 minutes"), (3_600, "an hour")];

/// The alerts of a deployment, with a form for another.
#[must_use]
pub fn alerts_panel(name: &str, rules: &[KeptRule], events: &[AlertEvent], acts: MonitoringActs) -> AnyView {
    let fresh = events.iter().filter(|event| event.read.is_none()).count();
    view! {
        <section class="panel" id="alerts">
            <div class="panel-head"><h2>"Alerts"</h2>{inbox(name, fresh, acts)}</div>
            <p class="dim">"Rules are evaluated every 15 seconds. When one fires or clears, the dashboard shows it and the webhooks receive it."</p>
            {list(name, rules, acts)}
            {form(name, acts)}
        </section>
    }
    .into_any()
}

fn inbox(name: &str, fresh: usize, acts: MonitoringActs) -> Option<AnyView> {
    let (act, name) = (acts.read_alerts, name.to_owned());
    (fresh > 0).then(|| {
        let words = if fresh == 1 { "1 new".to_owned() } else { format!("{fresh} new") };
        view! {
            <ActionForm action=act attr:class="row-acts">
                <input type="hidden" name="name" value=name />
                {pill(Tone::Accent, words)}
                <button class="button button-bare" type="submit">"Mark as read"</button>
            </ActionForm>
        }
        .into_any()
    })
}

fn list(name: &str, rules: &[KeptRule], acts: MonitoringActs) -> AnyView {
    if rules.is_empty() {
        return ().into_any();
    }
    let rows: Vec<_> = rules.iter().map(|rule| one(name, rule, acts)).collect();
    let failed = move || {
        let error = acts.delete_alert.outcome().and_then(Result::err);
        error.map(|error| view! { <p class="bad" role="alert">{error.0.message}</p> })
    };
    view! { {table(&["Alert", "Fires when", "#Over", "State", ""], rows)}{dynamic(failed)} }.into_any()
}

fn span(ms: i64) -> String {
    let seconds = ms / 1_000;
    let known = WINDOWS.iter().find(|(s, _)| *s == seconds);
    known.map_or_else(|| crate::ui::duration(seconds as f64), |(_, name)| (*name).to_owned())
}

fn one(name: &str, kept: &KeptRule, acts: MonitoringActs) -> AnyView {
    let what = match &kept.rule.watch {
        Watch::Metric(figure) => view! { <code>{figure.name()}</code> }.into_any(),
        Watch::QueryCount(query) => view! { "how many match "<code>{query.clone()}</code>":" }.into_any(),
    };
    let when = format!(" {} {}", kept.rule.operator.as_str(), decimal(kept.rule.limit, 6));
    let held = (kept.rule.sustained_ms > 0).then(|| format!(", for {}", span(kept.rule.sustained_ms)));
    let silent = kept.silent_since.map(|since| view! { {pill(Tone::Warn, "no data")}" "<Ago at=since />" " });
    let state = match (kept.enabled, kept.firing_since) {
        (false, _) => pill(Tone::Quiet, "off"),
        (true, Some(since)) => view! { {silent}{pill(Tone::Bad, "firing")}" "<Ago at=since /> }.into_any(),
        (true, None) if silent.is_some() => silent.into_any(),
        (true, None) => pill(Tone::Good, "quiet"),
    };
    let (act, name, id) = (acts.delete_alert, name.to_owned(), kept.id.to_string());
    let label = format!("Delete {}", kept.name);
    let delete = view! {
        <ActionForm action=act>
            <input type="hidden" name="name" value=name />
            <input type="hidden" name="id" value=id />
            <button class="button button-bare" type="submit" aria-label=label>"Delete"</button>
        </ActionForm>
    };
    let cells = vec![
        words(view! { {what}{when}{held} }),
        figure(span(kept.rule.window_ms)),
        words(state),
        words(delete),
    ];
    row(kept.name.clone(), cells)
}

fn options<T: ToString>(list: &[(T, &'static str)], chosen: &str) -> Vec<AnyView> {
    list.iter()
        .map(|(value, text)| {
            let value = value.to_string();
            let selected = value == chosen;
            view! { <option value=value selected=selected>{*text}</option> }.into_any()
        })
        .collect()
}

fn form(name: &str, acts: MonitoringActs) -> AnyView {
    let act = acts.add_alert;
    let name = name.to_owned();
    let figures = |supervised: bool| {
        WatchedFigure::all()
            .filter(|figure| figure.needs_reviews() == supervised)
            .map(|figure| view! { <option value=figure.name()>{figure.name().replace('_', " ")}</option> })
            .collect::<Vec<_>>()
    };
    let (unsupervised, supervised) = (figures(false), figures(true));
    let signs: Vec<_> = Operator::ALL.iter().map(|o| view! { <option>{o.as_str()}</option> }).collect();
    view! {
        <details class="form-more">
            <summary>"Add an alert"</summary>
            <ActionForm action=act attr:class="form">
                <input type="hidden" name="name" value=name />
                <label for="alert-name">"Name"</label>
                <input id="alert-name" class="field" name="form[name]" required maxlength="80" autocomplete="off" />
                <label for="alert-watch">"Watch"</label>
                <select id="alert-watch" class="field" name="form[watch]">
                    <optgroup label="Without reviews">
                        {unsupervised}
                        <option value="query">"number of predictions that match a query"</option>
                    </optgroup>
                    <optgroup label="From reviews of randomly picked images">{supervised}</optgroup>
                </select>
                <label for="alert-query">"Query"</label>
                <div>
                    <input id="alert-query" class="field" name="form[query]" placeholder="min_confidence < 0.4" autocomplete="off" aria-describedby="alert-query-rule" />
                    <p id="alert-query-rule" class="dim">"Only where matches are counted; as on the Predictions page."</p>
                </div>
                <label for="alert-limit">"Fires when it is"</label>
                <div class="form-row">
                    <select class="field" name="form[operator]" aria-label="Operator">{signs}</select>
                    <input id="alert-limit" class="field field-short" type="number" step="any" name="form[limit]" required />
                </div>
                <label for="alert-window">"Over the last"</label>
                <select id="alert-window" class="field" name="form[window_s]">{options(&WINDOWS, "3600")}</select>
                <label for="alert-sustained">"For at least"</label>
                <select id="alert-sustained" class="field" name="form[sustained_s]">{options(&SUSTAINED, "0")}</select>
                <label for="alert-hysteresis">"Clears when back by"</label>
                <input id="alert-hysteresis" class="field field-short" type="number" step="any" min="0" name="form[hysteresis]" value="0" required />
                <div class="form-end">
                    <button class="button button-main" type="submit">"Add"</button>
                    {dynamic(move || form_outcome(act.outcome(), "Added"))}
                </div>
            </ActionForm>
        </details>
    }
    .into_any()
}
