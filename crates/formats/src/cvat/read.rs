//! Reading CVAT XML 1.1: `<image>` elements with their shapes, or `<track>`
//! elements with a shape for each frame. Source: CVAT's documentation, "CVAT
//! for images", "CVAT for videos".

use super::{
    attributes::{declared, names_of, split_of},
    frames::Frames,
    shapes::{NoShape, Shape, is_shape},
    tracks::{KeyShape, Track},
    xml::{Piece, Pieces, Tag},
};
use crate::{
    FaultKind, FormatError, annotation_files, folder,
    intake::{Intake, Numbers, RawBox},
    json,
    labels::label_of,
    tool_images::{ImageFiles, NoBox, ToolBoxes, ToolImage, shape_label},
};
use domain::{dataset::Split, name::Label};
use std::{collections::BTreeSet, io::BufRead, path::Path};

/// Shapes of one image, and of all tracks of a file: what is in memory at a
/// time.
const IMAGE_SHAPES: usize = 100_000;
const TRACK_SHAPES: usize = 5_000_000;
/// Attributes by which a shape says that it is to be left alone.
const IGNORE_NAMES: [&str; 4] = ["ignore", "iscrowd", "crowd", "difficult"];

/// Reads an XML file, or all of CVAT's XML files of a folder.
pub(super) fn read(annotations: &Path, intake: &mut Intake<'_>) -> Result<(), FormatError> {
    let expected = "CVAT XML file (export as \"CVAT for images 1.1\" or \"CVAT for video 1.1\")";
    let is_ours = |file: &Path| folder::has_extension(file, "xml");
    let files = annotation_files::list(annotations, expected, is_ours)?;
    let images = ImageFiles::list(intake, annotations)?;
    for file in &files {
        let result = read_file(file, &images, intake);
        annotation_files::tolerate(result, file, &files, intake)?;
    }
    Ok(())
}

fn read_file(file: &Path, images: &ImageFiles, intake: &mut Intake<'_>) -> Result<(), FormatError> {
    let source = json::open(&intake.files, file).map_err(|error| FormatError::io(file, error))?;
    Document::new(file, images, intake).read(source)
}

/// What the head of a file says.
#[derive(Default)]
struct Meta {
    is_cvat: bool,
    split: Option<Split>,
    first_frame: u64,
    last_frame: Option<u64>,
    /// A label that is being read.
    label: String,
    is_for_boxes: bool,
}

/// A shape that is being read, with its attributes to come.
struct OpenShape {
    name: String,
    place: String,
    label: String,
    shape: Result<Shape, NoShape>,
    frame: Option<u64>,
    outside: bool,
    ignore: bool,
}

impl OpenShape {
    /// Its label and its place, or why it is no box.
    fn checked(&self) -> Result<(Label, Shape), NoBox> {
        let shape = self.shape.map_err(|why| match why {
            NoShape::Other(what) => (FaultKind::OtherShape, format!("{what} around no box")),
            NoShape::BadNumbers => (FaultKind::NotABox, format!("<{}> does not have its numbers", self.name)),
        })?;
        Ok((shape_label(&self.label)?, shape))
    }
}

/// An image or a track that is being read.
#[derive(Default)]
struct Group {
    place: String,
    /// An image's: what it may be called, the likeliest first.
    names: Vec<String>,
    declared: Option<(u32, u32)>,
    split: Option<Split>,
    boxes: ToolBoxes,
    /// A track's.
    label: String,
    shapes: Vec<KeyShape>,
}

struct Document<'d, 'i> {
    file: &'d Path,
    images: &'d ImageFiles,
    intake: &'d mut Intake<'i>,
    meta: Meta,
    group: Option<Group>,
    shape: Option<OpenShape>,
    /// The name of the attribute whose text comes next.
    attribute: String,
    tracks: Vec<Track>,
    tracked_shapes: usize,
    tasks: BTreeSet<String>,
}

impl<'d, 'i> Document<'d, 'i> {
    fn new(file: &'d Path, images: &'d ImageFiles, intake: &'d mut Intake<'i>) -> Self {
        Self {
            file,
            images,
            intake,
            meta: Meta::default(),
            group: None,
            shape: None,
            attribute: String::new(),
            tracks: Vec::new(),
            tracked_shapes: 0,
            tasks: BTreeSet::new(),
        }
    }

    fn read(mut self, source: impl BufRead) -> Result<(), FormatError> {
        let file = self.file;
        let mut pieces = Pieces::new(source);
        let mut last_place = String::new();
        loop {
            let piece = pieces.next().map_err(|why| FormatError::malformed(file, &last_place, why))?;
            match piece {
                None => break,
                Some(Piece::Start(tag)) => {
                    self.start(&tag, pieces.path())?;
                    if let Some(group) = self.group.as_ref().filter(|_| self.shape.is_none()) {
                        last_place.clone_from(&group.place);
                    }
                }
                Some(Piece::End { name, text }) => self.end(&name, &text, pieces.path()),
            }
        }
        if !self.meta.is_cvat {
            return Err(FormatError::malformed(file, "", "there is no <annotations> element: not CVAT XML"));
        }
        let Self { images, intake, meta, tracks, tasks, .. } = self;
        Frames { file, images, first: meta.first_frame, last: meta.last_frame, split: meta.split }
            .take_in(&tracks, &tasks, intake)
    }

