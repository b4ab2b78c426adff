//! Files and folders that a person drops or chooses, as one file to send: an
//! archive as it is, and all else as a tar whose members are the browser's own
//! files. Nothing is copied into memory: the browser reads each piece from the
//! disk as it is sent.

use super::exchange::accepted;
use crate::answers::Refusal;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, Blob, DragEvent, Event, File, FileList, HtmlInputElement, RequestInit,
    js_sys::{Array, Function, Promise, Reflect, Uint8Array},
};

/// Ends of names that archives have; they are sent as they are.
const ARCHIVES: [&str; 9] =
    [".zip", ".tar", ".tgz", ".tar.gz", ".7z", ".rar", ".tar.bz2", ".tar.xz", ".tar.zst"];
/// Bytes that are sent in one request.
const PIECE_BYTES: f64 = 8.0 * 1024.0 * 1024.0;
/// A tar comes in blocks of so many bytes.
const BLOCK: usize = 512;
/// Bytes that a size in a tar's head may count: eleven octal digits.
const MOST_BYTES: f64 = 8.0 * 1024.0 * 1024.0 * 1024.0;

/// What a person gave, as one file.
#[derive(Clone)]
pub struct PackedUpload {
    /// What it is called: the archive's name, or that of the folder.
    pub name: String,
    /// How many files.
    pub files: usize,
    /// Bytes of the one that is sent.
    pub bytes: u64,
    blob: Blob,
}

/// The files and folders that were dropped, with all that is in them. To be
/// called in the event itself.
pub fn dropped_files(
    event: &DragEvent,
) -> impl Future<Output = Result<Option<PackedUpload>, Refusal>> + use<> {
    // What was dropped is only known during the event.
    let items = event.data_transfer().map(JsValue::from);
    let items =
        items.and_then(|data| Reflect::get(&data, &"items".into()).ok()).unwrap_or(JsValue::UNDEFINED);
    let entries: Vec<JsValue> = Array::from(&items).iter().filter_map(|item| entry_of(&item)).collect();
    async move { packed(walked(entries).await.map_err(|_| unreadable())?) }
}

/// The files that were chosen in a field, which is then empty again.
pub fn chosen_files(event: &Event) -> Result<Option<PackedUpload>, Refusal> {
    let Some(field) = event.target().and_then(|t| t.dyn_into::<HtmlInputElement>().ok()) else {
        return Ok(None);
    };
    let files = field.files().map(listed).unwrap_or_default();
    let given = packed(files);
    field.set_value("");
    given
}

fn listed(files: FileList) -> Vec<(String, File)> {
    let files = (0..files.length()).filter_map(|index| files.get(index));
    let named = files.map(|file| {
        // Below the chosen folder, if it was one.
        let path = Reflect::get(&file, &"webkitRelativePath".into()).ok().and_then(|path| path.as_string());
        (path.filter(|path| !path.is_empty()).unwrap_or_else(|| file.name()), file)
    });
    named.collect()
}

fn entry_of(item: &JsValue) -> Option<JsValue> {
    let entry = method(item, "webkitGetAsEntry")?.call0(item).ok()?;
    (!entry.is_null() && !entry.is_undefined()).then_some(entry)
}

fn method(of: &JsValue, name: &str) -> Option<Function> {
    Reflect::get(of, &name.into()).ok()?.dyn_into().ok()
}

fn is(entry: &JsValue, word: &str) -> bool {
    Reflect::get(entry, &word.into()).is_ok_and(|value| value.is_truthy())
}

/// What a method of before promises gives to its first callback.
async fn called_back(of: &JsValue, name: &str) -> Result<JsValue, JsValue> {
    let function = method(of, name).ok_or(JsValue::UNDEFINED)?;
    let promise = Promise::new(&mut |resolve, reject| {
        if let Err(error) = function.call2(of, &resolve, &reject) {
            // The promise has no other end then.
            let _ = reject.call1(&JsValue::UNDEFINED, &error);
        }
    });
    JsFuture::from(promise).await
}

/// All files in these entries, by their paths.
async fn walked(entries: Vec<JsValue>) -> Result<Vec<(String, File)>, JsValue> {
    let name_of = |entry: &JsValue| {
        Reflect::get(entry, &"name".into()).ok().and_then(|name| name.as_string()).unwrap_or_default()
    };
    let mut waiting: Vec<(String, JsValue)> =
        entries.into_iter().map(|entry| (name_of(&entry), entry)).collect();
    let mut files = Vec::new();
    while let Some((path, entry)) = waiting.pop() {
        if is(&entry, "isFile") {
            files.push((path, called_back(&entry, "file").await?.dyn_into()?));
            continue;
        }
        let Some(reader) = method(&entry, "createReader").and_then(|make| make.call0(&entry).ok()) else {
            continue;
        };
        // It gives a hundred at a time, and none at the end.
        loop {
            let some = Array::from(&called_back(&reader, "readEntries").await?);
            if some.length() == 0 {
                break;
            }
            waiting.extend(some.iter().map(|inner| (format!("{path}/{}", name_of(&inner)), inner)));
        }
    }
    files.sort_by(|(one, _), (other, _)| one.cmp(other));
    Ok(files)
}

fn unreadable() -> Refusal {
    Refusal {
        title: "Not read".to_owned(),
        detail: "The browser cannot read these files. Check that they are there and yours to read, and give them again."
            .to_owned(),
    }
}

