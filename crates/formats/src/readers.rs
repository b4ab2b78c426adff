//! The formats that are read ([`READERS`]), and which of them some files are
//! of. A new format is a file of its own and a line there.

use crate::{
    Format, FormatError,
    coco::Coco,
    createml::CreateMl,
    cvat::Cvat,
    elsewhere,
    fiftyone::FiftyOne,
    label_studio::LabelStudio,
    labelme::LabelMe,
    reader::{Confidence, Folder, Reader, Recognition},
    tables::Tables,
    via::Via,
    voc::Voc,
    vott::Vott,
    yolo::Yolo,
};
use std::{collections::BTreeMap, fmt, path::Path, str::FromStr};

/// All readers, in the order in which people see them.
pub(crate) static READERS: &[&dyn Reader] =
    &[&Coco, &Voc, &Yolo, &Cvat, &LabelStudio, &LabelMe, &Via, &CreateMl, &Vott, &FiftyOne, &Tables];

/// A format that can be read.
#[derive(Clone, Copy)]
pub struct ImportFormat(&'static dyn Reader);

impl ImportFormat {
    /// All, in the order in which people see them.
    pub fn all() -> impl Iterator<Item = Self> {
        READERS.iter().map(|reader| Self(*reader))
    }

    /// Its word on the command line and in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.0.name()
    }

    /// What it is, in a sentence.
    #[must_use]
    pub fn about(self) -> &'static str {
        self.0.help()
    }

    pub(crate) fn reader(self) -> &'static dyn Reader {
        self.0
    }
}

impl fmt::Debug for ImportFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ImportFormat({})", self.as_str())
    }
}

impl fmt::Display for ImportFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl PartialEq for ImportFormat {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for ImportFormat {}

impl FromStr for ImportFormat {
    type Err = FormatError;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let word = s.to_ascii_lowercase();
        Self::all().find(|format| format.as_str() == word).ok_or(FormatError::UnknownFormat(word))
    }
}

impl From<Format> for ImportFormat {
    fn from(format: Format) -> Self {
        match format {
            Format::Coco => Self(&Coco),
            Format::Voc => Self(&Voc),
            Format::Yolo => Self(&Yolo),
            Format::Cvat => Self(&Cvat),
            Format::LabelStudio => Self(&LabelStudio),
        }
    }
}

/// Which formats the files look like, the surest first; equally sure ones in
/// the order of [`ImportFormat::all`].
///
/// # Errors
/// When the folder cannot be listed.
pub fn recognise(path: &Path) -> Result<Vec<(ImportFormat, Recognition)>, FormatError> {
    let folder = Folder::list(path)?;
    let mut candidates: Vec<_> =
        ImportFormat::all().filter_map(|format| Some((format, format.0.recognise(&folder)?))).collect();
    candidates.sort_by_key(|(_, recognition)| std::cmp::Reverse(recognition.confidence));
    Ok(candidates)
}

/// The formats that the files are most surely of; none where nothing is sure.
pub(crate) fn surest(path: &Path) -> Result<Vec<(ImportFormat, Recognition)>, FormatError> {
    let mut candidates = recognise(path)?;
    let best = candidates.first().map(|(_, recognition)| recognition.confidence);
    let best = best.filter(|confidence| *confidence > Confidence::Possible);
    candidates.retain(|(_, recognition)| Some(recognition.confidence) == best);
    Ok(candidates)
}

/// The one format that the files are surely of, by their names and beginnings,
/// or the only one that they may be of.
///
/// # Errors
/// When there is none, with what was found and expected; when there are
/// several, with the words to choose from.
pub fn choose(path: &Path) -> Result<(ImportFormat, Recognition), FormatError> {
    match surest(path)?.as_slice() {
        [(format, recognition)] => Ok((*format, recognition.clone())),
        [] => nothing_sure(path, &recognise(path)?),
        several => {
            let seen: Vec<String> = several
                .iter()
                .map(|(format, recognition)| format!("{} ({format})", recognition.saw))
                .collect();
            let words: Vec<String> = several.iter().map(|(format, _)| format!("--format {format}")).collect();
            let why = format!("there is {}: choose with {}", seen.join(", and "), words.join(" or "));
            Err(FormatError::SeveralFormats { folder: path.to_owned(), why })
        }
    }
}

/// What may be meant where there is nothing else; else what is there, by the
/// endings of names, and what was expected.
fn nothing_sure(
    path: &Path,
    candidates: &[(ImportFormat, Recognition)],
) -> Result<(ImportFormat, Recognition), FormatError> {
    let folder = Folder::list(path)?;
    let refused = |why| Err(FormatError::NothingFound { folder: path.to_owned(), why });
    if let Some(known) = elsewhere::known(&folder) {
        return refused(format!("no annotations that are read here: {known}"));
    }
    if let [only] = candidates {
        return Ok(only.clone());
    }
    let mut endings: BTreeMap<String, usize> = BTreeMap::new();
    for file in folder.files() {
        let ending = file.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        *endings.entry(ending.unwrap_or_default()).or_default() += 1;
    }
    let mut endings: Vec<(String, usize)> = endings.into_iter().collect();
    endings.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let shown = endings.iter().take(5).map(|(ending, count)| match ending.as_str() {
        "" => format!("{count} files without an ending"),
        ending => format!("{count} .{ending}"),
    });
    let found = if endings.is_empty() { "no file".to_owned() } else { shown.collect::<Vec<_>>().join(", ") };
    let expected: Vec<&str> = ImportFormat::all().map(ImportFormat::as_str).collect();
    refused(format!(
        "no known annotations: there is {found}. Expected are files of {}; name the folder or file that has them, or \
         say which with --format",
        expected.join(", ")
    ))
}
