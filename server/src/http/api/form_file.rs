//! `multipart/form-data` with a file that is written to the disk as it comes.

use super::{
    filename,
    form::{checked_name, read_field},
    watched_form::Watched,
};
use crate::http::{
    body::{self, Beginning, FORM_TEXT_BYTES, Share, check_announced, too_large},
    problem::Problem,
};
use axum::{body::Body, extract::multipart::Field};
use http::HeaderMap;
use tokio::io::AsyncWriteExt as _;

/// What a form said besides its file, which lies on the disk.
pub(super) struct FileForm {
    /// As the client named the file; `None` when there was none.
    pub filename: Option<String>,
    /// Whether there was a file.
    pub has_file: bool,
    /// All other parts; one name may come several times.
    pub fields: Vec<(String, String)>,
    _share: Share,
}

/// Reads a form, and writes its part `file`, of at most `limit` bytes whose
/// first ones please `beginning`, to the disk as it comes.
///
/// # Errors
/// Those of [`read`](super::form::read), and what `beginning` says.
pub(super) async fn read_into_file(
    (headers, body, mut share): (HeaderMap, Body, Share),
    file: &mut tokio::fs::File,
    limit: usize,
    beginning: Beginning,
) -> Result<FileForm, Problem> {
    check_announced(&headers, limit + FORM_TEXT_BYTES)?;
    // What goes to the disk takes no memory: only the texts are counted.
    let watched = Watched::uncounted(limit + FORM_TEXT_BYTES);
    let mut parts = watched.parts(headers, body).await?;
    let (mut filename, mut has_file, mut fields, mut texts) = (None, false, Vec::new(), 0);
    while let Some(mut field) = parts.next_field().await.map_err(|error| watched.fault(&error))? {
        watched.progressed();
        let name = checked_name(&field, fields.len() + usize::from(has_file))?;
        if name == "file" {
            if std::mem::replace(&mut has_file, true) {
                return Err(Problem::invalid("file", "The form has more than one file: send one at a time."));
            }
            filename = filename::of_part(field.headers());
            write_field(&mut field, file, limit, beginning, &watched).await?;
        } else {
            let bytes = read_field(field, FORM_TEXT_BYTES - texts, &watched).await?;
            texts += bytes.len();
            share.hold(texts).await?;
            let text = String::from_utf8(bytes.into())
                .map_err(|_| Problem::invalid(&name, "The field is not UTF-8 text."))?;
            fields.push((name, text));
        }
    }
    Ok(FileForm { filename, has_file, fields, _share: share })
}

async fn write_field(
    field: &mut Field<'_>,
    file: &mut tokio::fs::File,
    limit: usize,
    beginning: Beginning,
    watched: &Watched,
) -> Result<(), Problem> {
    let (mut length, mut first) = (0, Vec::new());
    while let Some(chunk) = field.chunk().await.map_err(|error| watched.fault(&error))? {
        watched.progressed();
        length += chunk.len();
        if length > limit {
            return Err(too_large(limit));
        }
        if first.len() < body::BEGINNING {
            first.extend(chunk.iter().take(body::BEGINNING - first.len()));
            if first.len() == body::BEGINNING {
                beginning(&first)?;
            }
        }
        file.write_all(&chunk).await.map_err(|error| body::unwritable(&error))?;
    }
    file.flush().await.map_err(|error| body::unwritable(&error))
}
