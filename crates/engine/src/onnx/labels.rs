//! Names for a network's classes.

use super::metadata::{ClassNames, Metadata};
use domain::{inference::ImportHints, name::Label};

/// The classes of the COCO dataset, in the order of their numbers.
const COCO: [&str; 80] = [
    "person",
    "bicycle",
    "car",
    "motorcycle",
    "airplane",
    "bus",
    "train",
    "truck",
    "boat",
    "traffic light",
    "fire hydrant",
    "stop sign",
    "parking meter",
    "bench",
    "bird",
    "cat",
    "dog",
    "horse",
    "sheep",
    "cow",
    "elephant",
    "bear",
    "zebra",
    "giraffe",
    "backpack",
    "umbrella",
    "handbag",
    "tie",
    "suitcase",
    "frisbee",
    "skis",
    "snowboard",
    "sports ball",
    "kite",
    "baseball bat",
    "baseball glove",
    "skateboard",
    "surfboard",
    "tennis racket",
    "bottle",
    "wine glass",
    "cup",
    "fork",
    "knife",
    "spoon",
    "bowl",
    "banana",
    "apple",
    "sandwich",
    "orange",
    "broccoli",
    "carrot",
    "hot dog",
    "pizza",
    "donut",
    "cake",
    "chair",
    "couch",
    "potted plant",
    "bed",
    "dining table",
    "toilet",
    "tv",
    "laptop",
    "mouse",
    "remote",
    "keyboard",
    "cell phone",
    "microwave",
    "oven",
    "toaster",
    "sink",
    "refrigerator",
    "book",
    "clock",
    "vase",
    "scissors",
    "teddy bear",
    "hair drier",
    "toothbrush",
];
/// Numbers between 1 and 90 that COCO leaves out.
const NOT_IN_COCO: [u32; 10] = [12, 26, 29, 30, 45, 66, 68, 69, 71, 83];
/// Classes of a network that counts as COCO does: 1 to 90, and 0.
const COCO_NUMBERS: usize = 91;

/// Which class of the network each label is.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Naming {
    pub(super) labels: Vec<Label>,
    /// Added to a label's place.
    pub(super) first_class: u32,
    /// Instead of that, a number for each label.
    pub(super) classes: Vec<u32>,
    /// What was taken for granted.
    pub(super) notes: Vec<String>,
}

/// How a network counts its classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Counting {
    /// How many there are, where the outputs say.
    pub(super) classes: Option<usize>,
    /// 1 where 0 is the background.
    pub(super) first: u32,
    /// Whether there may be more classes than labels.
    pub(super) may_have_more: bool,
}

/// Labels that a person gave, or else the file, or else COCO's where their
/// number fits.
///
/// # Errors
/// What is wrong with them, or that there are none.
pub(super) fn name_classes(
    counting: Counting,
    metadata: &Metadata,
    hints: &ImportHints,
) -> Result<Naming, String> {
    let differ = |names: &ClassNames| counting.classes.is_some_and(|classes| classes != names.count());
    // Words that are not as many as the classes are about something else.
    let file = metadata.names.as_ref().filter(|names| !(names.are_words && differ(names)));
    // Whoever gives a recipe says in it how the network counts.
    let from_one = file.filter(|names| names.first == 1 && hints.recipe.is_none());
    let labels = match (hints.labels.is_empty(), file) {
        (false, _) => hints.labels.clone(),
        (true, Some(_)) if from_one.is_some_and(differ) => {
            return Err(
                "the file numbers its classes from 1, but not all of the network's: give their labels"
                    .to_owned(),
            );
        }
        (true, Some(file)) => checked(without_background(&file.names, counting))?,
        (true, None) => {
            return coco(counting).ok_or_else(|| match counting.classes {
                Some(classes) => format!("the file does not name its {classes} classes: give their labels"),
                None => "the file does not name its classes: give their labels".to_owned(),
            });
        }
    };
    // Labels that a person gives instead of as many names are of the same classes.
    let from_one = from_one.is_some_and(|names| names.count() == labels.len());
    let naming = fit(labels, counting)?;
    let counts_alone = counting.classes.is_none() && naming.classes.is_empty();
    let first_class = if from_one && counts_alone { 1 } else { naming.first_class };
    Ok(Naming { first_class, ..naming })
}

