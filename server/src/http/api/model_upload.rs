//! A model file on its way in: the whole body or a part of a form, written to
//! the disk as it comes.

use super::{
    form,
    form_file::{self, FileForm},
};
use crate::http::{
    AppState,
    admission::{Admin, Unread},
    body::unwritable,
    problem::Problem,
};
use service::As;
use tempfile::TempPath;

/// Bytes that a model file may have.
pub(super) const MODEL_BYTES: usize = 512 * 1024 * 1024;
/// First bytes of an ONNX file: the tag of a field of `ModelProto` that comes
/// with its wire type. Those above 15 take two bytes.
const ONNX_TAGS: [u8; 11] = [0x08, 0x12, 0x1a, 0x22, 0x28, 0x32, 0x3a, 0x42, 0x72, 0xa2, 0xca];

/// A model file that is here, and goes when this is dropped.
pub(super) struct SentModel {
    /// The file.
    pub path: TempPath,
    /// As the client named it, in a form.
    pub filename: Option<String>,
    /// The texts of a form.
    fields: Vec<(String, String)>,
}

impl SentModel {
    /// The text of a form's part; `None` where it was not sent.
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(part, _)| part == name).map(|(_, text)| text.as_str())
    }

    /// Refuses a form with other parts than these.
    ///
    /// # Errors
    /// 400 with the part.
    pub(super) fn check_fields(&self, known: &[&str]) -> Result<(), Problem> {
        match self.fields.iter().find(|(part, _)| !known.contains(&part.as_str())) {
            None => Ok(()),
            Some((part, _)) => {
                let message = format!("There is no part {part:?}: send file, {}.", known.join(", "));
                Err(Problem::invalid(part, message))
            }
        }
    }
}

/// Writes what was sent into a file beside where models are stored: a folder of
/// the machine's may be in memory.
///
/// # Errors
/// 413 over the limit; 400 when it begins like no model, breaks off, or is a
/// form without a file.
pub(super) async fn receive(
    state: &AppState,
    unread: Unread<Admin>,
) -> Result<(As<Admin>, SentModel), Problem> {
    let folder = state.store.blobs().scratch_folder();
    let made =
        tokio::task::spawn_blocking(move || tempfile::Builder::new().prefix(".import").tempfile_in(folder));
    let made = made.await.map_err(std::io::Error::from).flatten().map_err(|error| unwritable(&error))?;
    let (file, path) = made.into_parts();
    let mut file = tokio::fs::File::from_std(file);
    if !form::is_multipart(&unread.headers) {
        let actor = unread.into_file(&mut file, MODEL_BYTES, beginning).await?;
        return Ok((actor, SentModel { path, filename: None, fields: Vec::new() }));
    }
    let Unread { actor, headers, body, share } = unread;
    let form = form_file::read_into_file((headers, body, share), &mut file, MODEL_BYTES, beginning).await?;
    let FileForm { filename, has_file, fields, .. } = form;
    if !has_file {
        return Err(Problem::invalid("file", "The form has no part `file` with the model."));
    }
    Ok((actor, SentModel { path, filename, fields }))
}

/// Refuses what is no model before all of it is here: safetensors begin with
/// eight bytes that say how long the head is, which is JSON; ONNX begins with
/// the tag of one of its fields.
fn beginning(bytes: &[u8]) -> Result<(), Problem> {
    let length = bytes.first_chunk().map(|bytes| u64::from_le_bytes(*bytes));
    let ours = length.is_some_and(|length| length <= MODEL_BYTES as u64) && bytes.get(8) == Some(&b'{');
    let onnx = bytes.first().is_some_and(|first| ONNX_TAGS.contains(first));
    if ours || onnx {
        return Ok(());
    }
    let message = "This is no model: the file begins neither as ONNX nor as weights of Fovea do.";
    Err(Problem::invalid("file", message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_its_first_bytes() {
        let ours = [200, 0, 0, 0, 0, 0, 0, 0, b'{', b'"', b'a', b'"', b':', b'{', b'}', b' '];
        let onnx = b"\x08\x09\x12\x07pytorch\x1a\x03";
        assert!(beginning(&ours).is_ok() && beginning(onnx).is_ok());
        for other in
            [&b"PK\x03\x04............"[..], b"\x80\x02}q\x00X........", b"\xff\xd8\xff\xe0............"]
        {
            assert_eq!(beginning(other).map_err(|problem| problem.0.kind.status()), Err(400));
        }
    }
}
