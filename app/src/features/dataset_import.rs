//! An import as it goes, and what it found.

use crate::{
    addresses,
    effect::effect,
    live::{LiveUpdate, on_live, throttled},
    server_fns::{
        dataset_imports::get_import,
        import_acts::{CancelImport, UndoImport},
        import_launch::ImportDataset,
    },
    ui::{
        ActionForm, Ago, FormAction, IntoAny, dynamic, fact, figure, form_error, link, parted, pill, row,
        sentence, table, words, work_badge,
    },
};
use charts::grouped;
use domain::{
    dataset::Split,
    dataset_import::{DatasetImport, ImportFault, ImportReport},
    event::Event,
    work::WorkState,
};
use leptos::{prelude::*, task::spawn_local};
use std::time::Duration;

/// Faults on the page; all are counted.
const SHOWN_FAULTS: usize = 200;

/// One import, followed while it runs.
#[component]
pub fn ImportView(
    /// As the server drew it.
    first: DatasetImport,
    /// Whether the person may go on with it.
    admin: bool,
) -> impl IntoView {
    let id = first.id;
    let import = RwSignal::new(first);
    let fetch = throttled(Duration::from_millis(400), move || {
        spawn_local(async move {
            // A failed look is made good by the next.
            if let Ok(now) = get_import(id.to_string()).await.and_then(|now| now.open()) {
                import.try_set(now);
            }
        });
    });
    let again = fetch.clone();
    on_live(move |update| match update {
        LiveUpdate::Refetch => fetch(),
        LiveUpdate::Event(Event::WorkChanged { id: changed }) if *changed == id => fetch(),
        LiveUpdate::Event(_) => {}
    });
    let undo = FormAction::<UndoImport>::new();
    effect(move || {
        if matches!(undo.outcome(), Some(Ok(()))) {
            again();
        }
    });
    let report = Memo::new(move |_| import.with(|import| import.report.clone()));
    view! {
        {dynamic(move || import.with(|import| state(import, admin, undo)))}
        {dynamic(move || report.get().map(|report| found(&report, import.with_untracked(|import| import.order.check))))}
    }
}

fn state(import: &DatasetImport, admin: bool, undo: FormAction<UndoImport>) -> AnyView {
    let moving = !import.state.is_final();
    let bar = moving.then(|| {
        view! { <progress max="1" value=import.progress.to_string() aria-label="Progress"></progress> }
    });
    let message = match (import.state, &import.made) {
        (WorkState::Succeeded, Some(made)) => {
            view! { <span>"Imported as "{link(addresses::dataset(made), made.clone())}</span> }.into_any()
        }
        (WorkState::Succeeded, None) if !import.order.check => {
            view! { <span>"The version was deleted."</span> }.into_any()
        }
        (WorkState::Failed, _) => {
            view! { <span class="bad" role="alert">{import.message.clone()}</span> }.into_any()
        }
        _ => view! { <span role="status">{import.message.clone()}</span> }.into_any(),
    };
    view! {
        <section class="panel">
            <div class="form-row">{work_badge(import.state)}{bar}{message}</div>
            {admin.then(|| acts(import, undo))}
            <dl class="facts">
                {fact("File", import.filename.clone())}
                {fact("Dataset", import.order.dataset.to_string())}
                {fact("Requested by", import.requested_by.clone())}
                {fact("Requested", view! { <Ago at=import.created /> })}
            </dl>
        </section>
    }
    .into_any()
}

/// What an administrator may do with it now.
fn acts(import: &DatasetImport, undo: FormAction<UndoImport>) -> AnyView {
    let id = import.id.to_string();
    match (import.state, import.order.check, &import.made) {
        (WorkState::Queued | WorkState::Running, ..) => {
            let cancel = FormAction::<CancelImport>::new();
            view! {
                <ActionForm action=cancel>
                    <input type="hidden" name="id" value=id />
                    <button class="button" type="submit">"Cancel"</button>
                </ActionForm>
                {dynamic(move || form_error(cancel.outcome()))}
            }
            .into_any()
        }
        (WorkState::Succeeded, true, _) => {
            match import.report.as_ref().is_some_and(|r| !r.problems.is_empty()) {
                true => again(import, "Import what is sound", true),
                false => again(import, "Import", false),
            }
        }
        (WorkState::Failed | WorkState::Cancelled, false, _) => {
            match import.report.as_ref().is_some_and(|r| !r.problems.is_empty()) {
                true => again(import, "Import what is sound", true),
                false => again(import, "Try again", import.order.choices.keep_going),
            }
        }
        (_, false, Some(_)) => view! {
            <ActionForm action=undo>
                <input type="hidden" name="id" value=id />
                <button class="button" type="submit" disabled=undo.pending()>"Undo"</button>
                " "<span class="dim">"deletes the version if nothing uses it"</span>
            </ActionForm>
            {dynamic(move || form_error(undo.outcome()))}
        }
        .into_any(),
        _ => ().into_any(),
    }
}

