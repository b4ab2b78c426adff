//! What a failure says of the database, by its codes. Knows no table.

use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr};
use std::io;

/// What failed: not the request but what serves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// There is no space left.
    Full,
    /// The database cannot be reached or cannot work now.
    Away,
    /// The store was closed.
    Closed,
    /// The database's files are not what they should be.
    Damaged,
}

/// `None` when the statement or its values are at fault.
pub(crate) fn of(error: &DbErr) -> Option<Failure> {
    match error {
        DbErr::ConnectionAcquire(ConnAcquireErr::Timeout) => Some(Failure::Away),
        DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed) => Some(Failure::Closed),
        DbErr::Conn(RuntimeErr::SqlxError(error))
        | DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error)) => of_driver(error),
        _ => None,
    }
}

fn of_driver(error: &sqlx::Error) -> Option<Failure> {
    match error {
        sqlx::Error::Io(error) if is_full(error.kind()) => Some(Failure::Full),
        sqlx::Error::PoolClosed => Some(Failure::Closed),
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::BeginFailed
        | sqlx::Error::WorkerCrashed => Some(Failure::Away),
        sqlx::Error::Database(error) => {
            let code = error.code()?;
            if error.try_downcast_ref::<sqlx::postgres::PgDatabaseError>().is_some() {
                of_sqlstate(&code)
            } else {
                of_sqlite(code.parse().ok()?)
            }
        }
        _ => None,
    }
}

/// By SQLite's extended result code (<https://sqlite.org/rescode.html>), whose
/// low byte is the primary one.
fn of_sqlite(code: i32) -> Option<Failure> {
    const FULL: i32 = 13;
    /// The index of the log could not grow: an IOERR that a full disk makes.
    const IOERR_SHMSIZE: i32 = 4_874;
    /// A COMMIT was refused, whatever the rows are: a CONSTRAINT by name only.
    const CONSTRAINT_COMMITHOOK: i32 = 531;
    match (code, code & 0xff) {
        (IOERR_SHMSIZE, _) | (_, FULL) => Some(Failure::Full),
        (CONSTRAINT_COMMITHOOK, _) => Some(Failure::Away),
        // BUSY, LOCKED, NOMEM, READONLY, INTERRUPT, IOERR, CANTOPEN, PROTOCOL, NOLFS.
        (_, 5..=10 | 14 | 15 | 22) => Some(Failure::Away),
        // CORRUPT, NOTADB.
        (_, 11 | 26) => Some(Failure::Damaged),
        _ => None,
    }
}

/// By PostgreSQL's SQLSTATE (appendix A of its manual).
fn of_sqlstate(code: &str) -> Option<Failure> {
    match code {
        "53100" => Some(Failure::Full),
        // It became a standby.
        "25006" => Some(Failure::Away),
        _ => match code.get(..2)? {
            // Connection, rollback by the server, resources, operator, system.
            "08" | "40" | "53" | "57" | "58" => Some(Failure::Away),
            "XX" => Some(Failure::Damaged),
            _ => None,
        },
    }
}

/// Whether a file could not be written for want of space, or of what is
/// allotted of it.
pub(crate) fn is_full(kind: io::ErrorKind) -> bool {
    matches!(kind, io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge)
}

/// Whether an error of the blobs' storage began with a file that could not be
/// written for want of space.
pub(crate) fn is_storage_full(error: &object_store::Error) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.downcast_ref::<io::Error>().is_some_and(|error| is_full(error.kind())) {
            return true;
        }
        cause = error.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlite_codes_tell_a_full_disk_from_a_disk_that_fails_and_from_a_bad_row() {
        let cases = [
            (13, Some(Failure::Full)),
            (4_874, Some(Failure::Full)),
            (5, Some(Failure::Away)),
            (517, Some(Failure::Away)),
            (7, Some(Failure::Away)),
            (778, Some(Failure::Away)),
            (1_032, Some(Failure::Away)),
            (14, Some(Failure::Away)),
            (11, Some(Failure::Damaged)),
            (26, Some(Failure::Damaged)),
            (531, Some(Failure::Away)),
            (2_067, None),
            (18, None),
            (1, None),
        ];
        for (code, expected) in cases {
            assert_eq!(of_sqlite(code), expected, "{code}");
        }
    }

    #[test]
    fn sqlstates_tell_a_full_disk_from_a_server_that_is_away_and_from_a_bad_row() {
        let cases = [
            ("53100", Some(Failure::Full)),
            ("53300", Some(Failure::Away)),
            ("57P01", Some(Failure::Away)),
            ("08006", Some(Failure::Away)),
            ("40001", Some(Failure::Away)),
            ("25006", Some(Failure::Away)),
            ("58030", Some(Failure::Away)),
            ("XX001", Some(Failure::Damaged)),
            ("23505", None),
            ("22021", None),
            ("54000", None),
            ("25P02", None),
        ];
        for (code, expected) in cases {
            assert_eq!(of_sqlstate(code), expected, "{code}");
        }
    }

    #[test]
    fn a_full_disk_is_recognised_however_deep_the_cause_lies() {
        let full = io::Error::from(io::ErrorKind::StorageFull);
        let inner = object_store::Error::Generic { store: "file", source: full.into() };
        assert!(is_storage_full(&inner));
        let outer = object_store::Error::Generic { store: "prefix", source: inner.into() };
        assert!(is_storage_full(&outer));
        let denied = io::Error::from(io::ErrorKind::PermissionDenied);
        assert!(!is_storage_full(&object_store::Error::Generic { store: "file", source: denied.into() }));
    }
}
