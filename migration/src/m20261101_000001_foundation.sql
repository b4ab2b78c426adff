-- Everything the first version stores.

-- Times are Unix milliseconds. Ids are UUIDv7, which sort by when they were made.

CREATE TABLE settings (
    key TEXT NOT NULL PRIMARY KEY,
    value $JSON NOT NULL,
    updated BIGINT NOT NULL
);

CREATE TABLE users (
    id $UUID NOT NULL PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL,
    password_hash TEXT,
    disabled BOOLEAN NOT NULL,
    created BIGINT NOT NULL
);

-- One-time links: the first administrator's (no user) and those that set a password.
CREATE TABLE links (
    secret_hash TEXT NOT NULL PRIMARY KEY,
    user_id $UUID REFERENCES users (id) ON DELETE CASCADE,
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL
);

CREATE TABLE sessions (
    id TEXT NOT NULL PRIMARY KEY,
    data $BYTES NOT NULL,
    expires BIGINT NOT NULL
);
CREATE INDEX sessions_expires ON sessions (expires);

CREATE TABLE tokens (
    id $UUID NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    secret_hash TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL,
    created BIGINT NOT NULL,
    last_used BIGINT
);

CREATE TABLE audit (
    id $SERIAL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL
);

CREATE TABLE datasets (
    id $UUID NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    created BIGINT NOT NULL
);

-- The counts are kept as assets come in, so that a list scans nothing.
CREATE TABLE dataset_versions (
    id $UUID NOT NULL PRIMARY KEY,
    dataset_id $UUID NOT NULL REFERENCES datasets (id),
    name TEXT NOT NULL,
    open BOOLEAN NOT NULL,
    fingerprint TEXT NOT NULL,
    images BIGINT NOT NULL,
    boxes BIGINT NOT NULL,
    by_split $JSON NOT NULL,
    by_label $JSON NOT NULL,
    created BIGINT NOT NULL,
    UNIQUE (dataset_id, name)
);

