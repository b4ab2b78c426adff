//! Mouse, pen and fingers on the canvas, as events of the review editor.

use super::listen::{Listener, listen};
use review::{Button, Event, Modifiers, Pointer, PointerKind, ScreenPoint, WheelTurn, WheelUnit};
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{Element, MouseEvent, PointerEvent, WheelEvent};

/// Keeps a pointer that was pressed on an element with that element, wherever
/// it goes before it is let go.
pub fn hold_pointer(event: &PointerEvent) {
    let element = event.current_target().and_then(|target| target.dyn_into::<Element>().ok());
    if let Some(element) = element {
        // A pointer that is already gone cannot be captured, and need not be.
        let _ = element.set_pointer_capture(event.pointer_id());
    }
}

/// Tells `act` what happens on `element`, until the listeners are dropped.
pub fn watch_pointer(element: &Element, act: impl Fn(Event) + 'static) -> Vec<Listener> {
    let act = Rc::new(act);
    let mut listeners = Vec::new();
    for kind in ["pointerdown", "pointermove", "pointerup", "pointercancel", "pointerleave"] {
        let (act, element_too) = (Rc::clone(&act), element.clone());
        let handler = move |event: web_sys::Event| {
            if let Ok(event) = event.dyn_into::<PointerEvent>()
                && let Some(event) = of_pointer(&element_too, kind, &event)
            {
                act(event);
            }
        };
        listeners.extend(listen(element, kind, Box::new(handler)));
    }
    let (wheel, element_too) = (Rc::clone(&act), element.clone());
    let handler = move |event: web_sys::Event| {
        event.prevent_default();
        if let Ok(event) = event.dyn_into::<WheelEvent>() {
            wheel(of_wheel(&element_too, &event));
        }
    };
    listeners.extend(listen(element, "wheel", Box::new(handler)));
    listeners.extend(listen(element, "contextmenu", Box::new(|event| event.prevent_default())));
    listeners
}

fn of_pointer(element: &Element, kind: &str, event: &PointerEvent) -> Option<Event> {
    let pointer = Pointer {
        id: event.pointer_id(),
        at: place(element, event),
        button: match event.button() {
            1 => Button::Middle,
            2 => Button::Secondary,
            _ => Button::Primary,
        },
        kind: match event.pointer_type().as_str() {
            "touch" => PointerKind::Touch,
            "pen" => PointerKind::Pen,
            _ => PointerKind::Mouse,
        },
        keys: keys(event),
    };
    match kind {
        "pointerdown" => {
            // A middle button would begin to scroll. A pointer that is already
            // gone cannot be captured, and need not be.
            event.prevent_default();
            let _ = element.set_pointer_capture(pointer.id);
            super::focus(element);
            Some(Event::Down(pointer))
        }
        "pointermove" => Some(Event::Move(pointer)),
        "pointerup" => Some(Event::Up(pointer)),
        "pointercancel" => Some(Event::Cancel { id: pointer.id }),
        _ => Some(Event::Leave),
    }
}

fn of_wheel(element: &Element, event: &WheelEvent) -> Event {
    let unit = match event.delta_mode() {
        WheelEvent::DOM_DELTA_LINE => WheelUnit::Lines,
        WheelEvent::DOM_DELTA_PAGE => WheelUnit::Pages,
        _ => WheelUnit::Pixels,
    };
    let (at, keys) = (place(element, event), keys(event));
    WheelTurn { at, delta_x: event.delta_x(), delta_y: event.delta_y(), unit, keys }.event()
}

/// Where on the element; a captured pointer may be outside it.
fn place(element: &Element, event: &MouseEvent) -> ScreenPoint {
    let corner = element.get_bounding_client_rect();
    ScreenPoint::new(f64::from(event.client_x()) - corner.left(), f64::from(event.client_y()) - corner.top())
}

fn keys(event: &MouseEvent) -> Modifiers {
    Modifiers { shift: event.shift_key(), ctrl: event.ctrl_key() || event.meta_key(), alt: event.alt_key() }
}
