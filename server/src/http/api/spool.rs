//! An answer that is collected before it is sent: in memory while it is small,
//! and else in a file that nobody else sees and that ends with it.

use crate::http::{body::unwritable, problem::Problem};
use axum::body::Body;
use bytes::BytesMut;
use std::path::PathBuf;
use tokio::{
    fs::File,
    io::{AsyncSeekExt as _, AsyncWriteExt as _},
};
use tokio_util::io::ReaderStream;

/// Bytes in memory.
const IN_MEMORY: usize = 256 * 1024;

/// What was collected so far.
pub(super) struct Spool {
    folder: PathBuf,
    recent: BytesMut,
    file: Option<File>,
}

impl Spool {
    /// Nothing yet; a file would lie in `folder`.
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder, recent: BytesMut::new(), file: None }
    }

    /// Adds some text.
    ///
    /// # Errors
    /// 500 when the file cannot be written.
    pub(super) async fn push(&mut self, text: &[u8]) -> Result<(), Problem> {
        self.recent.extend_from_slice(text);
        if self.recent.len() < IN_MEMORY { Ok(()) } else { self.write().await }
    }

    async fn write(&mut self) -> Result<(), Problem> {
        if self.file.is_none() {
            let folder = self.folder.clone();
            let made = tokio::task::spawn_blocking(move || tempfile::tempfile_in(folder)).await;
            let made = made.map_err(std::io::Error::from).flatten().map_err(|error| unwritable(&error))?;
            self.file = Some(File::from_std(made));
        }
        if let Some(file) = &mut self.file {
            file.write_all(&self.recent).await.map_err(|error| unwritable(&error))?;
        }
        self.recent.clear();
        Ok(())
    }

    /// All of it, from the beginning.
    ///
    /// # Errors
    /// 500 when the file cannot be written.
    pub(super) async fn into_body(mut self) -> Result<Body, Problem> {
        if self.file.is_none() {
            return Ok(Body::from(self.recent.freeze()));
        }
        self.write().await?;
        let Some(mut file) = self.file else { return Ok(Body::empty()) };
        file.flush().await.map_err(|error| unwritable(&error))?;
        file.rewind().await.map_err(|error| unwritable(&error))?;
        Ok(Body::from_stream(ReaderStream::with_capacity(file, 64 * 1024)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;

    #[tokio::test]
    async fn what_was_collected_comes_back_from_memory_and_from_a_file() {
        let folder = tempfile::tempdir().expect("a folder");
        for lines in [0, 10, 100_000] {
            let mut spool = Spool::new(folder.path().to_owned());
            let mut all = Vec::new();
            for line in 0..lines {
                let text = format!("line {line}\n");
                spool.push(text.as_bytes()).await.unwrap_or_else(|problem| panic!("{:?}", problem.0));
                all.extend(text.into_bytes());
                assert!(spool.recent.len() < IN_MEMORY);
            }
            let body = spool.into_body().await.unwrap_or_else(|problem| panic!("{:?}", problem.0));
            assert!(body.collect().await.expect("read").to_bytes() == all, "{lines}");
        }
        assert_eq!(std::fs::read_dir(folder.path()).expect("read").count(), 0, "no file is left behind");
    }
}