CREATE TABLE dataset_labels (
    version_id $UUID NOT NULL REFERENCES dataset_versions (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (version_id, position),
    UNIQUE (version_id, name)
) $CLUSTERED;

-- annotations: packed boxes whose classes are positions of dataset_labels.
CREATE TABLE assets (
    id $UUID NOT NULL PRIMARY KEY,
    version_id $UUID NOT NULL REFERENCES dataset_versions (id) ON DELETE CASCADE,
    filename TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    pixel_hash TEXT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    split TEXT NOT NULL,
    annotations $BYTES NOT NULL
);
CREATE INDEX assets_page ON assets (version_id, id);
CREATE INDEX assets_split ON assets (version_id, split, id);
CREATE INDEX assets_content ON assets (content_hash);
CREATE INDEX assets_pixels ON assets (pixel_hash);

CREATE TABLE models (
    id $UUID NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    created BIGINT NOT NULL
);

CREATE TABLE model_versions (
    id $UUID NOT NULL PRIMARY KEY,
    model_id $UUID NOT NULL REFERENCES models (id),
    number INTEGER NOT NULL,
    labels $JSON NOT NULL,
    weights_sha256 TEXT,
    weights_bytes BIGINT,
    experiment_id $UUID,
    base_id $UUID REFERENCES model_versions (id),
    dataset_version_id $UUID REFERENCES dataset_versions (id),
    created BIGINT NOT NULL,
    UNIQUE (model_id, number)
);

CREATE TABLE evaluations (
    id $SERIAL,
    model_version_id $UUID NOT NULL REFERENCES model_versions (id) ON DELETE CASCADE,
    dataset TEXT NOT NULL,
    split TEXT NOT NULL,
    images BIGINT NOT NULL,
    boxes BIGINT NOT NULL,
    summary $JSON NOT NULL,
    per_label $JSON NOT NULL,
    at BIGINT NOT NULL,
    UNIQUE (model_version_id, dataset, split)
);

CREATE TABLE experiments (
    id $UUID NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    dataset_version_id $UUID NOT NULL REFERENCES dataset_versions (id),
    model TEXT NOT NULL,
    base_id $UUID REFERENCES model_versions (id),
    params $JSON NOT NULL,
    fingerprint TEXT NOT NULL,
    code_version TEXT NOT NULL,
    model_version_id $UUID REFERENCES model_versions (id),
    error TEXT,
    created BIGINT NOT NULL,
    started BIGINT,
    finished BIGINT,
    progress $REAL NOT NULL,
    seconds_left $REAL
);

CREATE TABLE experiment_points (
    experiment_id $UUID NOT NULL REFERENCES experiments (id) ON DELETE CASCADE,
    series TEXT NOT NULL,
    step INTEGER NOT NULL,
    value $REAL NOT NULL,
    PRIMARY KEY (experiment_id, series, step)
) $CLUSTERED;

CREATE TABLE experiment_log (
    id $SERIAL,
    experiment_id $UUID NOT NULL REFERENCES experiments (id) ON DELETE CASCADE,
    at BIGINT NOT NULL,
    line TEXT NOT NULL
);
CREATE INDEX experiment_log_page ON experiment_log (experiment_id, id);

CREATE TABLE deployments (
    id $UUID NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    threshold $REAL NOT NULL,
    created BIGINT NOT NULL
);

-- Who was champion or shadow from when to when; open rows are the present.
CREATE TABLE deployment_models (
    id $SERIAL,
    deployment_id $UUID NOT NULL REFERENCES deployments (id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    model_version_id $UUID NOT NULL REFERENCES model_versions (id),
    since BIGINT NOT NULL,
    until BIGINT
);
CREATE UNIQUE INDEX deployment_models_present ON deployment_models (deployment_id, role) WHERE until IS NULL;
CREATE INDEX deployment_models_history ON deployment_models (deployment_id, id);

-- The words of labels, once; boxes hold the number.
CREATE TABLE labels (
    id $SERIAL,
    name TEXT NOT NULL UNIQUE
);

-- visible: the boxes at or above the threshold, packed, so that a page of a
-- grid is one query. The full truth is in boxes.
CREATE TABLE predictions (
    id $UUID NOT NULL PRIMARY KEY,
    deployment_id $UUID NOT NULL REFERENCES deployments (id),
    model_version_id $UUID NOT NULL REFERENCES model_versions (id),
    status TEXT NOT NULL,
    received BIGINT NOT NULL,
    created BIGINT NOT NULL,
    objects INTEGER NOT NULL,
    mean_confidence $REAL,
    min_confidence $REAL,
    latency_ms $REAL NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    threshold $REAL NOT NULL,
    source TEXT,
    filename TEXT,
    image TEXT,
    outlier_score $REAL,
    outlier_distance $REAL,
    shadow_disagreement $REAL,
    revision INTEGER NOT NULL,
    reviewed_by TEXT,
    tags $JSON NOT NULL,
    metadata $JSON NOT NULL,
    visible $BYTES NOT NULL
);
CREATE INDEX predictions_page ON predictions (deployment_id, id);
CREATE INDEX predictions_status ON predictions (deployment_id, status, id);
CREATE INDEX predictions_received ON predictions (deployment_id, received);
CREATE INDEX predictions_outlier ON predictions (deployment_id, outlier_score, id) WHERE outlier_score IS NOT NULL;
CREATE INDEX predictions_image ON predictions (image) WHERE image IS NOT NULL;

-- origin: 0 champion, 1 shadow, 2 review. revision: 0 for models, then the review's.
CREATE TABLE boxes (
    prediction_id $UUID NOT NULL REFERENCES predictions (id) ON DELETE CASCADE,
    origin SMALLINT NOT NULL,
    revision INTEGER NOT NULL,
    position INTEGER NOT NULL,
    label_id BIGINT NOT NULL,
    score $REAL,
    x $REAL NOT NULL,
    y $REAL NOT NULL,
    w $REAL NOT NULL,
    h $REAL NOT NULL,
    ignored BOOLEAN NOT NULL,
    PRIMARY KEY (prediction_id, origin, revision, position)
) $CLUSTERED;

-- Per prediction and label: how many boxes are seen, how many are stored, and
-- the surest. What a query for boxes starts from.
CREATE TABLE box_counts (
    deployment_id $UUID NOT NULL,
    label_id BIGINT NOT NULL,
    origin SMALLINT NOT NULL,
    prediction_id $UUID NOT NULL REFERENCES predictions (id) ON DELETE CASCADE,
    visible INTEGER NOT NULL,
    stored INTEGER NOT NULL,
    max_score $REAL NOT NULL,
    PRIMARY KEY (deployment_id, label_id, origin, prediction_id)
) $CLUSTERED;
CREATE INDEX box_counts_prediction ON box_counts (prediction_id);

CREATE TABLE shadow_predictions (
    prediction_id $UUID NOT NULL PRIMARY KEY REFERENCES predictions (id) ON DELETE CASCADE,
    model_version_id $UUID REFERENCES model_versions (id),
    latency_ms $REAL NOT NULL
);

CREATE TABLE prediction_tags (
    deployment_id $UUID NOT NULL,
    tag TEXT NOT NULL,
    prediction_id $UUID NOT NULL REFERENCES predictions (id) ON DELETE CASCADE,
    PRIMARY KEY (deployment_id, tag, prediction_id)
) $CLUSTERED;
CREATE INDEX prediction_tags_prediction ON prediction_tags (prediction_id);

-- One row a saved revision; the boxes are in boxes with origin 2.
CREATE TABLE reviews (
    prediction_id $UUID NOT NULL REFERENCES predictions (id) ON DELETE CASCADE,
    revision INTEGER NOT NULL,
    base_revision INTEGER NOT NULL,
    reviewer TEXT NOT NULL,
    at BIGINT NOT NULL,
    started_from TEXT NOT NULL,
    untouched INTEGER NOT NULL,
    picked TEXT NOT NULL,
    PRIMARY KEY (prediction_id, revision)
) $CLUSTERED;

CREATE TABLE embeddings (
    prediction_id $UUID NOT NULL PRIMARY KEY REFERENCES predictions (id) ON DELETE CASCADE,
    vector $BYTES NOT NULL
);

-- The prediction may be deleted later; the key must still not store it again.
CREATE TABLE idempotency_keys (
    deployment_id $UUID NOT NULL REFERENCES deployments (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    prediction_id $UUID NOT NULL,
    request_hash TEXT NOT NULL,
    created BIGINT NOT NULL,
    PRIMARY KEY (deployment_id, key)
) $CLUSTERED;
CREATE INDEX idempotency_keys_created ON idempotency_keys (created);

CREATE TABLE prediction_counts (
    deployment_id $UUID NOT NULL REFERENCES deployments (id) ON DELETE CASCADE,
    status TEXT NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (deployment_id, status)
) $CLUSTERED;

-- resolution: 0 minute, 1 hour, 2 day. metric: see store::aggregates::Metric.
CREATE TABLE aggregate_bins (
    deployment_id $UUID NOT NULL REFERENCES deployments (id) ON DELETE CASCADE,
    resolution SMALLINT NOT NULL,
    metric SMALLINT NOT NULL,
    bucket_start BIGINT NOT NULL,
    model_version_id $UUID NOT NULL,
    bin INTEGER NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (deployment_id, resolution, metric, bucket_start, model_version_id, bin)
) $CLUSTERED;

CREATE TABLE work_items (
    id $UUID NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    payload $JSON NOT NULL,
    dedupe_key TEXT,
    state TEXT NOT NULL,
    progress $REAL NOT NULL,
    message TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    worker TEXT,
    heartbeat BIGINT,
    created BIGINT NOT NULL,
    updated BIGINT NOT NULL
);
CREATE UNIQUE INDEX work_items_once ON work_items (kind, dedupe_key)
    WHERE dedupe_key IS NOT NULL AND state IN ('queued', 'running', 'cancelling');
CREATE INDEX work_items_state ON work_items (state, kind, id)
