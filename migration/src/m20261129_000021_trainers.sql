-- Trainers of other people: who trains an experiment (none for the built-in
-- one; params are then as that trainer declares them), and the files that a
-- trainer keeps beside a model for the next time.
ALTER TABLE experiments ADD COLUMN trainer TEXT;

CREATE TABLE model_files (
    model_version_id $UUID NOT NULL REFERENCES model_versions (id),
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    PRIMARY KEY (model_version_id, name)
) $CLUSTERED;
CREATE INDEX model_files_sha256 ON model_files (sha256)
