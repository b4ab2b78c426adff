-- What finding predictions among a million takes.

-- Deleted together, and hidden at once; gone for good when it can no longer be undone.
CREATE TABLE deletions (
    id $UUID NOT NULL PRIMARY KEY,
    deployment_id $UUID NOT NULL REFERENCES deployments (id) ON DELETE CASCADE,
    actor TEXT NOT NULL,
    until BIGINT NOT NULL
);
CREATE INDEX deletions_until ON deletions (until);

ALTER TABLE predictions ADD COLUMN deletion_id $UUID;
CREATE INDEX predictions_deletion ON predictions (deletion_id) WHERE deletion_id IS NOT NULL;

-- One for each order of a list. Missing values are in them, since they come last in a list.
DROP INDEX predictions_outlier;
CREATE INDEX predictions_outlier ON predictions (deployment_id, outlier_score, outlier_distance, id);
CREATE INDEX predictions_created ON predictions (deployment_id, created, id);
CREATE INDEX predictions_confidence ON predictions (deployment_id, mean_confidence, id);
CREATE INDEX predictions_objects ON predictions (deployment_id, objects, id);
CREATE INDEX predictions_latency ON predictions (deployment_id, latency_ms, id);
CREATE INDEX predictions_disagreement ON predictions (deployment_id, shadow_disagreement, id);

-- One for each text that a query can be for.
CREATE INDEX predictions_source ON predictions (deployment_id, source, id);
CREATE INDEX predictions_model ON predictions (deployment_id, model_version_id, id);
CREATE INDEX predictions_filename ON predictions (deployment_id, filename, id) WHERE filename IS NOT NULL;
CREATE INDEX predictions_reviewer ON predictions (deployment_id, reviewed_by, id) WHERE reviewed_by IS NOT NULL;

-- number: the value read as one, where it is one.
CREATE TABLE prediction_metadata (
    deployment_id $UUID NOT NULL,
    prediction_id $UUID NOT NULL REFERENCES predictions (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    number $REAL,
    PRIMARY KEY (prediction_id, key)
) $CLUSTERED;
CREATE INDEX prediction_metadata_value ON prediction_metadata (deployment_id, key, value, prediction_id);

-- How far the time in an id and the moment of arrival lie apart, at least and at most, in
-- milliseconds: a range of moments is then a range of ids, in whose order lists are read.
CREATE TABLE arrival_skew (
    deployment_id $UUID NOT NULL PRIMARY KEY REFERENCES deployments (id) ON DELETE CASCADE,
    least BIGINT NOT NULL,
    most BIGINT NOT NULL
) $CLUSTERED;
-- Of what was stored before nothing is known.
INSERT INTO arrival_skew (deployment_id, least, most)
    SELECT id, -1000000000000000, 1000000000000000 FROM deployments
    WHERE EXISTS (SELECT 1 FROM predictions WHERE predictions.deployment_id = deployments.id);

-- owner: kind and id of the account or token, as "user:…".
CREATE TABLE saved_views (
    id $UUID NOT NULL PRIMARY KEY,
    deployment_id $UUID NOT NULL REFERENCES deployments (id) ON DELETE CASCADE,
    owner TEXT NOT NULL,
    owner_name TEXT NOT NULL,
    name TEXT NOT NULL,
    query TEXT NOT NULL,
    sort TEXT NOT NULL,
    state TEXT NOT NULL,
    shared BOOLEAN NOT NULL,
    updated BIGINT NOT NULL,
    UNIQUE (deployment_id, owner, name)
);

-- text_hash: a query can be longer than a key may be.
CREATE TABLE query_history (
    deployment_id $UUID NOT NULL REFERENCES deployments (id) ON DELETE CASCADE,
    owner TEXT NOT NULL,
    text_hash TEXT NOT NULL,
    query TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (deployment_id, owner, text_hash)
) $CLUSTERED
