//! Which column of a table is what, by their names, or by the first row where
//! there are none.

use crate::{
    csv::{self, separator},
    folder,
    reader::Confidence,
};
use std::path::Path;

/// Which column is what.
pub(super) struct Form {
    /// For people.
    pub(super) shown: &'static str,
    /// How surely it is a table of true boxes.
    pub(super) confidence: Confidence,
    pub(super) separator: u8,
    pub(super) has_head: bool,
    pub(super) image: usize,
    pub(super) label: usize,
    /// Four columns.
    pub(super) numbers: [usize; 4],
    pub(super) order: Order,
    /// Width and height of the image.
    pub(super) size: Option<[usize; 2]>,
    pub(super) ignore: Option<usize>,
    /// Whether each box has a score, as those of a model have.
    pub(super) has_scores: bool,
}

/// What the four numbers are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// Left, top, right, bottom in pixels.
    Corners,
    /// Left, top, right, bottom in shares.
    CornersInShares,
    /// Left, top, width, height in pixels.
    Extent,
    /// The same, under the names x and y, which others give to a centre.
    ExtentByXAndY,
    /// Centre, width, height in pixels.
    Centre,
}

/// Names of columns, in lower case.
struct Columns(Vec<String>);

impl Form {
    /// By the beginning of the table; `None` for one of something else.
    pub(super) fn of(head: &str) -> Option<Self> {
        let first = head.lines().find(|line| !line.trim().is_empty() && !line.starts_with('#'))?;
        let separator = separator(head);
        let fields = csv::fields(first.trim_end_matches('\r'), separator);
        let columns = Columns(fields.iter().map(|field| field.to_lowercase()).collect());
        Self::with_head(&columns, separator).or_else(|| Self::without_head(&fields, separator))
    }

    fn with_head(columns: &Columns, separator: u8) -> Option<Self> {
        let image =
            columns.at(&["filename", "image", "imageid", "image_id", "image_name", "file", "path"])?;
        let label = columns.at(&["class", "label", "labelname", "class_name", "label_name"])?;
        let (numbers, order) = columns.numbers()?;
        let is_open_images = columns.at(&["labelname"]).is_some() && columns.at(&["imageid"]).is_some();
        let sides = match order {
            Order::Corners | Order::CornersInShares => ["width", "height"],
            Order::Extent | Order::ExtentByXAndY | Order::Centre => ["image_width", "image_height"],
        };
        let [width, height] = sides.map(|side| columns.at(&[side]));
        let size = width.zip(height).map(|(width, height)| [width, height]);
        let (shown, order) = match (order, size) {
            (Order::Corners | Order::CornersInShares, _) if is_open_images => {
                ("Open Images' table of boxes", Order::CornersInShares)
            }
            (Order::Corners | Order::CornersInShares, Some(_)) => {
                ("a table of boxes as TensorFlow has it", order)
            }
            (Order::Corners | Order::CornersInShares, None) => ("a table of boxes with corners", order),
            (Order::Extent | Order::ExtentByXAndY, _) => {
                ("a table of boxes with left, top and extent", order)
            }
            (Order::Centre, _) => ("a table of boxes with centre and extent", order),
        };
        let confidence = columns.confidence(image, label, numbers);
        let ignore = columns.at(&["isgroupof", "ignore", "difficult", "iscrowd"]);
        let (has_head, has_scores) = (true, columns.has_scores() && !is_open_images);
        Some(Self {
            shown,
            confidence,
            separator,
            has_head,
            image,
            label,
            numbers,
            order,
            size,
            ignore,
            has_scores,
        })
    }

    fn without_head(fields: &[String], separator: u8) -> Option<Self> {
        let is_number = |at: usize| fields.get(at).is_some_and(|field| field.parse::<f64>().is_ok());
        let is_image =
            |at: usize| fields.get(at).is_some_and(|field| folder::is_named_like_an_image(Path::new(field)));
        let (shown, image, label, numbers, order, size) =
            if fields.len() == 8 && is_image(5) && [1, 2, 3, 4, 6, 7].into_iter().all(is_number) {
                ("makesense's table of boxes", 5, 0, [1, 2, 3, 4], Order::Extent, Some([6, 7]))
            } else if fields.len() == 6
                && is_image(0)
                && ((1..5).all(is_number) || (1..6).all(|at| fields.get(at).is_some_and(String::is_empty)))
            {
                ("RetinaNet's table of boxes", 0, 5, [1, 2, 3, 4], Order::Corners, None)
            } else {
                return None;
            };
        let (confidence, has_head, ignore, has_scores) = (Confidence::Certain, false, None, false);
        Some(Self {
            shown,
            confidence,
            separator,
            has_head,
            image,
            label,
            numbers,
            order,
            size,
            ignore,
            has_scores,
        })
    }
}

impl Columns {
    /// The first column that has one of these names.
    fn at(&self, words: &[&str]) -> Option<usize> {
        self.0.iter().position(|name| words.contains(&name.as_str()))
    }

    fn all(&self, columns: [&[&str]; 4]) -> Option<[usize; 4]> {
        let [a, b, c, d] = columns.map(|words| self.at(words));
        Some([a?, b?, c?, d?])
    }

    fn is(&self, at: usize, name: &str) -> bool {
        self.0.get(at).is_some_and(|own| own == name)
    }

    /// The four numbers of a box, and what they are.
    fn numbers(&self) -> Option<([usize; 4], Order)> {
        const W: &[&str] = &["w", "bbox_width", "box_width"];
        const H: &[&str] = &["h", "bbox_height", "box_height"];
        const CX: &[&str] = &["x_center", "center_x", "xcenter", "cx"];
        const CY: &[&str] = &["y_center", "center_y", "ycenter", "cy"];
        if let Some(corners) = self.all([&["xmin", "x1"], &["ymin", "y1"], &["xmax", "x2"], &["ymax", "y2"]])
        {
            return Some((corners, Order::Corners));
        }
        let extent = self.all([&["x", "left", "bbox_x"], &["y", "top", "bbox_y"], W, H]);
        let extent = extent.or_else(|| self.all([&["x", "left"], &["y", "top"], &["width"], &["height"]]));
        if let Some([x, y, w, h]) = extent {
            let is_said = self.is(x, "left") && self.is(y, "top");
            let order = if is_said { Order::Extent } else { Order::ExtentByXAndY };
            return Some(([x, y, w, h], order));
        }
        let centre = self.all([CX, CY, W, H]).or_else(|| self.all([CX, CY, &["width"], &["height"]]));
        Some((centre?, Order::Centre))
    }

    fn has_scores(&self) -> bool {
        self.at(&["score", "confidence", "conf", "probability"]).is_some()
    }

    /// Names that many tables have, of guesses too, say less than those that
    /// tools for annotation write.
    fn confidence(&self, image: usize, label: usize, numbers: [usize; 4]) -> Confidence {
        let mut of_tools = numbers.into_iter().zip(["xmin", "ymin", "xmax", "ymax"]);
        let is_of_tools = of_tools.all(|(at, name)| self.is(at, name))
            && !self.is(image, "image_name")
            && !self.is(label, "label_name");
        match (is_of_tools, self.has_scores()) {
            (true, _) => Confidence::Certain,
            (false, false) => Confidence::Likely,
            (false, true) => Confidence::Possible,
        }
    }
}