/// Networks that count from 1 have no box for the class 0, which their files
/// may name all the same.
fn without_background(names: &[String], counting: Counting) -> &[String] {
    match names {
        [first, rest @ ..]
            if counting.first == 1
                && first.trim_matches('_').to_lowercase().contains("background")
                && !rest.is_empty() =>
        {
            rest
        }
        _ => names,
    }
}

fn checked(names: &[String]) -> Result<Vec<Label>, String> {
    let advice = "give labels of your own";
    let labels: Vec<Label> = names
        .iter()
        .map(|name| Label::new(name.trim()).map_err(|error| format!("{error}; {advice}")))
        .collect::<Result<_, _>>()?;
    let mut sorted: Vec<&Label> = labels.iter().collect();
    sorted.sort();
    match sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(twice) => Err(format!("the file names two of its classes {:?}; {advice}", twice[0].as_str())),
        None => Ok(labels),
    }
}

fn fit(labels: Vec<Label>, counting: Counting) -> Result<Naming, String> {
    let (count, first_class) = (labels.len(), counting.first);
    let plain = Naming { labels, first_class, ..Naming::default() };
    let counts_as_coco = count == COCO.len() && is_coco(&plain.labels);
    match counting.classes {
        Some(COCO_NUMBERS) if counts_as_coco => Ok(numbered_as_coco(plain)),
        None if counts_as_coco && first_class == 1 => Ok(numbered_as_coco(plain)),
        None => Ok(plain),
        Some(classes) if classes == count => Ok(plain),
        Some(classes) if classes > count && counting.may_have_more => {
            let note = format!(
                "The network has {classes} classes; the last {} have no label and are left out.",
                classes - count
            );
            Ok(Naming { notes: vec![note], ..plain })
        }
        Some(classes) => Err(format!("the network has {classes} classes, but there are {count} labels")),
    }
}

fn is_coco(labels: &[Label]) -> bool {
    labels.iter().map(Label::as_str).eq(COCO)
}

fn numbered_as_coco(naming: Naming) -> Naming {
    let classes = (1..COCO_NUMBERS as u32).filter(|number| !NOT_IN_COCO.contains(number)).collect();
    Naming { first_class: 0, classes, ..naming }
}

