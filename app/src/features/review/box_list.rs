//! The boxes by label. For a screen reader this is the canvas: every box in
//! words, to be chosen, shown, locked, deleted.

use super::session::ReviewSession;
use crate::{
    dom,
    effect::effect,
    ui::{For, Icon, IntoAny, dynamic, follow, handler, icon},
};
use domain::name::Label;
use leptos::{ev::KeyboardEvent, html::Div, prelude::*};
use review::{BoxId, BoxRow, Command, Group, LabelIndex, Slot};

/// Up to so many rows are all in the document; more come and go as the list
/// is scrolled.
const ALL_ROWS: usize = 150;
/// Heights that the style sheet gives, in CSS pixels.
const ROW_PX: f64 = 26.0;
const HEAD_PX: f64 = 34.0;
/// Rows in the document before and after those that are seen.
const SPARE_ROWS: usize = 12;

/// The rows of a label that are in the document.
#[derive(Clone, Debug, PartialEq)]
struct ListWindow {
    label: LabelIndex,
    slot: Slot,
    open: bool,
    /// All boxes of the label.
    count: usize,
    /// Those whose rows are in the document.
    ids: Vec<BoxId>,
    /// Rows left out before and after them.
    left_out: (usize, usize),
}

/// The style sheet's class of a label's colour.
pub fn ink(slot: Slot) -> String {
    format!("ink-{}", slot.get() + 1)
}

/// The list.
pub fn box_list(session: ReviewSession) -> AnyView {
    let list = NodeRef::<Div>::new();
    let scroll = RwSignal::new((0.0, 800.0));
    let groups = Memo::new(move |_| {
        session.editor.boxes_version();
        session.editor.read(groups_of)
    });
    let parts = Memo::new(move |_| groups.with(|groups| window(groups, scroll.get())));
    effect(move || {
        groups.track();
        if let Some(element) = list.get() {
            scroll.set(dom::view_of(&element));
        }
    });
    let scrolled = move |_| {
        if let Some(element) = list.get_untracked() {
            scroll.set(dom::view_of(&element));
        }
    };
    view! {
        <div class="review-boxes" node_ref=list on:scroll=handler(scrolled) on:pointerleave=handler(move |_| hover(session, None))>
            <For each=move || parts.get() key=|part| (part.label, part.slot.get()) let:part>
                {group(session, part.label, part.slot, parts)}
            </For>
            <p class="dim review-empty">{dynamic(move || {
                session.editor.boxes_version();
                session.editor.read(review::Editor::is_empty).then_some("No box yet. Draw one with D, or add one in the middle with N.")
            })}</p>
        </div>
    }
    .into_any()
}

/// A label and the ids of its boxes; labels without a box too, so that one
/// can choose what to draw.
fn groups_of(editor: &review::Editor) -> Vec<(LabelIndex, Slot, bool, Vec<BoxId>)> {
    let one = |Group { label, slot, open, rows, .. }| {
        (label, slot, open, rows.iter().map(|row: &BoxRow| row.id).collect())
    };
    editor.groups().into_iter().map(one).collect()
}

/// Which rows are in the document, where all would be too many.
fn window(groups: &[(LabelIndex, Slot, bool, Vec<BoxId>)], (top, height): (f64, f64)) -> Vec<ListWindow> {
    let total: usize = groups.iter().map(|(.., ids)| ids.len()).sum();
    let mut head_at = 0.0;
    let one = |(label, slot, open, ids): &(LabelIndex, Slot, bool, Vec<BoxId>)| {
        let first_row_at = head_at + HEAD_PX;
        head_at = first_row_at + ids.len() as f64 * ROW_PX;
        let (from, to) = if total <= ALL_ROWS {
            (0, ids.len())
        } else {
            let row = |y: f64| ((y - first_row_at) / ROW_PX).max(0.0) as usize;
            let to = (row(top + height) + SPARE_ROWS).min(ids.len());
            (row(top).saturating_sub(SPARE_ROWS).min(to), to)
        };
        ListWindow {
            label: *label,
            slot: *slot,
            open: *open,
            count: ids.len(),
            ids: ids.get(from..to).unwrap_or_default().to_vec(),
            left_out: (from, ids.len() - to),
        }
    };
    groups.iter().map(one).collect()
}

fn group(session: ReviewSession, label: LabelIndex, slot: Slot, parts: Memo<Vec<ListWindow>>) -> AnyView {
    let part = move || parts.with(|parts| parts.iter().find(|part| part.label == label).cloned());
    let name = move || {
        session.editor.boxes_version();
        session.editor.read(|editor| editor.labels().text(label).to_owned())
    };
    let count = move || part().map_or(0, |part| part.count);
    let open = move || part().is_none_or(|part| part.open);
    let current = move || (session.editor.glance().label == label).then_some("true");
    let padding = move || {
        let (before, after) = part().map_or((0, 0), |part| part.left_out);
        format!("padding-block:{}px {}px", before as f64 * ROW_PX, after as f64 * ROW_PX)
    };
    let digit = (label.0 < 9).then(|| view! { <kbd>{label.0 + 1}</kbd> });
    view! {
        <section class="review-group" class:review-closed=follow(move || !open())>
            <h3>
                <button
                    type="button"
                    class="review-label"
                    aria-current=follow(current)
                    title="Label of the selected boxes, and of the next one"
                    on:click=handler(move |_| session.editor.execute(Command::Relabel(label)))
                >
                    <i class=format!("swatch {}", ink(slot))></i>
                    <span>{dynamic(name)}</span>
                    <span class="dim">{dynamic(count)}</span>
                </button>
                {digit}
                <button
                    type="button"
                    class="review-mini alive-only"
                    aria-pressed=follow(move || open().to_string())
                    aria-label=follow(move || format!("Show {}", name()))
                    on:click=handler(move |_| session.editor.change(|editor| editor.toggle_eye(label)))
                >
                    {dynamic(move || icon(if open() { Icon::Eye } else { Icon::EyeOff }))}
                </button>
            </h3>
            <ul style=follow(padding)>
                <For each=move || part().map(|part| part.ids).unwrap_or_default() key=|id| *id let:id>
                    {row(session, id)}
                </For>
            </ul>
        </section>
    }
    .into_any()
}

