//! What a format is to those who read data sets: something with a name that
//! recognises its files and reads them. Which there are is listed in `readers`.

use crate::{FormatError, folder, intake::Intake, text};
use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
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

    /// The beginning of a file as text, UTF-16 decoded, else what is no UTF-8
    /// replaced; empty when
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
        let text = text::decode(bytes.clone(), None, None);
        let text = text.unwrap_or_else(|_| String::from_utf8_lossy(&bytes).into_owned());
        text.trim_start_matches('\u{FEFF}').to_owned()
    }
}