/// The same files once more, to be stored this time.
fn again(import: &DatasetImport, words: &'static str, keep_going: bool) -> AnyView {
    let act = FormAction::<ImportDataset>::new();
    let order = &import.order;
    let fields = [
        ("upload", order.upload.to_string()),
        ("dataset", order.dataset.to_string()),
        ("version", order.version.as_ref().map(ToString::to_string).unwrap_or_default()),
        ("format", order.format.clone().unwrap_or_default()),
        ("split", order.split.map(|split| split.to_string()).unwrap_or_default()),
        ("way[strict]", order.strict.to_string()),
        ("way[keep_going]", keep_going.to_string()),
    ];
    let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value));
    let choices = order.choices.words().map(|(name, word)| (format!("way[choices][{name}]"), word));
    let hidden = |(name, value)| view! { <input type="hidden" name=name value=value /> }.into_any();
    let hidden: Vec<AnyView> = fields.chain(choices).map(hidden).collect();
    view! {
        <ActionForm action=act>
            {hidden}
            <button class="button button-main" type="submit" disabled=act.pending()>{words}</button>
        </ActionForm>
        {dynamic(move || form_error(act.outcome()))}
    }
    .into_any()
}

fn found(report: &ImportReport, check: bool) -> AnyView {
    let decisions: Vec<_> = report.decisions.iter().map(|line| view! { <li>{line.clone()}</li> }).collect();
    let decisions = (!decisions.is_empty()).then(|| view! { <ul class="import-decisions">{decisions}</ul> });
    let problems: Vec<_> =
        report.problems.iter().map(|line| view! { <li class="bad">{line.clone()}</li> }).collect();
    let problems = (!problems.is_empty())
        .then(|| view! { <ul class="import-decisions" aria-label="Problems">{problems}</ul> });
    let split_figure = |split: Split| {
        let count = report.by_split.get(&split).copied().unwrap_or(0);
        view! { <div><b>{grouped(count)}</b><span>{split.as_str()}</span></div> }.into_any()
    };
    let splits: Vec<AnyView> = Split::ALL.into_iter().map(split_figure).collect();
    let labels: Vec<_> = report
        .by_label
        .iter()
        .map(|(label, count)| row(label.to_string(), vec![figure(grouped(*count))]))
        .collect();
    view! {
        <div class="columns columns-2">
            <section class="panel">
                <h2>{if check { "What an import would make" } else { "What was found" }}</h2>
                <div class="figures">
                    <div><b>{grouped(report.images)}</b><span>"images"</span></div>
                    <div><b>{grouped(report.boxes)}</b><span>"boxes"</span></div>
                    {splits}
                </div>
                <dl class="facts">
                    {fact("Images without boxes", grouped(report.without_boxes))}
                    {fact("Left out", format!("{} images, {} boxes", grouped(report.left_out_images), grouped(report.left_out_boxes)))}
                </dl>
                {problems}
                {decisions}
            </section>
            <section class="panel panel-table"><h2>"Boxes by label"</h2>{table(&["Label", "#Boxes"], labels)}</section>
        </div>
        {faults(report)}
    }
    .into_any()
}

fn faults(report: &ImportReport) -> AnyView {
    let all = report.faults_in_all();
    if all == 0 {
        return view! { <p class="good">"No faults."</p> }.into_any();
    }
    let kinds: Vec<_> = report
        .fault_counts
        .iter()
        .map(|(kind, count)| view! { <li>{kind.replace('_', " ")}" "<b>{grouped(*count)}</b></li> })
        .collect();
    let rows: Vec<_> = report.faults.iter().take(SHOWN_FAULTS).map(fault).collect();
    let more = all.saturating_sub(rows.len() as u64);
    let more = (more > 0).then(|| view! { <p class="dim">{format!("… and {} more", grouped(more))}</p> });
    view! {
        <section class="panel panel-table">
            <h2>{format!("Faults ({})", grouped(all))}</h2>
            <ul class="import-kinds">{kinds}</ul>
            {table(&["File", "Place", "Effect", "What is wrong"], rows)}
            {more}
        </section>
    }
    .into_any()
}

fn fault(fault: &ImportFault) -> AnyView {
    use crate::ui::Tone;
    let badge = if fault.is_error { pill(Tone::Bad, "left out") } else { pill(Tone::Warn, "kept") };
    let cells = vec![words(fault.place.clone()), words(badge), sentence(fault.message.clone())];
    row(parted(&fault.file), cells)
}
