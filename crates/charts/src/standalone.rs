//! A chart that leaves the page: without a style sheet, it names its own
//! colours and font.

/// `svg`, a chart of this crate, with what `colour` gives for each variable
/// (`--chart-1`, for example), on a ground of `--surface`.
#[must_use]
pub fn standalone(svg: &str, colour: impl Fn(&str) -> String) -> String {
    let mut out = String::with_capacity(svg.len() + 256);
    let mut rest = svg;
    while let Some((before, after)) = rest.split_once("var(") {
        let Some((name, behind)) = after.split_once(')') else { break };
        out.push_str(before);
        out.push_str(&colour(name));
        rest = behind;
    }
    out.push_str(rest);
    let ground = format!("<rect width=\"100%\" height=\"100%\" fill=\"{}\"/>", colour("--surface"));
    let head = "<svg xmlns=\"http://www.w3.org/2000/svg\" font-family=\"system-ui, sans-serif\" ";
    let out = out.replacen("<svg ", head, 1);
    match out.split_once('>') {
        Some((root, body)) => format!("{root}>{ground}{body}"),
        None => out,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Bar, BarChart, Canvas, Ink};

    #[test]
    fn nothing_is_left_to_a_style_sheet() {
        let bars = vec![Bar { name: "RBC".into(), value: 3, expected: None, ink: Ink::Label(0) }];
        let svg = BarChart { title: "Labels".into(), bars }.to_svg(Canvas { width: 120, height: 40 });
        let alone = standalone(&svg, |name| format!("colour-of{name}"));
        assert!(!alone.contains("var("), "{alone}");
        assert!(alone.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""), "{alone}");
        assert!(alone.contains("fill=\"colour-of--label-1\""), "{alone}");
        assert!(alone.contains("fill=\"colour-of--surface\""), "{alone}");
    }

    #[test]
    fn a_variable_without_its_end_does_no_harm() {
        assert!(standalone("<svg a=\"var(--x", |_| "red".into()).ends_with("var(--x"));
    }
}
