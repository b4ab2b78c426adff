//! What a format is to those who read data sets: something with a name that
//! recognises its files and reads them. [`READERS`] lists them all; a new
//! format is a file of its own and a line there.

use crate::{
    Format, FormatError, coco::Coco, createml::CreateMl, cvat::Cvat, elsewhere, fiftyone::FiftyOne, folder,
    intake::Intake, label_studio::LabelStudio, labelme::LabelMe, tables::Tables, via::Via, voc::Voc,
    vott::Vott, yolo::Yolo,
};
use std::{
    collections::BTreeMap,
    fmt, fs,
    io::Read,
    path::{Path, PathBuf},
    str::FromStr,
};

/// Reads one format.
pub trait Reader: Sync {
    /// Its word on the command line and in the API: lower case, no blanks.
    fn name(&self) -> &'static str;

    /// What it is, in a sentence for people who choose.
    fn help(&self) -> &'static str;

    /// Whether the files look like this format, and by what. `None` when
    /// nothing speaks for it. Looks at names and at the beginning of a few
    /// files, never at all of them.
    fn recognise(&self, folder: &Folder) -> Option<Recognition>;

    /// Reads the annotations below `annotations`, a file or a folder, and
    /// gives each image with its boxes to the intake. What is wrong with a
    /// part is a fault, and reading goes on.
    ///
    /// # Errors
    /// When nothing can be read at all.
    fn read(&self, annotations: &Path, intake: &mut Intake<'_>) -> Result<(), FormatError>;
}

/// All readers, in the order in which people see them.
pub(crate) static READERS: &[&dyn Reader] =
    &[&Coco, &Voc, &Yolo, &Cvat, &LabelStudio, &LabelMe, &Via, &CreateMl, &Vott, &FiftyOne, &Tables];

/// How much speaks for a format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// Its files may be here, and others' files look the same.
    Possible,
    /// The layout is this format's, the content was not looked at or is not
    /// only this format's.
    Likely,
    /// The content says so.
    Certain,
}

/// What speaks for a format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recognition {
    /// How much.
    pub confidence: Confidence,
    /// What was seen, as the end of the sentence "There is …".
    pub saw: String,
}

impl Recognition {
    pub(crate) fn new(confidence: Confidence, saw: impl Into<String>) -> Self {
        Self { confidence, saw: saw.into() }
    }
}

/// Bytes of a file that recognition may look at.
const HEAD_BYTES: u64 = 64 << 10;

/// Names of the files that were given, for recognition.
#[derive(Clone, Debug)]
pub struct Folder {
    root: PathBuf,
    files: Vec<PathBuf>,
}

impl Folder {
    /// Lists a folder, without links to other folders, or takes a single file.
    ///
    /// # Errors
    /// When it cannot be listed.
    pub fn list(path: &Path) -> Result<Self, FormatError> {
        if path.is_file() {
            let root = path.parent().unwrap_or(path).to_owned();
            return Ok(Self { root, files: vec![path.to_owned()] });
        }
        Ok(Self { root: path.to_owned(), files: folder::files_below(path)? })
    }

    /// The folder that was listed, or that of the file.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Files, sorted by path; what only an operating system put there is not
    /// among them.
    #[must_use]
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// Files whose name ends in `.extension`, in any case.
    pub fn with_extension<'a>(&'a self, extension: &'a str) -> impl Iterator<Item = &'a Path> {
        self.files.iter().map(PathBuf::as_path).filter(move |path| folder::has_extension(path, extension))
    }

    /// The first file of this name, in any case, in any folder.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Path> {
        let is_it = |path: &&Path| folder::last_part(path).eq_ignore_ascii_case(name);
        self.files.iter().map(PathBuf::as_path).find(is_it)
    }

    /// The name of a file below the folder, for people.
    #[must_use]
    pub fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).display().to_string()
    }

    /// The beginning of a file as text, what is no UTF-8 replaced; empty when
    /// it cannot be read. What is no regular file is not opened.
    #[must_use]
    pub fn head(&self, path: &Path) -> String {
        let read = || -> std::io::Result<Vec<u8>> {
            let mut bytes = Vec::new();
            if fs::metadata(path)?.is_file() {
                fs::File::open(path)?.take(HEAD_BYTES).read_to_end(&mut bytes)?;
            }
            Ok(bytes)
        };
        let bytes = read().unwrap_or_default();
        String::from_utf8_lossy(&bytes).trim_start_matches('\u{FEFF}').to_owned()
    }
}

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

/// The one format that the files are surely of, by their names and beginnings.
///
/// # Errors
/// When there is none, with what was found and expected; when there are
/// several, with the words to choose from.
pub fn choose(path: &Path) -> Result<(ImportFormat, Recognition), FormatError> {
    match surest(path)?.as_slice() {
        [(format, recognition)] => Ok((*format, recognition.clone())),
        [] => {
            let why = nothing_sure(path, &recognise(path)?)?;
            Err(FormatError::NothingFound { folder: path.to_owned(), why })
        }
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

/// What is there, by the endings of names, and what was expected.
fn nothing_sure(path: &Path, candidates: &[(ImportFormat, Recognition)]) -> Result<String, FormatError> {
    let folder = Folder::list(path)?;
    if let Some(known) = elsewhere::known(&folder) {
        return Ok(format!("no annotations that are read here: {known}"));
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
    let possible = candidates.first().map(|(format, one)| format!("; {} may mean {format}", one.saw));
    Ok(format!(
        "no known annotations: there is {found}{}. Expected are files of {}; name the folder or file that has \
         them, or say which with --format",
        possible.unwrap_or_default(),
        expected.join(", ")
    ))
}
