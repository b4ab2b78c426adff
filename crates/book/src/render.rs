//! A chapter's Markdown as HTML: headings that can be linked to, tables that
//! scroll by themselves on a narrow screen, links that work on a server.

use crate::{chapters::Chapter, links::resolve};
use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

/// A chapter as HTML.
#[derive(Clone, Debug)]
pub struct Page {
    /// Its first heading.
    pub title: String,
    /// The body, with the first heading.
    pub html: String,
    /// The headings below the first.
    pub headings: Vec<Heading>,
}

/// A heading that can be linked to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// 2 for a section of a chapter, 3 for a part of one, and so on.
    pub level: usize,
    /// The fragment of its address.
    pub id: String,
    /// Its text.
    pub text: String,
}

/// Takes a chapter apart as the repository's pages do.
pub(crate) fn events(source: &str) -> Parser<'_> {
    Parser::new_ext(source, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH)
}

/// The HTML of a chapter on a server whose addresses begin with `base`, which
/// is empty at the root of a host.
#[must_use]
pub fn render(chapter: &Chapter, base: &str) -> Page {
    let mut all: Vec<Event<'_>> = events(chapter.source).collect();
    let headings = name_headings(&mut all);
    let mut left_out = Vec::new();
    let mut out = Vec::with_capacity(all.len());
    for event in all {
        match event {
            Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
                let address = resolve(&dest_url, base);
                left_out.push(address.is_none());
                if let Some(address) = address {
                    out.push(Event::Start(Tag::Link { link_type, dest_url: address.into(), title, id }));
                }
            }
            Event::End(TagEnd::Link) if left_out.pop() == Some(true) => {}
            Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
                let dest_url = resolve(&dest_url, base).map_or(dest_url, CowStr::from);
                out.push(Event::Start(Tag::Image { link_type, dest_url, title, id }));
            }
            Event::Start(Tag::Table(_)) => {
                out.push(Event::Html(
                    "<div class=\"book-table\" tabindex=\"0\" role=\"group\" aria-label=\"Table\">".into(),
                ));
                out.push(event);
            }
            Event::End(TagEnd::Table) => {
                out.push(event);
                out.push(Event::Html("</div>".into()));
            }
            // Notes to programs that write parts of a chapter.
            Event::Html(text) | Event::InlineHtml(text) if text.trim_start().starts_with("<!--") => {}
            other => out.push(other),
        }
    }
    let mut page = String::new();
    html::push_html(&mut page, out.into_iter());
    // A listing that is wider than its place is moved by the keyboard, too.
    let page = page.replace("<pre>", "<pre tabindex=\"0\">");
    let mut headings = headings.into_iter();
    let title = headings.next().map_or_else(|| chapter.title.to_owned(), |heading| heading.text);
    Page { title, html: page, headings: headings.collect() }
}

