//! The same blobs in a bucket: the store talks to a server on 127.0.0.1 that
//! speaks as much of S3 as is needed to put, get, measure and delete.
//!
//! Credentials and the endpoint come from `AWS_*` variables, so that the part
//! under test runs as a process of its own.

use crate::fixtures::START;
use bytes::Bytes;
use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    process::{Command, Stdio},
    sync::{Arc, Mutex},
};
use store::{BlobKind, REMOVAL_GRACE_MS, Store, StoreError, StoreOptions};

const FOLDER: &str = "FOVEA_TEST_BUCKET_FOLDER";

type Objects = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

/// What runs as a process of its own; without the variable it is not asked to
/// do anything.
#[test]
fn child() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let local = StoreOptions::in_folder(folder.as_ref());
        let options = StoreOptions { storage_url: "s3://pictures/some/prefix".to_owned(), ..local };
        let store = Store::open(options).await.unwrap();
        let blobs = store.blobs();
        let key = blobs.put(BlobKind::Images, Bytes::from_static(b"an image")).await.unwrap();
        assert_eq!(blobs.put(BlobKind::Images, Bytes::from_static(b"an image")).await.unwrap(), key);
        assert_eq!(blobs.get_checked(BlobKind::Images, &key).await.unwrap(), "an image");
        assert_eq!(blobs.size(BlobKind::Images, &key).await.unwrap(), 8);
        assert!(!blobs.exists(BlobKind::Weights, &key).await.unwrap());
        assert_eq!(blobs.local_path(BlobKind::Images, &key), None);
        let gone = blobs.put(BlobKind::Weights, Bytes::from_static(b"weights")).await.unwrap();
        blobs.delete(BlobKind::Weights, &gone).await.unwrap();
        let missing = blobs.get(BlobKind::Weights, &gone).await;
        assert!(matches!(missing, Err(StoreError::NotFound { .. })), "{missing:?}");
        files_go_when_nothing_names_them(&store).await;
        store.close().await.unwrap();
    });
}

/// One whose prediction is deleted, and one that never had any: the server
/// says that all are four weeks old.
async fn files_go_when_nothing_names_them(store: &Store) {
    let gate = crate::fixtures::deployment(store, "gate").await;
    let hash = crate::files::put_image(store, b"a frame").await;
    let new = crate::files::of_image(&gate, &hash);
    store.predictions().insert(new.clone()).await.unwrap();
    store.predictions().insert(crate::files::of_image(&gate, &of_eight_bytes())).await.unwrap();
    store.predictions().delete(new.id, crate::fixtures::act()).await.unwrap();
    let due = START.plus_ms(REMOVAL_GRACE_MS);
    assert_eq!(store.files().sweep(due).await.unwrap(), 1);
    assert!(!store.blobs().exists(BlobKind::Images, &hash).await.unwrap());
    let late = store.predictions().insert(crate::files::of_image(&gate, &hash)).await;
    assert!(matches!(late, Err(StoreError::FileRemoved { .. })), "{late:?}");
    let orphan = crate::files::put_image(store, b"orphan").await;
    let audit = store.files().audit(false).await.unwrap();
    assert_eq!((audit.named, audit.unnamed), (2, 2), "an image and weights; an image and its thumbnail");
    let collected = store.files().collect(due, false).await.unwrap();
    assert_eq!((collected.files, collected.bytes), (2, 11));
    assert!(!store.blobs().exists(BlobKind::Images, &orphan).await.unwrap());
}

fn of_eight_bytes() -> String {
    "a5df3fde7b200c3fa2791144c7e05c5c2bced4c6ad863d3a4cf76c972c1712f9".to_owned()
}

