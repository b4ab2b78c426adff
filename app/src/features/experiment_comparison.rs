//! Experiments beside each other: their curves in one chart, their figures,
//! and their parameters with what differs marked.

use crate::{
    addresses,
    ui::{ChartPanel, IntoAny, Plot, Row, duration, hash, link, share},
    wire::ComparedExperiment,
};
use charts::{Ink, Line, LineChart, XAxis, decimal, grouped};
use domain::{model::Series, training::PARAMS};
use leptos::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// All of it.
#[must_use]
pub fn experiment_comparison(compared: &[ComparedExperiment]) -> AnyView {
    view! {
        <div class="charts charts-2">
            <ChartPanel plot=curves(compared, "Validation AP", Series::ValAp, Some(1.0)) />
            <ChartPanel plot=curves(compared, "Loss", Series::Loss, None) />
        </div>
        <section class="panel panel-table"><h2>"Figures"</h2>{side_by_side(compared, figures(compared))}</section>
        <section class="panel panel-table"><h2>"Run"</h2>{side_by_side(compared, runs(compared))}</section>
        <section class="panel panel-table"><h2>"Parameters"</h2>{side_by_side(compared, params(compared))}</section>
    }
    .into_any()
}

fn name(compared: &ComparedExperiment) -> String {
    compared.page.experiment.name.as_str().to_owned()
}

/// One line for each experiment, in the colours of labels.
fn curves(compared: &[ComparedExperiment], title: &str, series: Series, y_max: Option<f64>) -> Signal<Plot> {
    let mut by_step: BTreeMap<u32, Vec<Option<String>>> = BTreeMap::new();
    let mut lines = Vec::new();
    for (place, one) in compared.iter().enumerate() {
        let points = one.page.curves.iter().filter(|point| point.series == series);
        let points: Vec<_> = points.filter(|point| point.value.is_finite() && point.value >= 0.0).collect();
        for point in &points {
            let row = by_step.entry(point.step).or_insert_with(|| vec![None; compared.len()]);
            row[place] = Some(decimal(point.value, 4));
        }
        let points = points.iter().map(|point| (f64::from(point.step), Some(point.value))).collect();
        lines.push(Line { ink: Ink::Label(place), filled: false, points });
    }
    let steps = by_step.keys().last().copied().unwrap_or(1);
    let rows = by_step.into_iter().map(|(step, figures)| Row {
        x: f64::from(step),
        name: grouped(u64::from(step)),
        figures,
        href: None,
    });
    let names = compared.iter().enumerate().map(|(place, one)| (name(one), Ink::Label(place)));
    let plot = Plot {
        note: "by step".to_owned(),
        place: "Step".to_owned(),
        columns: names.collect(),
        rows: rows.collect(),
        chart: LineChart {
            title: title.to_owned(),
            x: XAxis::Count { to: f64::from(steps.max(1)) },
            y_max,
            lines,
        },
    };
    Signal::stored(plot)
}

/// A fact, and what it is for each experiment.
type Fact = (String, Vec<String>);

fn figures(compared: &[ComparedExperiment]) -> Vec<Fact> {
    let measured = compared.iter().flat_map(|one| one.made.iter()).flat_map(|made| &made.evaluations);
    let mut on: Vec<String> = measured.map(|e| format!("{} {}", e.dataset, e.split)).collect();
    on.sort_unstable();
    on.dedup();
    let mut facts = Vec::new();
    for on in on {
        for (figure, read) in [("AP", true), ("AP50", false)] {
            let of = |one: &ComparedExperiment| {
                let mut evaluations = one.made.iter().flat_map(|made| &made.evaluations);
                let evaluation = evaluations.rfind(|e| format!("{} {}", e.dataset, e.split) == on);
                evaluation.map_or_else(
                    || "–".to_owned(),
                    |e| share(if read { e.summary.AP } else { e.summary.AP50 }),
                )
            };
            facts.push((format!("{figure} on {on}"), compared.iter().map(of).collect()));
        }
    }
    facts
}

fn runs(compared: &[ComparedExperiment]) -> Vec<Fact> {
    type Read = fn(&ComparedExperiment) -> String;
    let facts: [(&str, Read); 7] = [
        ("State", |one| one.page.experiment.state.as_str().to_owned()),
        ("Dataset", |one| one.page.experiment.dataset.clone()),
        ("Data fingerprint", |one| one.page.experiment.fingerprint.clone()),
        ("Started from", |one| one.page.experiment.base.clone().unwrap_or_else(|| "nothing".to_owned())),
        ("Trainer", |one| one.page.experiment.params.trainer_name().to_owned()),
        ("Program", |one| one.page.experiment.code_version.clone()),
        ("Took", |one| match (one.page.experiment.started, one.page.experiment.finished) {
            (Some(from), Some(to)) => duration(to.since_ms(from) as f64 / 1000.0),
            _ => "–".to_owned(),
        }),
    ];
    facts.into_iter().map(|(name, read)| (name.to_owned(), compared.iter().map(read).collect())).collect()
}

fn params(compared: &[ComparedExperiment]) -> Vec<Fact> {
    let mut keys: Vec<String> = Vec::new();
    // In the order in which forms have them, and then what other trainers have.
    let own = compared.iter().flat_map(|one| one.page.experiment.params.to_map().into_iter());
    let known = PARAMS.iter().map(|info| info.key.to_owned());
    let all: BTreeSet<String> = own.map(|(key, _)| key).collect();
    for key in known.filter(|key| all.contains(key)).chain(all.iter().cloned()) {
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    let row = |key: String| {
        let text = |one: &ComparedExperiment| one.page.experiment.params.text(&key);
        let texts = compared.iter().map(|one| text(one).unwrap_or_else(|| "–".to_owned())).collect();
        (key, texts)
    };
    keys.into_iter().map(row).collect()
}

/// A row a fact, a column an experiment; rows that differ stand out.
fn side_by_side(compared: &[ComparedExperiment], facts: Vec<Fact>) -> AnyView {
    let heads: Vec<AnyView> = compared
        .iter()
        .map(|one| {
            let name = name(one);
            view! { <th scope="col" class="num">{link(addresses::experiment(&name), name.clone())}</th> }
                .into_any()
        })
        .collect();
    let rows: Vec<AnyView> = facts
        .into_iter()
        .map(|(name, values)| {
            let differs = values.windows(2).any(|pair| pair[0] != pair[1]);
            let class = if differs { "differs" } else { "" };
            let cells: Vec<AnyView> = values
                .into_iter()
                .map(|value| {
                    let cell = if value.len() > 32 { hash(&value) } else { value.into_any() };
                    view! { <td class="num">{cell}</td> }.into_any()
                })
                .collect();
            view! { <tr class=class><th scope="row">{name}</th>{cells}</tr> }.into_any()
        })
        .collect();
    view! {
        <div class="scroll" tabindex="0" role="group" aria-label="Table">
            <table class="table">
                <thead><tr><td></td>{heads}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}
