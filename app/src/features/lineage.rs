//! Where a model version came from and what came from it, as a picture: a
//! column for each generation, a line from a version to what started from it.

use crate::{addresses, ui::IntoAny};
use domain::model::{ModelFormat, Relative};
use leptos::prelude::*;

const WIDTH: usize = 200;
const HEIGHT: usize = 62;
const GAP_X: usize = 48;
const GAP_Y: usize = 14;

/// A version in its place.
struct Node<'a> {
    relative: &'a Relative,
    base: Option<usize>,
    column: usize,
    row: usize,
}

/// Each in the column after its base's, and in the first row that is free.
fn placed(relatives: &[Relative]) -> Vec<Node<'_>> {
    let mut nodes: Vec<Node<'_>> = Vec::new();
    for relative in relatives {
        let base = nodes.iter().position(|node| Some(&node.relative.version) == relative.base.as_ref());
        let (column, least) = base.map_or((0, 0), |base| (nodes[base].column + 1, nodes[base].row));
        let taken = nodes.iter().filter(|node| node.column == column).map(|node| node.row + 1).max();
        nodes.push(Node { relative, base, column, row: least.max(taken.unwrap_or(0)) });
    }
    nodes
}

/// The picture; `this` is the version that the page is about.
#[must_use]
pub fn lineage_picture(relatives: &[Relative], this: &str) -> AnyView {
    let nodes = placed(relatives);
    let columns = nodes.iter().map(|node| node.column + 1).max().unwrap_or(0);
    let rows = nodes.iter().map(|node| node.row + 1).max().unwrap_or(0);
    let (width, height) = (columns * (WIDTH + GAP_X), rows * (HEIGHT + GAP_Y));
    let lines: Vec<_> = nodes.iter().filter_map(|node| Some(line(&nodes[node.base?], node))).collect();
    let boxes: Vec<_> = nodes.iter().map(|node| version(node, this)).collect();
    view! {
        <div class="lineage" tabindex="0" role="group" aria-label="Lineage">
            <svg width=width.to_string() height=height.to_string() viewBox=format!("0 0 {width} {height}")>
                {lines}
                {boxes}
            </svg>
        </div>
    }
    .into_any()
}

fn corner(node: &Node<'_>) -> (usize, usize) {
    (node.column * (WIDTH + GAP_X) + 1, node.row * (HEIGHT + GAP_Y) + 1)
}

fn line(from: &Node<'_>, to: &Node<'_>) -> AnyView {
    let ((x, y), (end_x, end_y)) = (corner(from), corner(to));
    let (x, y, end_y, half) = (x + WIDTH, y + HEIGHT / 2, end_y + HEIGHT / 2, GAP_X / 2);
    let path = format!("M{x} {y}C{0} {y} {0} {end_y} {end_x} {end_y}", x + half);
    view! { <path d=path /> }.into_any()
}

fn version(node: &Node<'_>, this: &str) -> AnyView {
    let Relative { version, dataset, format, ap, roles, .. } = node.relative;
    let (x, y) = corner(node);
    let class = if version == this { "lineage-this" } else { "" };
    let figures = match (ap, roles.first()) {
        (_, Some(role)) => charts::shorten(role, 11.0, WIDTH as f64 - 20.0),
        (Some(ap), None) => format!("AP {ap:.3}"),
        (None, None) => String::new(),
    };
    let made = charts::shorten(&made(dataset.as_deref(), *format), 11.0, WIDTH as f64 - 20.0);
    let text_x = (x + 10).to_string();
    let name = charts::shorten(version, 13.0, WIDTH as f64 - 20.0);
    view! {
        <g class=class>
            <rect x=x.to_string() y=y.to_string() width=(WIDTH - 2).to_string() height=(HEIGHT - 2).to_string() rx="8" />
            <a href=addresses::model(version)>
                <text class="lineage-name" x=text_x.clone() y=(y + 20).to_string()>{name}</text>
            </a>
            <text x=text_x.clone() y=(y + 37).to_string()>{made}</text>
            <text x=text_x y=(y + 52).to_string()>{figures}</text>
        </g>
    }
    .into_any()
}

/// How a version came to be.
fn made(dataset: Option<&str>, format: Option<ModelFormat>) -> String {
    match (dataset, format) {
        (Some(dataset), _) => format!("trained on {dataset}"),
        (None, Some(format)) => format!("imported, {}", format.label()),
        (None, None) => "registered, runs elsewhere".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn relative(version: &str, base: Option<&str>) -> Relative {
        let base = base.map(str::to_owned);
        Relative {
            version: version.into(),
            base,
            experiment: None,
            dataset: None,
            format: None,
            ap: None,
            roles: vec![],
        }
    }

    #[test]
    fn no_two_versions_have_one_place_and_each_stands_after_its_base() {
        let family = [
            relative("m/1", None),
            relative("m/2", Some("m/1")),
            relative("m/3", Some("m/1")),
            relative("m/4", Some("m/2")),
            relative("m/5", Some("m/3")),
            relative("m/6", Some("m/2")),
        ];
        let nodes = placed(&family);
        let mut places: Vec<_> = nodes.iter().map(|node| (node.column, node.row)).collect();
        assert!(nodes.iter().all(|node| node.base.is_none_or(|base| nodes[base].column + 1 == node.column)));
        places.sort_unstable();
        places.dedup();
        assert_eq!(places.len(), family.len());
    }

    #[test]
    fn a_version_says_how_it_came_to_be() {
        let read = [
            made(Some("cells/v1"), Some(ModelFormat::Fovea)),
            made(None, Some(ModelFormat::Onnx)),
            made(None, None),
        ];
        assert_eq!(read, ["trained on cells/v1", "imported, ONNX", "registered, runs elsewhere"]);
    }
}
