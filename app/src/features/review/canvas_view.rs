//! The middle: the canvases, and what is there before they are: the image
//! with its boxes as the server draws it.

use super::{editor_handle::EditorHandle, scope::ReviewScope, session::ReviewSession};
use crate::{
    addresses,
    dom::{self, CanvasStack, surface_word},
    effect::effect,
    ui::{Icon, IntoAny, Palette, boxes_overlay, dynamic, empty, icon},
};
use domain::review::ReviewSubject;
use leptos::{html::Div, prelude::*};
use review::{CanvasSize, Surface};

/// Boxes of the picture that the server draws.
const STILL_BOXES: usize = 400;

/// The canvases, painted whenever the editor changed.
pub fn canvas_view(session: ReviewSession) -> AnyView {
    let (editor, painter) = (session.editor, session.painter);
    let container = NodeRef::<Div>::new();
    effect(move || {
        let Some(element) = container.get() else { return };
        let Some(stack) = CanvasStack::find(&element) else { return };
        let watch = dom::watch_size(&element, move |w, h| painter.resize(CanvasSize::new(w, h)));
        painter.mount(stack, watch);
    });
    let mut former = None;
    effect(move || {
        let image = editor.painted_image();
        if former.replace(image).is_some_and(|former| former != image) {
            painter.start_over();
        }
        painter.request_frame();
    });
    let canvases = Surface::ALL.map(|surface| {
        let main = surface == Surface::Overlay;
        view! {
            <canvas
                class="review-canvas"
                data-surface=surface_word(surface)
                tabindex=main.then_some("0")
                role=main.then_some("application")
                aria-label=main.then_some("Canvas. The list of boxes says what is on it.")
                aria-hidden=(!main).then_some("true")
            ></canvas>
        }
    });
    view! {
        <div class="review-stage" role="region" aria-label="Image">
            <div class="review-still dead-only">{still(&session.subject_now())}</div>
            <div class="review-canvases alive-only" node_ref=container>{canvases.into_iter().collect_view()}</div>
            {dynamic(move || no_picture(session))}
            {readout(session.editor)}
            {refusal(session.editor)}
            {dynamic(move || session.loading_next.get().then(|| view! { <p class="review-turning" role="status">"Next image …"</p> }))}
            {dynamic(move || session.exhausted.get().then(|| nothing_left(session)))}
        </div>
    }
    .into_any()
}

fn still(subject: &ReviewSubject) -> AnyView {
    let prediction = &subject.prediction;
    let boxes: Vec<_> = match &subject.review {
        Some(review) => review.boxes.iter().map(|b| (b.label.to_string(), b.rect)).collect(),
        None if subject.blind => Vec::new(),
        None => prediction.visible_boxes().map(|b| (b.label.to_string(), b.rect)).collect(),
    };
    let boxes: Vec<_> = boxes.into_iter().take(STILL_BOXES).collect();
    let palette = Palette::new(&subject.labels);
    let name = prediction.filename.clone().unwrap_or_default();
    let size = prediction.size;
    let picture = prediction.image.is_some().then(|| {
        let src = addresses::prediction_image(prediction.id);
        view! { <img src=src width=size.width height=size.height alt=name /> }
    });
    let ratio = format!("aspect-ratio:{}/{}", size.width, size.height);
    view! { <div style=ratio>{picture}{boxes_overlay(size, &boxes, &palette)}</div> }.into_any()
}

fn no_picture(session: ReviewSession) -> Option<AnyView> {
    let missing = session.subject.with(|subject| subject.prediction.image.is_none());
    missing.then(|| {
        view! { <p class="review-nothing dim">{icon(Icon::NoPicture)}"Reported without an image"</p> }
            .into_any()
    })
}

fn readout(editor: EditorHandle) -> AnyView {
    let text = move || {
        let (zoom, pointer) = editor.readout();
        let zoom = format!("{:.0} %", zoom * 100.0);
        pointer.map_or(zoom.clone(), |(x, y)| format!("{zoom} · x {x} y {y}"))
    };
    view! { <p class="review-readout alive-only" aria-hidden="true">{dynamic(text)}</p> }.into_any()
}

/// Why nothing happened, for who looks; a screen reader hears the announcement.
fn refusal(editor: EditorHandle) -> AnyView {
    let words = move || Some(editor.refusal()).filter(|words| !words.is_empty());
    let line =
        move || words().map(|words| view! { <p class="review-refusal" aria-hidden="true">{words}</p> });
    line.into_any()
}

fn nothing_left(session: ReviewSession) -> AnyView {
    let back = session.scope.with_value(ReviewScope::list_address);
    let links = view! { <a class="button" href=back>"Back to the predictions"</a> }.into_any();
    let advice = "Every image of this query is reviewed, or somebody else is reviewing it.";
    view! { <div class="review-done" role="status">{empty("Nothing more to review", advice, links)}</div> }
        .into_any()
}