fn coco(counting: Counting) -> Option<Naming> {
    let labels = COCO.iter().filter_map(|name| Label::new(*name).ok()).collect();
    let classes = counting.classes?;
    let note = format!(
        "The file does not name its {classes} classes. They are taken for COCO's; give labels if they are others."
    );
    let naming = Naming { labels, notes: vec![note], ..Naming::default() };
    match classes {
        80 => Some(naming),
        COCO_NUMBERS => Some(numbered_as_coco(naming)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counting(classes: Option<usize>, first: u32, may_have_more: bool) -> Counting {
        Counting { classes, first, may_have_more }
    }

    fn named(names: &[&str]) -> Metadata {
        with(class_names(names))
    }

    fn with(names: ClassNames) -> Metadata {
        Metadata { names: Some(names), ..Metadata::default() }
    }

    fn class_names(names: &[&str]) -> ClassNames {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        ClassNames { names, ..ClassNames::default() }
    }

    fn hints(labels: &[&str]) -> ImportHints {
        let labels = labels.iter().map(|label| Label::new(*label).unwrap()).collect();
        ImportHints { recipe: None, labels }
    }

    #[test]
    fn labels_of_a_person_go_before_those_of_the_file() {
        let naming =
            name_classes(counting(Some(2), 0, false), &named(&["a", "b"]), &hints(&["c", "d"])).unwrap();
        assert_eq!(naming.labels, hints(&["c", "d"]).labels);
        let naming = name_classes(counting(Some(2), 0, false), &named(&["a ", "b"]), &hints(&[])).unwrap();
        assert_eq!(naming.labels, hints(&["a", "b"]).labels);
    }

    #[test]
    fn the_background_is_no_label_of_networks_that_count_from_one() {
        let file = named(&["__background__", "cat", "dog"]);
        let naming = name_classes(counting(None, 1, true), &file, &hints(&[])).unwrap();
        assert_eq!((naming.labels, naming.first_class), (hints(&["cat", "dog"]).labels, 1));
        let naming = name_classes(counting(Some(3), 0, false), &file, &hints(&[])).unwrap();
        assert_eq!(naming.labels.len(), 3);
    }

    #[test]
    fn names_that_a_file_numbers_from_one_keep_their_numbers() {
        let file = with(ClassNames { first: 1, ..class_names(&["cat", "dog"]) });
        let first = |counting, given: &ImportHints| {
            name_classes(counting, &file, given).map(|naming| naming.first_class)
        };
        let nothing = hints(&[]);
        assert_eq!(first(counting(None, 0, true), &nothing), Ok(1));
        assert_eq!(first(counting(None, 1, true), &nothing), Ok(1));
        assert_eq!(first(counting(Some(2), 0, false), &nothing), Ok(0), "all that there are");
        for may_have_more in [false, true] {
            let asked = first(counting(Some(3), 0, may_have_more), &nothing).unwrap_err();
            assert!(asked.contains("give their labels"), "{asked}");
        }
        // A person's own words for the same classes, or for others.
        assert_eq!(first(counting(None, 0, true), &hints(&["Katze", "Hund"])), Ok(1));
        assert_eq!(first(counting(None, 0, true), &hints(&["a", "b", "c"])), Ok(0));
        assert_eq!(first(counting(Some(3), 0, false), &hints(&["a", "b", "c"])), Ok(0));
        let recipe = Some(crate::onnx::families::start(&file));
        assert_eq!(first(counting(None, 0, true), &ImportHints { recipe, ..nothing }), Ok(0));
    }

    #[test]
    fn words_that_are_not_as_many_as_the_classes_are_no_names() {
        let file = with(ClassNames { are_words: true, ..class_names(&["fast", "small"]) });
        let named = |classes| name_classes(counting(classes, 0, true), &file, &hints(&[]));
        assert_eq!(named(Some(80)).unwrap().labels.len(), 80);
        assert!(named(Some(3)).unwrap_err().contains("its 3 classes"));
        assert_eq!(named(Some(2)).unwrap().labels, hints(&["fast", "small"]).labels);
        assert_eq!(named(None).unwrap().labels.len(), 2);
    }

    #[test]
    fn as_many_labels_as_classes_are_asked_for() {
        let refused = |counting, metadata: &Metadata, given: &[&str]| {
            name_classes(counting, metadata, &hints(given)).unwrap_err()
        };
        let nameless = Metadata::default();
        assert!(refused(counting(Some(3), 0, false), &nameless, &[]).contains("its 3 classes"));
        assert!(
            refused(counting(Some(3), 0, false), &nameless, &["a"]).contains("3 classes, but there are 1")
        );
        assert!(refused(counting(Some(1), 0, true), &nameless, &["a", "b"]).contains("1 classes"));
        assert!(
            refused(counting(Some(2), 0, false), &named(&["a", "a"]), &[]).contains("two of its classes")
        );
        assert!(refused(counting(None, 1, true), &nameless, &[]).contains("give their labels"));
        let more = name_classes(counting(Some(3), 0, true), &nameless, &hints(&["a", "b"])).unwrap();
        assert!(more.notes[0].contains("the last 1"));
    }

    #[test]
    fn nameless_classes_as_many_as_cocos_are_cocos() {
        let nameless = Metadata::default();
        let eighty = name_classes(counting(Some(80), 0, false), &nameless, &hints(&[])).unwrap();
        assert_eq!((eighty.labels.len(), eighty.classes.len()), (80, 0));
        let sparse = name_classes(counting(Some(91), 0, true), &nameless, &hints(&[])).unwrap();
        let number_of = |label: &str| {
            let place = sparse.labels.iter().position(|l| l.as_str() == label).unwrap();
            sparse.classes[place]
        };
        // Numbers of COCO's categories.
        assert_eq!(["person", "stop sign", "backpack", "toothbrush"].map(number_of), [1, 13, 27, 90]);
        let given: Vec<&str> = COCO.to_vec();
        let torchvision = name_classes(counting(None, 1, true), &nameless, &hints(&given)).unwrap();
        assert_eq!((torchvision.first_class, torchvision.classes.len()), (0, 80));
    }
}
