//! What a `data.yaml` says: classes, splits, and what the columns are.

use super::yaml::{self, Node, Value, Wrong};
use crate::text;
use domain::dataset::Split;
use std::collections::BTreeMap;

/// What a `data.yaml` says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct DataYaml {
    /// Where the splits' folders are, if not beside the file.
    pub(crate) path: Option<String>,
    /// Folders or lists of images.
    pub(crate) splits: BTreeMap<Split, Vec<String>>,
    /// Names by class index.
    pub(crate) names: BTreeMap<usize, String>,
    /// A file that has the names, a line each.
    pub(crate) names_file: Option<String>,
    /// How many keypoints follow a box, and how many numbers each has.
    pub(crate) keypoints: Option<(usize, usize)>,
}

/// Reads the keys that matter; others may be anything.
///
/// # Errors
/// What is no YAML, and keys that are not what they must be, with their line.
pub(crate) fn parse(content: &str) -> Result<DataYaml, Wrong> {
    let mut data = DataYaml::default();
    let Some(root) = tree(content)? else { return Ok(data) };
    let Value::Map(pairs) = root.value else {
        return Err((root.line, "it is not a list of keys with values".to_owned()));
    };
    let mut count = None;
    for (key, node) in pairs {
        match (key.as_str(), key.parse::<Split>()) {
            ("path", _) => data.path = scalar(&node, "path")?.filter(|path| !path.is_empty()),
            ("names", _) => read_names(&node, &mut data)?,
            ("nc", _) => count = scalar(&node, "nc")?.and_then(|text| text.parse::<usize>().ok()),
            ("kpt_shape", _) => data.keypoints = Some(keypoints(&node)?),
            (_, Ok(split)) => data.splits.entry(split).or_default().extend(folders(&node, &key)?),
            _ => {}
        }
    }
    if data.names.len() == 1
        && count.is_some_and(|count| count > 1)
        && data.names.values().any(|name| name.contains(','))
    {
        return Err((1, "names is one text; write it as a list: names: [a, b]".to_owned()));
    }
    Ok(data)
}

/// The document, also with ends of lines of old systems, and with tabs where
/// YAML wants blanks, which people write.
fn tree(content: &str) -> Result<Option<Node>, Wrong> {
    let content = text::lines(content).collect::<Vec<_>>().join("\n");
    yaml::parse(&content).or_else(|wrong| {
        if !content.contains('\t') {
            return Err(wrong);
        }
        yaml::parse(&content.replace('\t', "  ")).map_err(|_| wrong)
    })
}

fn scalar(node: &Node, key: &str) -> Result<Option<String>, Wrong> {
    match &node.value {
        Value::Null(_) => Ok(None),
        Value::Text(text) => Ok(Some(text.trim().to_owned())),
        Value::List(_) | Value::Map(_) => Err((node.line, format!("{key} must be a text"))),
    }
}

fn folders(node: &Node, key: &str) -> Result<Vec<String>, Wrong> {
    let wrong = || (node.line, format!("{key} must be a folder, a list of images, or several of them"));
    match &node.value {
        Value::Null(_) => Ok(Vec::new()),
        Value::Text(folder) => Ok(vec![folder.trim().to_owned()]),
        Value::List(items) => items.iter().map(|item| scalar(item, key)?.ok_or_else(wrong)).collect(),
        Value::Map(_) => Err(wrong()),
    }
}

fn keypoints(node: &Node) -> Result<(usize, usize), Wrong> {
    let wrong =
        || (node.line, "kpt_shape must be two numbers: keypoints, and numbers of each (2 or 3)".to_owned());
    let Value::List(items) = &node.value else { return Err(wrong()) };
    let mut numbers = items.iter().map(|item| item.text().and_then(|text| text.trim().parse::<usize>().ok()));
    match (numbers.next().flatten(), numbers.next().flatten(), numbers.next()) {
        (Some(points @ 1..=10_000), Some(each @ 2..=3), None) => Ok((points, each)),
        _ => Err(wrong()),
    }
}

