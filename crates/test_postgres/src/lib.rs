//! A PostgreSQL server for tests.
//!
//! It is started by the first test that needs it, in a temporary folder, on a
//! Unix socket only. It is the child of a shell that waits for the end of its
//! standard input, which comes when the test process ends in whatever way;
//! then the shell stops the server and removes the folder.

#![allow(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a test bed panics when the bed itself is broken"
)]

use sqlx::{Connection, PgConnection};
use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

/// The URL of an empty database of its own; `None` when
/// `FOVEA_TEST_POSTGRES=off`.
///
/// # Panics
/// When PostgreSQL is not installed: a suite that skips half of itself in
/// silence proves nothing.
pub async fn fresh_database() -> Option<String> {
    if std::env::var("FOVEA_TEST_POSTGRES").is_ok_and(|value| value == "off") {
        eprintln!("PostgreSQL is left out: FOVEA_TEST_POSTGRES=off");
        return None;
    }
    Some(server().fresh_database().await)
}

const SCRIPT: &str = r#"
set -eu
bin=$1
dir=$(mktemp -d "${TMPDIR:-/tmp}/fovea-pg.XXXXXX")
trap 'rm -rf "$dir"' EXIT
"$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --no-locale --no-sync >"$dir/log" 2>&1 ||
    { cat "$dir/log" >&2; exit 1; }
"$bin/pg_ctl" -D "$dir/data" -l "$dir/log" -w start \
    -o "-k $dir -c listen_addresses='' -c fsync=off -c max_connections=200" >/dev/null ||
    { cat "$dir/log" >&2; exit 1; }
echo "$dir"
cat >/dev/null || true
"$bin/pg_ctl" -D "$dir/data" -m immediate -w stop >/dev/null 2>&1 || true
"#;

struct Server {
    socket: String,
    /// Its standard input is the server's leash.
    _shell: Child,
}

fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| {
        let programs = installed().unwrap_or_else(|| {
            panic!(
                "PostgreSQL is not installed. Install it:\n    \
                 apt-get install -y --no-install-recommends postgresql\n\
                 or leave these tests out: FOVEA_TEST_POSTGRES=off"
            )
        });
        start(&programs)
    })
}

/// The newest `…/bin` with `initdb` and `pg_ctl`: Debian's, or the one in `PATH`.
fn installed() -> Option<PathBuf> {
    let version = |path: &Path| path.file_name()?.to_str()?.parse::<u32>().ok();
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions.map(|entry| entry.path()).max_by_key(|path| version(path));
    let debian = newest.map(|path| path.join("bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    debian
        .into_iter()
        .chain(std::env::split_paths(&path))
        .find(|folder| folder.join("initdb").is_file() && folder.join("pg_ctl").is_file())
}

fn start(programs: &Path) -> Server {
    // initdb refuses to run as root.
    let root = Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.starts_with(b"0\n"));
    let mut command = if root {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg("sh");
        command
    } else {
        Command::new("sh")
    };
    let mut shell = command
        .args(["-c", SCRIPT, "sh"])
        .arg(programs)
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut socket = String::new();
    BufReader::new(shell.stdout.take().unwrap()).read_line(&mut socket).unwrap();
    assert!(!socket.is_empty(), "PostgreSQL did not start; what it said is above");
    Server { socket: socket.trim().to_owned(), _shell: shell }
}

impl Server {
    fn url(&self, database: &str) -> String {
        format!("postgres://postgres@localhost/{database}?host={}", self.socket)
    }

    async fn fresh_database(&self) -> String {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let mut connection = PgConnection::connect(&self.url("postgres")).await.unwrap();
        let text = format!("CREATE DATABASE {name}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(text)).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        self.url(&name)
    }
}
