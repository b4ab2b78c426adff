-- Files on their way out, backups at work, and imports under way.

-- Files that a deleted row named. kind: the folder they lie in. removed: when
-- the file went; the row stays for a while to tell late arrivals.
CREATE TABLE file_removals (
    kind TEXT NOT NULL,
    hash TEXT NOT NULL,
    since BIGINT NOT NULL,
    removed BIGINT,
    PRIMARY KEY (kind, hash)
) $CLUSTERED;
CREATE INDEX file_removals_waiting ON file_removals (since) WHERE removed IS NULL;
CREATE INDEX file_removals_removed ON file_removals (removed) WHERE removed IS NOT NULL;

-- While one of these is in force no file is removed.
CREATE TABLE file_holds (
    id $UUID NOT NULL PRIMARY KEY,
    until BIGINT NOT NULL
);

-- Versions that an import is filling; one whose time is over was cut off.
CREATE TABLE dataset_imports (
    version_id $UUID NOT NULL PRIMARY KEY REFERENCES dataset_versions (id) ON DELETE CASCADE,
    until BIGINT NOT NULL
)
