//! A name that is cut in its middle where there is no room for all of it: what
//! tells files apart stands at their names' ends.

use crate::ui::IntoAny;
use leptos::prelude::*;

/// What always stays: a number and its ending.
const END: usize = 11;

/// The name, whole on hover.
#[must_use]
pub fn middle_cut(name: &str) -> AnyView {
    let (beginning, end) = halves(name);
    let (beginning, end, whole) = (beginning.to_owned(), end.to_owned(), name.to_owned());
    view! { <span class="middle" title=whole><span>{beginning}</span><span>{end}</span></span> }.into_any()
}

fn halves(name: &str) -> (&str, &str) {
    let letters = name.chars().count();
    if letters <= END {
        return (name, "");
    }
    let at = name.char_indices().nth(letters - END).map_or(name.len(), |(at, _)| at);
    name.split_at(at)
}

#[cfg(test)]
mod tests {
    use super::halves;

    #[test]
    fn the_end_of_a_long_name_stays() {
        assert_eq!(halves("smear-1.jpg"), ("smear-1.jpg", ""));
        assert_eq!(halves("smear-00079.jpg"), ("smea", "r-00079.jpg"));
        assert_eq!(halves("line-4_2026-11-30_000123.jpg"), ("line-4_2026-11-30", "_000123.jpg"));
        assert_eq!(halves("снимок-с-камеры-0001.jpg"), ("снимок-с-каме", "ры-0001.jpg"));
    }
}