#[test]
fn a_bucket_holds_the_same_blobs_under_its_prefix() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let objects = Objects::default();
    let shared = objects.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let objects = shared.clone();
            std::thread::spawn(move || serve(&stream, &objects));
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "bucket::child", "--nocapture"])
        .env(FOLDER, folder.path())
        .env("AWS_ENDPOINT", endpoint)
        .env("AWS_ALLOW_HTTP", "true")
        .env("AWS_ACCESS_KEY_ID", "somebody")
        .env("AWS_SECRET_ACCESS_KEY", "something")
        .env("AWS_REGION", "nowhere-1")
        .env("NO_PROXY", "127.0.0.1")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let stored = objects.lock().unwrap().clone();
    assert_eq!(stored.len(), 1, "the weights were deleted: {:?}", stored.keys());
    // SHA-256 of the eight bytes.
    let key =
        "/pictures/some/prefix/images/a5/df3fde7b200c3fa2791144c7e05c5c2bced4c6ad863d3a4cf76c972c1712f9";
    assert_eq!(stored.get(key).map(Vec::as_slice), Some(b"an image".as_slice()), "{:?}", stored.keys());
}

/// Requests of one connection, until it is closed.
fn serve(stream: &TcpStream, objects: &Objects) -> Option<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        let (method, rest) = line.split_once(' ')?;
        let target = rest.split(' ').next()?;
        let mut length = 0;
        loop {
            let mut header = String::new();
            reader.read_line(&mut header).ok()?;
            let header = header.trim().to_ascii_lowercase();
            if header.is_empty() {
                break;
            }
            if let Some(value) = header.strip_prefix("content-length:") {
                length = value.trim().parse().ok()?;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let (status, answer) = {
            let mut objects = objects.lock().ok()?;
            act(method, target, body, &mut objects)
        };
        let mut writer = stream;
        write!(
            writer,
            "HTTP/1.1 {status}\r\ncontent-length: {}\r\netag: \"1\"\r\n\
             last-modified: Sun, 01 Nov 2026 00:00:00 GMT\r\n\r\n",
            answer.len()
        )
        .ok()?;
        if method != "HEAD" {
            writer.write_all(&answer).ok()?;
        }
    }
}

fn act(
    method: &str,
    target: &str,
    body: Vec<u8>,
    objects: &mut BTreeMap<String, Vec<u8>>,
) -> (&'static str, Vec<u8>) {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    match method {
        "PUT" => {
            objects.insert(path.to_owned(), body);
            ("200 OK", Vec::new())
        }
        "GET" if query.contains("list-type=2") => ("200 OK", listing(path, query, objects).into_bytes()),
        "GET" | "HEAD" => match objects.get(path) {
            Some(bytes) => ("200 OK", bytes.clone()),
            None => ("404 Not Found", Vec::new()),
        },
        "DELETE" => {
            objects.remove(path);
            ("204 No Content", Vec::new())
        }
        "POST" if query.starts_with("delete") => {
            let text = String::from_utf8_lossy(&body).into_owned();
            let keys = text.split("<Key>").skip(1).filter_map(|rest| rest.split("</Key>").next());
            let mut deleted = String::new();
            for key in keys {
                objects.remove(&format!("{}/{key}", path.trim_end_matches('/')));
                deleted += &format!("<Deleted><Key>{key}</Key></Deleted>");
            }
            ("200 OK", format!("<DeleteResult>{deleted}</DeleteResult>").into_bytes())
        }
        _ => ("400 Bad Request", Vec::new()),
    }
}

/// All that begins with the prefix, on one page.
fn listing(path: &str, query: &str, objects: &BTreeMap<String, Vec<u8>>) -> String {
    let prefix = query.split('&').find_map(|part| part.strip_prefix("prefix=")).unwrap_or_default();
    let prefix = prefix.replace("%2F", "/");
    let bucket = format!("{}/", path.trim_end_matches('/'));
    let mut contents = String::new();
    for (key, bytes) in objects {
        if let Some(key) = key.strip_prefix(&bucket).filter(|key| key.starts_with(&prefix)) {
            contents += &format!(
                "<Contents><Key>{key}</Key><Size>{}</Size><ETag>1</ETag>\
                 <LastModified>2026-10-04T00:00:00.000Z</LastModified></Contents>",
                bytes.len()
            );
        }
    }
    format!("<ListBucketResult><IsTruncated>false</IsTruncated>{contents}</ListBucketResult>")
}