/// One file of all; `None` for nothing.
fn packed(files: Vec<(String, File)>) -> Result<Option<PackedUpload>, Refusal> {
    let Some((path, first)) = files.first() else { return Ok(None) };
    let lower = path.to_ascii_lowercase();
    if files.len() == 1 && ARCHIVES.iter().any(|end| lower.ends_with(end)) {
        let (name, bytes) = (path.clone(), first.size() as u64);
        return Ok(Some(PackedUpload { name, files: 1, bytes, blob: first.clone().into() }));
    }
    let top = path.split('/').next().unwrap_or(path);
    let same = files.iter().all(|(path, _)| path.split('/').next() == Some(top));
    let name = if same { top.to_owned() } else { "files".to_owned() };
    let blob = tar_of(&files).ok_or_else(unreadable)?;
    Ok(Some(PackedUpload {
        name: format!("{name}.tar"),
        files: files.len(),
        bytes: blob.size() as u64,
        blob,
    }))
}

/// A tar whose members the browser reads when they are sent.
fn tar_of(files: &[(String, File)]) -> Option<Blob> {
    let parts = Array::new();
    let push = |bytes: &[u8]| parts.push(&Uint8Array::from(bytes));
    for (path, file) in files {
        let size = file.size();
        if size >= MOST_BYTES {
            return None;
        }
        push(&tar_head(path, size as u64));
        parts.push(file);
        push(&vec![0; padding(size as usize)]);
    }
    push(&[0; 2 * BLOCK]);
    Blob::new_with_blob_sequence(&parts).ok()
}

/// Bytes up to the next block.
fn padding(bytes: usize) -> usize {
    bytes.next_multiple_of(BLOCK) - bytes
}

/// What stands before a file of so many bytes; a long name is a member of its
/// own, as GNU's tar has it.
fn tar_head(path: &str, size: u64) -> Vec<u8> {
    const NAME: usize = 100;
    let mut head = Vec::new();
    if path.len() > NAME {
        head.extend(tar_block(b"././@LongLink", path.len() as u64, b'L'));
        head.extend(path.as_bytes());
        head.extend(vec![0; padding(path.len())]);
    }
    let start: Vec<u8> = path.bytes().take(NAME).collect();
    head.extend(tar_block(&start, size, b'0'));
    head
}

/// A head of 512 bytes (POSIX.1-1988, ustar).
fn tar_block(name: &[u8], size: u64, kind: u8) -> Vec<u8> {
    let mut block = Vec::with_capacity(BLOCK);
    block.extend(name);
    block.resize(100, 0);
    block.extend(b"0000644\x000000000\x000000000\x00");
    block.extend(format!("{size:011o}\x0000000000000\x00").bytes());
    // The sum is made with blanks in its place.
    block.extend(b"        ");
    block.push(kind);
    block.resize(257, 0);
    block.extend(b"ustar\x0000");
    block.resize(BLOCK, 0);
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block.splice(148..156, format!("{sum:06o}\x00 ").bytes());
    block
}

/// A file that is being sent in pieces.
pub struct SendingFile {
    given: PackedUpload,
    controller: Option<AbortController>,
}

impl SendingFile {
    /// Ready to send.
    #[must_use]
    pub fn new(given: PackedUpload) -> Self {
        Self { given, controller: AbortController::new().ok() }
    }

    /// Ends what is under way: it fails.
    pub fn abort(&self) {
        if let Some(controller) = &self.controller {
            controller.abort();
        }
    }

    /// Puts the piece that begins at `offset` to `url`, and gives the answer's
    /// text.
    ///
    /// # Errors
    /// What the server said, or that it cannot be reached.
    pub fn piece(&self, url: &str, offset: u64) -> impl Future<Output = Result<String, Refusal>> + use<> {
        let (from, all) = (offset as f64, self.given.bytes as f64);
        let piece = self.given.blob.slice_with_f64_and_f64(from, (from + PIECE_BYTES).min(all));
        let signal = self.controller.as_ref().map(AbortController::signal);
        let url = format!("{url}?offset={offset}");
        async move {
            let request = RequestInit::new();
            request.set_method("PUT");
            let piece: Blob = piece.map_err(|_| cut_off())?;
            request.set_body(&piece);
            request.set_signal(signal.as_ref());
            accepted(&url, &request, cut_off).await
        }
    }
}

fn cut_off() -> Refusal {
    Refusal {
        title: "Not sent".to_owned(),
        detail: "The server cannot be reached, or a file changed meanwhile. What was sent is kept: go on."
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_says_name_size_and_its_own_sum() {
        let head = tar_head("a/b.jpg", 5);
        assert_eq!(
            (head.len(), &head[..8], &head[124..136]),
            (BLOCK, &b"a/b.jpg\0"[..], &b"00000000005\0"[..])
        );
        let sum: u32 = head
            .iter()
            .zip(0..)
            .map(|(byte, at)| if (148..156).contains(&at) { 32 } else { u32::from(*byte) })
            .sum();
        assert_eq!(&head[148..156], format!("{sum:06o}\0 ").as_bytes());
        assert_eq!((&head[257..265], head[156]), (&b"ustar\x0000"[..], b'0'));
    }

    #[test]
    fn a_long_name_comes_before_its_file() {
        let name = "x".repeat(150);
        let head = tar_head(&name, 5);
        assert_eq!((head.len(), head[156]), (3 * BLOCK, b'L'));
        assert_eq!(&head[BLOCK..BLOCK + 151], format!("{name}\0").as_bytes());
        assert_eq!(padding(0) + padding(512) + padding(1), 511);
    }
}
