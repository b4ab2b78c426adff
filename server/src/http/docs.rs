//! The book at `/docs`: its chapters, its pictures, and a search. Who reads it
//! need not be signed in.

use super::{
    AppState,
    problem::Problem,
    reading::{self, NavigationEntry, Sheet, escaped},
};
use app::BasePath;
use axum::{
    Router,
    extract::{Path, Query},
    response::{IntoResponse, Response},
    routing::get,
};
use book::{CHAPTERS, Chapter};
use domain::fault::ErrorKind;
use http::{HeaderMap, HeaderValue, header};
use std::{collections::HashMap, fmt::Write as _, sync::Arc};

/// Letters of a question that are looked at.
const LONGEST_QUESTION: usize = 200;

/// The chapters as HTML, made once.
struct Shelf {
    base: BasePath,
    pages: HashMap<&'static str, book::Page>,
}

/// The routes of the book.
pub(super) fn routes(base: &BasePath) -> Router<AppState> {
    let pages = CHAPTERS.iter().map(|chapter| (chapter.slug, book::render(chapter, base.as_str())));
    let shelf = Arc::new(Shelf { base: base.clone(), pages: pages.collect() });
    let (first, other) = (Arc::clone(&shelf), shelf);
    Router::new()
        .route(
            "/docs",
            get(move |headers: HeaderMap, Query(params): Query<HashMap<String, String>>| {
                std::future::ready(first.opened(&headers, params.get("q").map_or("", String::as_str)))
            }),
        )
        .route(
            "/docs/{name}",
            get(move |headers: HeaderMap, Path(name): Path<String>| {
                std::future::ready(other.named(&headers, &name))
            }),
        )
}

impl Shelf {
    /// The first page, or what was found.
    fn opened(&self, headers: &HeaderMap, question: &str) -> Response {
        let question: String = question.trim().chars().take(LONGEST_QUESTION).collect();
        if question.is_empty() { self.named(headers, book::FIRST) } else { self.found(headers, &question) }
    }

    fn named(&self, headers: &HeaderMap, name: &str) -> Response {
        if let Some(bytes) = book::picture(name) {
            let headers = [
                (header::CONTENT_TYPE, HeaderValue::from_static("image/png")),
                (header::CACHE_CONTROL, HeaderValue::from_static("max-age=3600")),
            ];
            return (headers, bytes).into_response();
        }
        let chapter = CHAPTERS.iter().position(|chapter| chapter.slug == name);
        let Some((at, page)) = chapter.zip(self.pages.get(name)) else {
            let message = format!("The docs have no page {name:?}. They begin at {}.", self.base.at("/docs"));
            return Problem::new(ErrorKind::NotFound, message).into_response();
        };
        let body = format!("{}{}", page.html, self.turning(at));
        let sheet = Sheet {
            entry: NavigationEntry::Docs,
            title: &page.title,
            contents: &self.contents(name),
            body: &body,
            beside: &sections(page),
            question: "",
            script: None,
        };
        reading::answer(&self.base, headers, &sheet)
    }

    fn found(&self, headers: &HeaderMap, question: &str) -> Response {
        let hits = book::search(question);
        let mut body = format!("<h1>{} found for “{}”</h1>", hits.len(), escaped(question));
        if hits.is_empty() {
            body.push_str(
                "<p>Each word must stand in the same section. Try fewer words, or one of another form.</p>",
            );
        }
        for place in &hits {
            let address = self.base.at(format!("/docs/{}#{}", place.slug, place.id));
            // Writing to a String does not fail.
            let _ = write!(
                body,
                "<section class=\"book-found\"><h2><a href=\"{}\">{}</a></h2><p class=\"dim\">{}</p><p>{}</p></section>",
                escaped(&address),
                escaped(&place.heading),
                escaped(place.chapter),
                escaped(&place.text)
            );
        }
        let sheet = Sheet {
            entry: NavigationEntry::Docs,
            title: "Search",
            contents: &self.contents(""),
            body: &body,
            beside: "",
            question,
            script: None,
        };
        reading::answer(&self.base, headers, &sheet)
    }

    /// The list of contents, with the open chapter marked.
    fn contents(&self, open: &str) -> String {
        let mut html = String::new();
        let mut part = "";
        for chapter in CHAPTERS {
            if chapter.part != part {
                part = chapter.part;
                let _ = write!(html, "<h2>{}</h2>", escaped(part));
            }
            let current = if chapter.slug == open { " aria-current=\"page\"" } else { "" };
            let _ =
                write!(html, "<a href=\"{}\"{current}>{}</a>", self.address(chapter), escaped(chapter.title));
        }
        html
    }

    /// To the chapters before and behind.
    fn turning(&self, at: usize) -> String {
        let link = |chapter: Option<&Chapter>, class: &str, words: &str| {
            chapter.map_or_else(String::new, |chapter| {
                format!(
                    "<a class=\"{class}\" rel=\"{class}\" href=\"{}\"><span class=\"dim\">{words}</span> {}</a>",
                    self.address(chapter),
                    escaped(chapter.title)
                )
            })
        };
        let before = at.checked_sub(1).and_then(|before| CHAPTERS.get(before));
        format!(
            "<nav class=\"book-turn\" aria-label=\"Other pages\">{}{}</nav>",
            link(before, "prev", "Before"),
            link(CHAPTERS.get(at + 1), "next", "Next")
        )
    }

    fn address(&self, chapter: &Chapter) -> String {
        let path =
            if chapter.slug == book::FIRST { "/docs".to_owned() } else { format!("/docs/{}", chapter.slug) };
        escaped(&self.base.at(path))
    }
}

/// The sections of a page, to go to.
fn sections(page: &book::Page) -> String {
    let sections: Vec<_> = page.headings.iter().filter(|heading| heading.level == 2).collect();
    if sections.len() < 2 {
        return String::new();
    }
    let links: String = sections
        .iter()
        .map(|heading| format!("<a href=\"#{}\">{}</a>", escaped(&heading.id), escaped(&heading.text)))
        .collect();
    format!("<nav aria-label=\"On this page\"><h2>On this page</h2>{links}</nav>")
}
