-- Deployments that were deleted, as long as that can be undone or their predictions are still being
-- removed. The deployment's own name is free meanwhile; it is kept here.
CREATE TABLE removed_deployments (
    deployment_id $UUID NOT NULL PRIMARY KEY REFERENCES deployments (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    until BIGINT NOT NULL
);
CREATE INDEX removed_deployments_until ON removed_deployments (until);

-- What programs of other tools keep here, as they said it: names before there is a version, logs and
-- files of trainings that ran elsewhere. Fovea itself makes nothing of it.
CREATE TABLE foreign_records (
    id $UUID NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    parent $UUID NOT NULL,
    name TEXT NOT NULL,
    body TEXT NOT NULL,
    sha256 TEXT,
    bytes BIGINT NOT NULL,
    created BIGINT NOT NULL,
    UNIQUE (parent, kind, name)
);
CREATE INDEX foreign_records_file ON foreign_records (sha256) WHERE sha256 IS NOT NULL;
