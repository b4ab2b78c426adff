//! What exporters write beside the graph: names of classes, sizes, the task.

mod names;

pub(super) use names::ClassNames;

use super::graph::Graph;
use names::names;

/// Under which keys programs write the names of classes; the first that can be
/// read counts. Ultralytics has `names`, Transformers `id2label`, MMDetection
/// `classes`.
const NAMES: [&str; 11] = [
    "names",
    "labels",
    "classes",
    "class_names",
    "classnames",
    "label_names",
    "category_names",
    "categories",
    "id2label",
    "label2id",
    "class_to_idx",
];
/// Those of them under which words between commas are names: under others
/// people write about a model ("categories": "object-detection, vision").
const NAMES_IN_WORDS: [&str; 4] = ["names", "classes", "class_names", "classnames"];

/// Metadata as Ultralytics writes it; older exports of YOLOv5 have a part of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Metadata {
    pub(super) names: Option<ClassNames>,
    /// Height and width that the model was exported for.
    pub(super) size: Option<[u32; 2]>,
    /// What sides must be a multiple of.
    pub(super) stride: Option<u32>,
    /// `detect`, `segment` …
    pub(super) task: Option<String>,
    /// Whether the graph suppresses boxes itself, or needs no suppression.
    pub(super) is_end_to_end: bool,
    /// Words about the model.
    pub(super) description: String,
}

impl Metadata {
    pub(super) fn of(graph: &Graph) -> Self {
        let text = |key: &str| graph.metadata.get(key).map(String::as_str);
        let numbers = |key: &str| text(key).map(whole_numbers).unwrap_or_default();
        let size = match numbers("imgsz")[..] {
            [side] => Some([side, side]),
            [height, width] => Some([height, width]),
            _ => None,
        };
        Self {
            names: class_names(graph),
            size,
            stride: numbers("stride").into_iter().max(),
            task: text("task").map(|task| task.trim().to_owned()),
            is_end_to_end: text("end2end").is_some_and(|value| value.trim().eq_ignore_ascii_case("true"))
                || text("args").is_some_and(|args| args.contains("'nms': True")),
            description: text("description").unwrap_or_default().to_owned(),
        }
    }
}

/// The names under the first key, upper or lower case, that has any.
fn class_names(graph: &Graph) -> Option<ClassNames> {
    let under = |wanted: &str| {
        let mut texts = graph.metadata.iter().filter(|(key, _)| key.eq_ignore_ascii_case(wanted));
        let may_be_words = NAMES_IN_WORDS.contains(&wanted);
        texts.find_map(|(_, text)| names(text).filter(|names| may_be_words || !names.are_words))
    };
    NAMES.into_iter().find_map(under)
}

/// All whole numbers in a text.
fn whole_numbers(text: &str) -> Vec<u32> {
    let words = text.split(|c: char| !c.is_ascii_digit() && c != '.');
    words.filter_map(|word| word.trim_end_matches(".0").parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata(entries: &[(&str, &str)]) -> Metadata {
        let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
        let mut graph = Graph::default();
        graph.metadata = entries.iter().map(owned).collect();
        Metadata::of(&graph)
    }

    #[test]
    fn names_are_read_under_the_keys_of_several_programs() {
        for (key, text) in [
            ("names", "{0: 'cat', 1: 'dog'}"),
            ("labels", r#"["cat", "dog"]"#),
            ("CLASSES", "('cat', 'dog')"),
            ("class_names", "cat,dog"),
            ("id2label", r#"{"0": "cat", "1": "dog"}"#),
            ("label2id", r#"{"dog": 1, "cat": 0}"#),
        ] {
            let names = metadata(&[(key, text), ("author", "['nobody']")]).names;
            assert_eq!(names.unwrap_or_default().names, ["cat", "dog"], "{key}");
        }
        // What says how many there are does not name them.
        let both = metadata(&[("classes", "2"), ("labels", "['cat', 'dog']")]);
        assert_eq!(both.names.unwrap_or_default().names, ["cat", "dog"]);
        assert_eq!(metadata(&[("classes", "80"), ("author", "cat, dog")]).names, None);
    }

    #[test]
    fn words_about_a_model_are_no_names() {
        for (key, text) in [("categories", "object-detection, vision"), ("labels", "public, tested")] {
            assert_eq!(metadata(&[(key, text)]).names, None, "{key}");
            let names = metadata(&[(key, text), ("id2label", r#"{"0": "cat"}"#)]).names;
            assert_eq!(names.unwrap_or_default().names, ["cat"], "{key}");
        }
    }

    #[test]
    fn graphs_that_suppress_boxes_say_so() {
        assert!(metadata(&[("args", "{'batch': 1, 'nms': True}")]).is_end_to_end);
        assert!(metadata(&[("end2end", "True")]).is_end_to_end);
        assert!(!metadata(&[("args", "{'batch': 1, 'nms': False}"), ("end2end", "False")]).is_end_to_end);
    }

    #[test]
    fn sizes_are_read_with_and_without_brackets() {
        assert_eq!(whole_numbers("[640, 416]"), [640, 416]);
        assert_eq!(whole_numbers("32"), [32]);
        assert_eq!(whole_numbers("[8.0, 16.0, 32.0]"), [8, 16, 32]);
    }
}