/// Gives each heading the fragment that the repository's pages give it.
fn name_headings(events: &mut [Event<'_>]) -> Vec<Heading> {
    let mut headings: Vec<Heading> = Vec::new();
    let starts: Vec<usize> = (0..events.len())
        .filter(|at| matches!(events.get(*at), Some(Event::Start(Tag::Heading { .. }))))
        .collect();
    for start in starts {
        let text = text_until_the_end(events.get(start..).unwrap_or_default());
        let mut id = slug(&text);
        let same = headings.iter().filter(|heading| slug(&heading.text) == id).count();
        if same > 0 {
            id = format!("{id}-{same}");
        }
        if let Some(Event::Start(Tag::Heading { level, id: place, .. })) = events.get_mut(start) {
            *place = Some(id.clone().into());
            headings.push(Heading { level: number(*level), id, text });
        }
    }
    headings
}

fn number(level: HeadingLevel) -> usize {
    level as usize
}

fn text_until_the_end(events: &[Event<'_>]) -> String {
    let inside = events.iter().take_while(|event| !matches!(event, Event::End(TagEnd::Heading(_))));
    inside
        .filter_map(|event| match event {
            Event::Text(text) | Event::Code(text) => Some(text.as_ref()),
            _ => None,
        })
        .collect()
}

/// `What is it?` → `what-is-it`.
pub(crate) fn slug(text: &str) -> String {
    let letters = text.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    letters.map(|c| if c == ' ' { '-' } else { c }).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chapters::CHAPTERS;
    use std::collections::BTreeSet;

    fn page(source: &'static str) -> Page {
        render(&Chapter { part: "", slug: "x", title: "X", source }, "/base")
    }

    #[test]
    fn headings_have_places_and_links_lead_into_the_book() {
        let page = page(
            "# A page\n\n## What is `it`?\n\n[data](data.md#backups) and [code](../server/x.rs)\n\n## What is it?\n",
        );
        assert_eq!(page.title, "A page");
        let ids: Vec<&str> = page.headings.iter().map(|heading| heading.id.as_str()).collect();
        assert_eq!(ids, ["what-is-it", "what-is-it-1"]);
        assert!(page.html.contains("<h2 id=\"what-is-it\">"), "{}", page.html);
        assert!(page.html.contains("<a href=\"/base/docs/data#backups\">data</a> and code"), "{}", page.html);
    }

    #[test]
    fn a_table_scrolls_in_a_frame_of_its_own_and_notes_are_not_shown() {
        let page = page("# A\n\n<!-- made -->\n| a | b |\n|---|---|\n| `<x>` | 2 |\n<!-- end -->\n");
        assert!(
            page.html.contains("<div class=\"book-table\"") && page.html.contains("</table>\n</div>"),
            "{}",
            page.html
        );
        assert!(page.html.contains("&lt;x&gt;") && !page.html.contains("<!--"), "{}", page.html);
    }

    /// Links of the repository that a server cannot follow; what they name is
    /// still written there.
    fn is_of_the_repository(target: &str) -> bool {
        target.starts_with("../") || target.starts_with("decisions/") || target.starts_with("grafana/")
    }

    #[test]
    fn every_link_of_every_chapter_leads_somewhere() {
        let mut wrong = Vec::new();
        for chapter in CHAPTERS {
            for event in events(chapter.source) {
                let (Event::Start(Tag::Link { dest_url, .. }) | Event::Start(Tag::Image { dest_url, .. })) =
                    event
                else {
                    continue;
                };
                let file = dest_url.split('#').next().unwrap_or_default();
                let repository =
                    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(file);
                let outside = dest_url.contains("://");
                let known = resolve(&dest_url, "").is_some() || is_of_the_repository(&dest_url);
                if !(known && (outside || repository.exists())) {
                    wrong.push(format!("{}: {dest_url}", chapter.slug));
                }
                if let Some((file, place)) = dest_url.split_once('#') {
                    let there = if file.is_empty() {
                        Some(chapter)
                    } else {
                        file.strip_suffix(".md").and_then(crate::chapter)
                    };
                    let ids: BTreeSet<String> = there
                        .map(|there| {
                            render(there, "").headings.into_iter().map(|heading| heading.id).collect()
                        })
                        .unwrap_or_default();
                    if !outside && !file.starts_with("../") && !ids.contains(place) {
                        wrong.push(format!("{}: {dest_url} names no heading", chapter.slug));
                    }
                }
            }
        }
        assert_eq!(wrong, Vec::<String>::new());
    }

    #[test]
    fn every_chapter_opens_with_one_heading() {
        for chapter in CHAPTERS {
            let page = render(chapter, "");
            assert_eq!(page.html.matches("<h1").count(), 1, "{}", chapter.slug);
            assert!(page.html.starts_with("<h1"), "{}", chapter.slug);
            assert!(page.headings.iter().all(|heading| heading.level > 1), "{}", chapter.slug);
        }
    }
}