fn hover(session: ReviewSession, id: Option<BoxId>) {
    session.editor.change(|editor| editor.set_hover(id));
}

fn row(session: ReviewSession, id: BoxId) -> AnyView {
    let row = Memo::new(move |_| {
        session.editor.boxes_version();
        session.editor.glance();
        session.editor.read(|editor| {
            let label = editor.get(id).and_then(|b| editor.labels().get(b.label)).map(Label::to_string);
            editor.row_of(id).map(|row| (row, label.unwrap_or_default()))
        })
    });
    let about =
        move |look: fn(&BoxRow) -> bool| row.with(|row| row.as_ref().is_some_and(|(row, _)| look(row)));
    let selected = move || about(|row| row.selected);
    let locked = move || about(|row| row.locked);
    let words = move || row.with(|row| row.as_ref().map(|(row, label)| row.description(label)));
    let texts = move || row.with(|row| row.as_ref().map(|(row, _)| (row.place(), score_text(row))));
    let lock_name = move || if locked() { "Unlock" } else { "Lock" };
    view! {
        <li
            class="review-row"
            class:chosen=follow(selected)
            class:pointed=follow(move || session.editor.hovered().own == Some(id))
            class:review-hidden=follow(move || !about(|row| row.shown))
            on:pointerenter=handler(move |_| hover(session, Some(id)))
        >
            <button
                type="button"
                class="review-row-main"
                data-row=id.0
                aria-pressed=follow(move || selected().to_string())
                aria-label=follow(words)
                on:click=handler(move |_| session.editor.execute(Command::Select(id)))
                on:focus=handler(move |_| hover(session, Some(id)))
                on:keydown=handler(move |event| walk(session, &event))
            >
                <span>{dynamic(move || texts().map(|(place, _)| place))}</span>
                <span class="num">{dynamic(move || texts().map(|(_, score)| score))}</span>
            </button>
            <button
                type="button"
                class="review-mini alive-only"
                class:review-on=follow(locked)
                tabindex="-1"
                aria-label=follow(lock_name)
                on:click=handler(move |_| act_on(session, id, Command::ToggleLock))
            >
                {dynamic(move || icon(if locked() { Icon::Lock } else { Icon::Unlock }))}
            </button>
            <button
                type="button"
                class="review-mini alive-only"
                tabindex="-1"
                aria-label="Delete"
                on:click=handler(move |_| act_on(session, id, Command::Delete))
            >
                {icon(Icon::Bin)}
            </button>
        </li>
    }
    .into_any()
}

fn score_text(row: &BoxRow) -> String {
    match row.score {
        _ if row.ignore => "ignored".to_owned(),
        Some(score) => format!("{:.2}", score.get()),
        None => "by hand".to_owned(),
    }
}

/// Commands act on what is selected.
fn act_on(session: ReviewSession, id: BoxId, command: Command) {
    session.editor.execute(Command::Select(id));
    session.editor.execute(command);
}

/// Arrows walk the list while it has the focus; Enter goes to the canvas,
/// where they move the box.
fn walk(session: ReviewSession, event: &KeyboardEvent) {
    let command = match event.key().as_str() {
        "ArrowDown" => Command::SelectNext,
        "ArrowUp" => Command::SelectPrevious,
        _ => return,
    };
    event.prevent_default();
    session.editor.execute(command);
    focus_selected(session);
}

/// Gives the row of the selected box the focus.
pub fn focus_selected(session: ReviewSession) {
    if let Some(id) = session.editor.read(|editor| editor.selected().next()) {
        dom::focus_on(&format!("[data-row=\"{}\"]", id.0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(counts: &[u32]) -> Vec<(LabelIndex, Slot, bool, Vec<BoxId>)> {
        let labels = (0..).map(LabelIndex);
        labels
            .zip(counts)
            .map(|(label, n)| (label, label.into(), true, (0..*n).map(BoxId).collect()))
            .collect()
    }

    #[test]
    fn a_short_list_is_there_as_a_whole() {
        let parts = window(&groups(&[5, 0, 2]), (0.0, 10.0));
        assert_eq!(parts.iter().map(|part| part.ids.len()).collect::<Vec<_>>(), [5, 0, 2]);
        assert!(parts.iter().all(|part| part.left_out == (0, 0)));
    }

    #[test]
    fn of_a_long_list_only_what_is_in_view_is_there_and_the_rest_keeps_its_space() {
        for top in [0.0, 5_000.0, 26_000.0, 1e9] {
            let parts = window(&groups(&[1_000, 3, 5_000]), (top, 520.0));
            let there: usize = parts.iter().map(|part| part.ids.len()).sum();
            assert!(there <= 20 + 2 * 3 * SPARE_ROWS, "{there} at {top}");
            for part in parts {
                assert_eq!(part.left_out.0 + part.ids.len() + part.left_out.1, part.count);
            }
        }
    }
}