/// Names in a list, by their index, or with their index; one name alone; or a
/// file that has them.
fn read_names(node: &Node, data: &mut DataYaml) -> Result<(), Wrong> {
    let name_of = |node: &Node| {
        node.text().map(str::to_owned).ok_or_else(|| (node.line, "a class's name must be a text".to_owned()))
    };
    match &node.value {
        Value::Null(_) => {}
        Value::Text(text) if [".names", ".txt"].iter().any(|end| text.trim().ends_with(end)) => {
            data.names_file = Some(text.trim().to_owned());
        }
        Value::Text(text) => _ = data.names.insert(0, text.trim().to_owned()),
        Value::List(items) => {
            data.names =
                items.iter().map(name_of).collect::<Result<Vec<_>, _>>()?.into_iter().enumerate().collect();
        }
        Value::Map(pairs) => {
            let index = |text: &str| text.trim().parse::<usize>().ok();
            let by_index = pairs.iter().all(|(key, _)| index(key).is_some());
            let by_name = || pairs.iter().all(|(_, node)| node.text().and_then(index).is_some());
            if !by_index && !by_name() {
                let odd =
                    pairs.iter().find(|(key, _)| index(key).is_none()).map_or("", |(key, _)| key.as_str());
                return Err((node.line, format!("the class index {odd:?} is not a number")));
            }
            for (key, node) in pairs {
                let name = name_of(node)?;
                let (place, name) = if by_index { (index(key), name) } else { (index(&name), key.clone()) };
                if data.names.insert(place.unwrap_or_default(), name).is_some() {
                    return Err((
                        node.line,
                        format!("two names for the class {}", place.unwrap_or_default()),
                    ));
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        parse(text).expect("sound").names.into_values().collect()
    }

    #[test]
    fn names_are_read_in_every_usual_style() {
        let styles = [
            "nc: 2\nnames: ['big dog', person]\n",
            "names:\n  - big dog\n  - \"person\"\n",
            "names:\n- 'big dog'   # the first\n- person\n",
            "names:\n  0: big dog\n  1: 'person'\nnc: 2\n",
            "names: {0: big dog, 1: \"person\"}\n",
            "names: [\n  'big dog', # one\n  person\n]\ntrain: x\n",
            "{\"names\": [\"big dog\", \"person\"]}",
            "names: {big dog: 0, person: 1}\n",
            "train: x\rnames: [big dog, person]\r",
            "names:\n\t0:\tbig dog\n\t1:\tperson\n",
            "names: &n [big dog, person]\nother: *n\n",
            "names: ! [big dog, person]\n",
        ];
        for style in styles {
            assert_eq!(names(style), ["big dog", "person"], "{style}");
        }
        assert_eq!(names("names: cup\nnc: 1\n"), ["cup"]);
        assert!(parse("names: cup, plate\nnc: 2\n").is_err());
        assert_eq!(
            parse("names: data/coco.names").expect("sound").names_file.as_deref(),
            Some("data/coco.names")
        );
    }

    #[test]
    fn names_stay_texts_as_they_stand() {
        assert_eq!(
            names("names: {0: no, 1: 1e3, 2: 0x1F, 3: null, 4: ~, 5: 0001}"),
            ["no", "1e3", "0x1F", "null", "~", "0001"]
        );
        assert_eq!(names("names: ['a, b', \"c]: #d\", 'it''s #1'] # x"), ["a, b", "c]: #d", "it's #1"]);
        assert_eq!(
            names("names:\n  0: \"say \\\"hi\\\" \\\\ # \\u4e2d\"\n  1: b # two\n"),
            ["say \"hi\" \\ # 中", "b"]
        );
    }

    #[test]
    fn splits_are_folders_or_lists_of_them() {
        let data = parse(
            "path: ../data # here\ntrain: >-\n  train/images\nval:\n  - a\n  - b\ntest:\nroboflow:\n  version: 6\n",
        )
        .expect("sound");
        assert_eq!(data.path.as_deref(), Some("../data"));
        assert_eq!(data.splits[&Split::Train], ["train/images"]);
        assert_eq!(data.splits[&Split::Val], ["a", "b"]);
        assert_eq!(data.splits[&Split::Test], Vec::<String>::new());
    }

    #[test]
    fn the_shape_of_keypoints_is_two_numbers() {
        assert_eq!(parse("kpt_shape: [17, 3]").expect("sound").keypoints, Some((17, 3)));
        for odd in ["kpt_shape: 17", "kpt_shape: [17]", "kpt_shape: [17, 3, 1]", "kpt_shape: [a, 3]"] {
            assert!(parse(odd).is_err(), "{odd}");
        }
    }

    #[test]
    fn what_cannot_be_read_names_its_line() {
        assert_eq!(parse("nc: 1\ntrain: {a: b}\n").map_err(|(line, _)| line), Err(2));
        assert_eq!(parse("names:\n  a: dog\n").map_err(|(line, _)| line), Err(2));
        assert!(parse("a: 1\nnames: ['dog\n").is_err());
        assert!(parse("just text").is_err());
        assert_eq!(parse("names: [a]\nnc: 1\nnames: [b]\n").map_err(|(line, _)| line), Err(3));
    }
}
