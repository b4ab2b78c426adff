//! Where words stand in the book.

use crate::{
    chapters::{CHAPTERS, Chapter},
    render::{events, slug},
};
use pulldown_cmark::{Event, Tag, TagEnd};

/// Places that a search gives at most.
const MOST: usize = 30;
/// Characters of a section's text that are shown.
const SHOWN: usize = 200;

/// A section in which all words stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchHit {
    /// Its chapter.
    pub slug: &'static str,
    /// The chapter's line in the list of contents.
    pub chapter: &'static str,
    /// The section's heading.
    pub heading: String,
    /// The fragment of its address.
    pub id: String,
    /// Its text around the first of the words.
    pub text: String,
}

struct Section {
    heading: String,
    text: String,
}

/// The sections in which each word of `question` stands, whatever its case:
/// those first that have one in their heading.
#[must_use]
pub fn search(question: &str) -> Vec<SearchHit> {
    let words: Vec<String> = question.split_whitespace().take(8).map(str::to_lowercase).collect();
    if words.is_empty() {
        return Vec::new();
    }
    let mut hits: Vec<(bool, SearchHit)> = Vec::new();
    for chapter in CHAPTERS {
        for section in sections(chapter) {
            let (heading, text) = (section.heading.to_lowercase(), section.text.to_lowercase());
            if words.iter().all(|word| heading.contains(word) || text.contains(word)) {
                let named = words.iter().any(|word| heading.contains(word));
                let text = around(&section.text, words.first().map_or("", String::as_str));
                let id = slug(&section.heading);
                hits.push((
                    !named,
                    SearchHit {
                        slug: chapter.slug,
                        chapter: chapter.title,
                        heading: section.heading,
                        id,
                        text,
                    },
                ));
            }
        }
    }
    hits.sort_by_key(|(later, _)| *later);
    hits.into_iter().map(|(_, hit)| hit).take(MOST).collect()
}

fn sections(chapter: &Chapter) -> Vec<Section> {
    let mut all: Vec<Section> = Vec::new();
    let mut in_heading = false;
    for event in events(chapter.source) {
        match event {
            Event::Start(Tag::Heading { .. }) => {
                in_heading = true;
                all.push(Section { heading: String::new(), text: String::new() });
            }
            Event::End(TagEnd::Heading(_)) => in_heading = false,
            Event::Text(text) | Event::Code(text) => {
                let Some(section) = all.last_mut() else { continue };
                let place = if in_heading { &mut section.heading } else { &mut section.text };
                place.push_str(&text);
            }
            Event::SoftBreak | Event::HardBreak | Event::End(_) if !in_heading => {
                if let Some(section) = all.last_mut().filter(|section| !section.text.ends_with(' ')) {
                    section.text.push(' ');
                }
            }
            _ => {}
        }
    }
    all
}

/// What stands around the first `word`, from a word's beginning on.
fn around(text: &str, word: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let at = words.iter().position(|other| other.to_lowercase().contains(word)).unwrap_or(0);
    let from = at.saturating_sub(8);
    let mut shown = if from > 0 { "… ".to_owned() } else { String::new() };
    for word in words.get(from..).unwrap_or_default() {
        if shown.chars().count() + word.chars().count() > SHOWN {
            shown.push('…');
            return shown;
        }
        shown.push_str(word);
        shown.push(' ');
    }
    shown.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_found_by_all_its_words_in_any_case() {
        let sections = search("Restore EMPTY folder");
        assert!(
            sections.iter().any(|section| section.slug == "data" && section.id == "backups"),
            "{sections:?}"
        );
        assert!(search("restore zebra").is_empty() && search("  ").is_empty());
    }

    #[test]
    fn what_has_the_word_in_its_heading_comes_first() {
        let sections = search("backups");
        assert!(
            sections.first().is_some_and(|section| section.heading.to_lowercase().contains("backup")),
            "{sections:?}"
        );
        assert!(sections.iter().all(|section| section.text.chars().count() <= SHOWN + 2));
    }
}
