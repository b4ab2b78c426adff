//! Tables and lists of facts. One shape for all of them, so that the browser
//! has its code once.

use super::IntoAny;
use leptos::prelude::*;

/// A cell, or the head of a column.
pub struct Cell {
    content: AnyView,
    class: &'static str,
}

/// A cell of words.
pub fn words(content: impl IntoAny) -> Cell {
    Cell { content: content.into_any(), class: "" }
}

/// A name of several words without a space: where there is less room, it is
/// broken where they join.
pub fn parted(name: &str) -> AnyView {
    let parts = name.split_inclusive(['.', '_', '@', '/', '-']).map(str::to_owned);
    let parts: Vec<_> = parts.map(|part| view! { {part}<wbr /> }).collect();
    view! { <span>{parts}</span> }.into_any()
}

/// A cell of a sentence, which takes more lines where there is less room.
pub fn sentence(content: impl IntoAny) -> Cell {
    Cell { content: content.into_any(), class: "sentence" }
}

/// A cell of a figure, at the right.
pub fn figure(content: impl IntoAny) -> Cell {
    Cell { content: content.into_any(), class: "num" }
}

/// A cell of less weight.
pub fn aside(content: impl IntoAny) -> Cell {
    Cell { content: content.into_any(), class: "dim detail" }
}

fn cells(cells: Vec<Cell>) -> Vec<AnyView> {
    cells.into_iter().map(|cell| view! { <td class=cell.class>{cell.content}</td> }.into_any()).collect()
}

/// A row: what it is about, then its cells.
pub fn row(head: impl IntoAny, rest: Vec<Cell>) -> AnyView {
    view! { <tr><th scope="row">{head.into_any()}</th>{cells(rest)}</tr> }.into_any()
}

/// A row that belongs to the one above it.
pub fn sub_row(head: impl IntoAny, rest: Vec<Cell>) -> AnyView {
    view! { <tr class="sub-row"><th scope="row">{head.into_any()}</th>{cells(rest)}</tr> }.into_any()
}

/// A table with these columns; a name that begins with `#` is of figures.
pub fn table(columns: &[impl AsRef<str>], rows: impl IntoAny) -> AnyView {
    let heads: Vec<AnyView> = columns
        .iter()
        .map(|name| {
            let (class, name) = match name.as_ref().strip_prefix('#') {
                Some(name) => ("num", name),
                None => ("", name.as_ref()),
            };
            if name.trim().is_empty() {
                // A column of buttons has no heading, and an empty one would be read out.
                return view! { <td class=class></td> }.into_any();
            }
            view! { <th scope="col" class=class>{name.to_owned()}</th> }.into_any()
        })
        .collect();
    view! {
        // Where a table is wider than its place, the keyboard must move it, too.
        <div class="scroll" tabindex="0" role="group" aria-label="Table">
            <table class="table">
                <thead><tr>{heads}</tr></thead>
                <tbody>{rows.into_any()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// A name and what it is.
pub fn fact(name: impl Into<String>, value: impl IntoAny) -> AnyView {
    view! { <div><dt>{name.into()}</dt><dd>{value.into_any()}</dd></div> }.into_any()
}

/// A long hexadecimal number, shortened; whole on hover.
pub fn hash(whole: &str) -> AnyView {
    let short: String = whole.chars().take(16).collect();
    view! { <span class="hash" title=whole.to_owned()>{short}</span> }.into_any()
}

/// A link.
pub fn link(href: String, name: impl Into<String>) -> AnyView {
    view! { <a href=href>{name.into()}</a> }.into_any()
}
