//! How wide a text is, by one table: an estimate that does not depend on the
//! fonts of the machine. Knows nothing of drawing.

/// Widths in hundredths of the font size, by class of character: those of a
/// wide sans serif, so that other fonts have room to spare.
fn width_of(c: char) -> u32 {
    match c {
        'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | ' ' => 34,
        'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '-' | '/' | 'I' => 42,
        '0'..='9' => 64,
        'm' | 'w' | 'M' | 'W' | '%' | '@' => 98,
        'A'..='Z' => 72,
        c if (c as u32) < 0x2E80 => 62,
        _ => 100,
    }
}

/// The estimated width of `text` at `font_px`, in pixels.
#[must_use]
pub fn text_width(text: &str, font_px: f64) -> f64 {
    f64::from(text.chars().map(width_of).sum::<u32>()) * font_px / 100.0
}

/// `text`, or as much of its beginning as fits into `width_px`, with an ellipsis.
#[must_use]
pub fn shorten(text: &str, font_px: f64, width_px: f64) -> String {
    if text_width(text, font_px) <= width_px {
        return text.to_owned();
    }
    let room = width_px - text_width("…", font_px);
    let mut used = 0.0;
    let head: String = text
        .chars()
        .take_while(|c| {
            used += f64::from(width_of(*c)) * font_px / 100.0;
            used <= room
        })
        .collect();
    format!("{}…", head.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_is_cut_to_its_room() {
        let short = shorten("a rather long label of a class", 12.0, 80.0);
        assert!(short.ends_with('…'));
        assert!(text_width(&short, 12.0) <= 80.0, "{short}");
    }

    #[test]
    fn a_short_name_stays_whole() {
        assert_eq!(shorten("RBC", 12.0, 80.0), "RBC");
    }
}
