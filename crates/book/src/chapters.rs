//! Which file is which chapter, and in what order they are read.

/// One chapter: a Markdown file of the repository.
#[derive(Clone, Copy, Debug)]
pub struct Chapter {
    /// The part of the book that it belongs to; empty for the first page.
    pub part: &'static str,
    /// Its name in addresses, and of its file in `docs` without the ending.
    pub slug: &'static str,
    /// Its line in the list of contents.
    pub title: &'static str,
    pub(crate) source: &'static str,
}

macro_rules! chapters {
    ($($part:literal { $($slug:literal, $title:literal;)+ })+) => {
        /// All chapters, in the order of reading.
        pub const CHAPTERS: &[Chapter] = &[$($(Chapter {
            part: $part,
            slug: $slug,
            title: $title,
            source: include_str!(concat!("../../../docs/", $slug, ".md")),
        },)+)+];
    };
}

impl Chapter {
    /// Its Markdown.
    #[must_use]
    pub fn source(&self) -> &'static str {
        self.source
    }
}

/// The slug of the page that the book opens with.
pub const FIRST: &str = "index";

chapters! {
    "" {
        "index", "What is where";
    }
    "Begin" {
        "install", "Install";
        "first-model", "A first model";
        "importing", "Import a dataset";
        "models", "Bring a model";
    }
    "Use" {
        "review", "Review";
        "queries", "Queries";
        "monitoring", "Monitoring";
        "notices", "Notices";
        "loop", "The feedback loop";
        "settings", "Settings";
    }
    "From programs" {
        "api", "The API";
        "clients", "Clients";
        "sending", "What is taken";
        "trainers", "Trainers";
        "detector", "The built-in detector";
    }
    "Operations" {
        "operations", "Run it";
        "devices", "On a GPU";
        "proxies", "Behind a proxy";
        "data", "Keep the data";
    }
    "Reference" {
        "formats", "Formats of datasets";
        "datasets", "How datasets are read";
        "images", "Images";
        "figures", "Figures";
        "statistics", "Statistics";
        "glossary", "Words";
        "faq", "Questions";
    }
}

/// The chapter of this name.
#[must_use]
pub fn chapter(slug: &str) -> Option<&'static Chapter> {
    CHAPTERS.iter().find(|chapter| chapter.slug == slug)
}

/// The pictures that chapters show.
const PICTURES: &[(&str, &[u8])] = &[
    ("compare.png", include_bytes!("../../../docs/compare.png")),
    ("dashboard.png", include_bytes!("../../../docs/dashboard.png")),
    ("screenshot.png", include_bytes!("../../../docs/screenshot.png")),
];

/// The bytes of a picture of the book, a PNG file.
#[must_use]
pub fn picture(name: &str) -> Option<&'static [u8]> {
    PICTURES.iter().find(|(known, _)| *known == name).map(|(_, bytes)| *bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{collections::BTreeSet, fs, path::Path};

    #[test]
    fn every_document_is_a_chapter() {
        let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
        let files = fs::read_dir(docs).expect("the folder").map(|entry| entry.expect("an entry").file_name());
        let files: BTreeSet<String> =
            files.filter_map(|name| name.to_string_lossy().strip_suffix(".md").map(str::to_owned)).collect();
        let chapters: BTreeSet<String> = CHAPTERS.iter().map(|chapter| chapter.slug.to_owned()).collect();
        assert_eq!(files, chapters, "a new file of docs has its line in chapters.rs");
        assert_eq!(chapters.len(), CHAPTERS.len(), "no chapter is there twice");
    }
}