    fn start(&mut self, tag: &Tag, path: &[String]) -> Result<(), FormatError> {
        match tag.name.as_str() {
            "annotations" if path.len() == 1 => self.meta.is_cvat = true,
            "image" if self.group.is_none() => {
                let id = tag.get("id").unwrap_or("without an id");
                self.group = Some(Group {
                    place: format!("image {id}"),
                    names: names_of(tag),
                    declared: declared(tag),
                    split: split_of(tag.get("subset")).or(self.meta.split),
                    ..Group::default()
                });
            }
            "track" if self.group.is_none() => {
                let id = tag.get("id").unwrap_or("without an id");
                self.tasks.extend(tag.get("task_id").map(str::to_owned));
                self.meta.split = split_of(tag.get("subset")).or(self.meta.split);
                let label = tag.get("label").unwrap_or_default().to_owned();
                self.group = Some(Group { place: format!("track {id}"), label, ..Group::default() });
            }
            "attribute" => self.attribute = tag.get("name").unwrap_or_default().to_owned(),
            "label" => {
                self.meta.label.clear();
                self.meta.is_for_boxes = true;
            }
            name if self.shape.is_none() && is_shape(name) => self.start_shape(tag)?,
            _ => {}
        }
        Ok(())
    }

    fn start_shape(&mut self, tag: &Tag) -> Result<(), FormatError> {
        let Some(group) = &self.group else { return Ok(()) };
        self.tracked_shapes += usize::from(tag.get("frame").is_some());
        if group.boxes.boxes.len() >= IMAGE_SHAPES || self.tracked_shapes > TRACK_SHAPES {
            let why = format!("more than {IMAGE_SHAPES} shapes of an image, or {TRACK_SHAPES} of tracks");
            return Err(FormatError::malformed(self.file, &group.place, why));
        }
        let number = group.boxes.boxes.len() + group.shapes.len() + 1;
        let frame = tag.get("frame").and_then(|text| text.parse().ok());
        self.shape = Some(OpenShape {
            name: tag.name.clone(),
            place: match frame {
                Some(frame) => format!("{}, frame {frame}", group.place),
                None => format!("{}, {} {number}", group.place, tag.name),
            },
            label: tag.get("label").unwrap_or(&group.label).to_owned(),
            shape: Shape::of(tag),
            frame,
            outside: tag.is_set("outside"),
            ignore: false,
        });
        Ok(())
    }

    fn end(&mut self, name: &str, text: &str, path: &[String]) {
        let parent = path.last().map_or("", String::as_str);
        match (parent, name) {
            (_, "attribute") if self.shape.is_some() => {
                let is_named = IGNORE_NAMES.iter().any(|known| self.attribute.eq_ignore_ascii_case(known));
                let is_set = matches!(text.to_ascii_lowercase().as_str(), "true" | "1" | "yes");
                if let Some(shape) = self.shape.as_mut().filter(|_| is_named && is_set) {
                    shape.ignore = true;
                }
            }
            ("label", "name") => text.clone_into(&mut self.meta.label),
            // A part of a skeleton, and a label of whole images, name no boxes.
            ("label", "parent") => self.meta.is_for_boxes = false,
            ("label", "type") => self.meta.is_for_boxes &= !matches!(text, "tag" | "points" | "polyline"),
            ("labels", "label") if self.meta.is_for_boxes => {
                if let Ok(label) = label_of(&self.meta.label) {
                    self.intake.labels.add(&label);
                }
            }
            // A project has one for each of its tasks, and each image or track says its own.
            ("task" | "job", "subset") if !path.iter().any(|name| name == "project") => {
                self.meta.split = split_of(Some(text));
            }
            ("task" | "job", "start_frame") => self.meta.first_frame = text.parse().unwrap_or(0),
            ("task" | "job", "stop_frame") => self.meta.last_frame = text.parse().ok(),
            (_, "image") if path.len() == 1 => self.end_image(),
            (_, "track") if path.len() == 1 => self.end_track(),
            (_, name) if self.shape.as_ref().is_some_and(|shape| shape.name == name) && path.len() == 2 => {
                self.end_shape();
            }
            _ => {}
        }
    }

    fn end_shape(&mut self) {
        let (Some(open), Some(group)) = (self.shape.take(), self.group.as_mut()) else { return };
        // A word about the whole image is no shape.
        if open.shape == Err(NoShape::Other("a tag")) {
            return;
        }
        match (open.checked(), open.frame) {
            (Ok((_, shape)), Some(frame)) => {
                group.shapes.push(KeyShape { frame, shape, outside: open.outside, ignore: open.ignore });
            }
            (shape, _) => {
                let OpenShape { place, ignore, .. } = open;
                let boxes = shape.map(|(label, shape)| {
                    let (numbers, is_reduced) = shape.upright();
                    let numbers = Numbers::Pixels(numbers);
                    (vec![RawBox { place: place.as_str().into(), label, numbers, ignore }], is_reduced)
                });
                group.boxes.take(boxes, self.file, &place, self.intake);
            }
        }
    }

    fn end_image(&mut self) {
        let Some(Group { place, names, declared, split, boxes, .. }) = self.group.take() else {
            return;
        };
        self.intake.expect(1);
        let image = ToolImage { file: self.file, place, names, declared, split, boxes };
        self.images.add(image, self.intake);
    }

    fn end_track(&mut self) {
        let Some(group) = self.group.take() else { return };
        if let Ok(label) = label_of(&group.label).or_else(|why| self.refuse_track(&group, &why)) {
            self.intake.labels.add(&label);
            self.tracks.push(Track::new(group.place, label, group.shapes));
        }
    }

    fn refuse_track(&mut self, group: &Group, why: &str) -> Result<Label, ()> {
        // Its shapes were refused for the same reason, one by one.
        if group.shapes.is_empty() {
            self.intake.log.error(
                FaultKind::InvalidLabel,
                self.file,
                &group.place,
                format!("{why}; left out"),
            );
        }
        Err(())
    }
}
