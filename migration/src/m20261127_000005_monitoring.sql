-- Monitoring: training data to compare with, drift, figures from reviews,
-- alerts and webhooks.

-- What an image looks like; with the reference that its outlier score is of.
ALTER TABLE predictions ADD COLUMN brightness $REAL;
ALTER TABLE predictions ADD COLUMN contrast $REAL;
ALTER TABLE predictions ADD COLUMN sharpness $REAL;
ALTER TABLE predictions ADD COLUMN outlier_reference_id $UUID;

-- Training data frozen for comparison. embeddings: f32, row by row, of unit
-- length; calibration: f64, rising; drift: JSON. Both little endian.
CREATE TABLE training_references (
    id $UUID NOT NULL PRIMARY KEY,
    deployment_id $UUID NOT NULL REFERENCES deployments (id) ON DELETE CASCADE,
    dataset_version_id $UUID NOT NULL REFERENCES dataset_versions (id),
    model_version_id $UUID NOT NULL REFERENCES model_versions (id),
    state TEXT NOT NULL,
    message TEXT NOT NULL,
    training_images BIGINT NOT NULL,
    calibration_images BIGINT NOT NULL,
    dimension INTEGER NOT NULL,
    embeddings $BYTES,
    calibration $BYTES,
    drift $BYTES,
    created BIGINT NOT NULL
);
CREATE INDEX training_references_deployment ON training_references (deployment_id, id);

-- Which one a deployment is compared with now, and how. No reference: off.
CREATE TABLE training_data (
    deployment_id $UUID NOT NULL PRIMARY KEY REFERENCES deployments (id) ON DELETE CASCADE,
    reference_id $UUID REFERENCES training_references (id),
    drift_settings TEXT NOT NULL
);

-- The prediction with the greatest figure of a bucket. kind: see store::aggregates.
CREATE TABLE bucket_exemplars (
    deployment_id $UUID NOT NULL REFERENCES deployments (id) ON DELETE CASCADE,
    resolution SMALLINT NOT NULL,
    kind SMALLINT NOT NULL,
    bucket_start BIGINT NOT NULL,
    prediction_id $UUID NOT NULL,
    value $REAL NOT NULL,
    PRIMARY KEY (deployment_id, resolution, kind, bucket_start)
) $CLUSTERED;

CREATE TABLE bucket_sources (
    deployment_id $UUID NOT NULL REFERENCES deployments (id) ON DELETE CASCADE,
    resolution SMALLINT NOT NULL,
    bucket_start BIGINT NOT NULL,
    source TEXT NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (deployment_id, resolution, bucket_start, source)
) $CLUSTERED;

-- How far the stream was cut into windows, and what is declared. windowing and
-- state: JSON. version rises with every step, so that two processes never take one.
CREATE TABLE drift_progress (
    deployment_id $UUID NOT NULL PRIMARY KEY REFERENCES deployments (id) ON DELETE CASCADE,
    reference_id $UUID NOT NULL REFERENCES training_references (id),
    version BIGINT NOT NULL,
    windowing TEXT NOT NULL,
    state TEXT NOT NULL,
    last_id $UUID
);

-- features: JSON, one object a feature; declared, cleared: lists of words.
CREATE TABLE drift_windows (
    id $UUID NOT NULL PRIMARY KEY,
    deployment_id $UUID NOT NULL REFERENCES deployments (id) ON DELETE CASCADE,
    reference_id $UUID NOT NULL REFERENCES training_references (id),
    taken_from BIGINT NOT NULL,
    taken_to BIGINT NOT NULL,
    images INTEGER NOT NULL,
    thinned INTEGER NOT NULL,
    first_id $UUID NOT NULL,
    last_id $UUID NOT NULL,
    features TEXT NOT NULL,
    declared TEXT NOT NULL,
    cleared TEXT NOT NULL,
    closed BIGINT NOT NULL
);
CREATE INDEX drift_windows_page ON drift_windows (deployment_id, closed);

-- What a review makes of a model's boxes. side: 0 champion, 1 shadow.
-- matches: see domain::metrics::coco; truths, detections: packed boxes.
CREATE TABLE supervised_matches (
    prediction_id $UUID NOT NULL REFERENCES predictions (id) ON DELETE CASCADE,
    side SMALLINT NOT NULL,
    deployment_id $UUID NOT NULL,
    model_version_id $UUID,
    revision INTEGER NOT NULL,
    started_from TEXT NOT NULL,
    picked TEXT NOT NULL,
    received BIGINT NOT NULL,
    threshold $REAL NOT NULL,
    matches $BYTES NOT NULL,
    truths $BYTES NOT NULL,
    detections $BYTES NOT NULL,
    PRIMARY KEY (prediction_id, side)
) $CLUSTERED;
CREATE INDEX supervised_matches_side ON supervised_matches (deployment_id, side, model_version_id, prediction_id);

-- Counts changes, and up to which the figures were computed.
CREATE TABLE supervised_state (
    deployment_id $UUID NOT NULL PRIMARY KEY REFERENCES deployments (id) ON DELETE CASCADE,
    changes BIGINT NOT NULL,
    computed BIGINT NOT NULL
);

CREATE TABLE supervised_figures (
    deployment_id $UUID NOT NULL REFERENCES deployments (id) ON DELETE CASCADE,
    side SMALLINT NOT NULL,
    scope TEXT NOT NULL,
    as_of BIGINT NOT NULL,
    figures TEXT NOT NULL,
    PRIMARY KEY (deployment_id, side, scope)
) $CLUSTERED;

-- rule, state: JSON.
CREATE TABLE alert_rules (
    id $UUID NOT NULL PRIMARY KEY,
    deployment_id $UUID NOT NULL REFERENCES deployments (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    rule TEXT NOT NULL,
    enabled BOOLEAN NOT NULL,
    state TEXT NOT NULL,
    version BIGINT NOT NULL,
    created BIGINT NOT NULL,
    UNIQUE (deployment_id, name)
);

-- query: selects the predictions behind it.
CREATE TABLE alert_events (
    id $UUID NOT NULL PRIMARY KEY,
    deployment_id $UUID NOT NULL REFERENCES deployments (id) ON DELETE CASCADE,
    rule_id $UUID NOT NULL,
    name TEXT NOT NULL,
    event TEXT NOT NULL,
    at BIGINT NOT NULL,
    value $REAL NOT NULL,
    query TEXT NOT NULL,
    read_at BIGINT
);
CREATE INDEX alert_events_page ON alert_events (deployment_id, id);

-- No deployment: of all. events: list of words, empty for all.
CREATE TABLE webhooks (
    id $UUID NOT NULL PRIMARY KEY,
    deployment_id $UUID REFERENCES deployments (id) ON DELETE CASCADE,
    url TEXT NOT NULL,
    secret TEXT NOT NULL,
    events TEXT NOT NULL,
    enabled BOOLEAN NOT NULL,
    created BIGINT NOT NULL
);

CREATE TABLE webhook_deliveries (
    id $UUID NOT NULL PRIMARY KEY,
    webhook_id $UUID NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    event TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    next_at BIGINT NOT NULL,
    answer TEXT NOT NULL,
    created BIGINT NOT NULL
);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (next_at) WHERE state = 'waiting';
CREATE INDEX webhook_deliveries_page ON webhook_deliveries (webhook_id, id);
