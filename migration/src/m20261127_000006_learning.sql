-- Continuous training and deployment, and the evidence they rest on.

-- How a deployment learns: kind is training or deployment, value what
-- domain::learning says of it.
CREATE TABLE learning_settings (
    deployment_id $UUID NOT NULL REFERENCES deployments (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    value $JSON NOT NULL,
    PRIMARY KEY (deployment_id, kind)
) $CLUSTERED;

-- One launch of continuous training, from its snapshot to what became of its
-- candidate. At most one of a deployment is under way.
CREATE TABLE learning_rounds (
    id $UUID NOT NULL PRIMARY KEY,
    deployment_id $UUID NOT NULL REFERENCES deployments (id) ON DELETE CASCADE,
    experiment_id $UUID NOT NULL UNIQUE REFERENCES experiments (id),
    champion_id $UUID NOT NULL REFERENCES model_versions (id),
    snapshot_id $UUID NOT NULL REFERENCES dataset_versions (id),
    launched_by TEXT NOT NULL,
    submissions BIGINT NOT NULL,
    state TEXT NOT NULL,
    comparison_id $UUID,
    verdict TEXT,
    outcome TEXT NOT NULL,
    created BIGINT NOT NULL,
    finished BIGINT
);
CREATE UNIQUE INDEX learning_rounds_open ON learning_rounds (deployment_id) WHERE state IN ('training', 'judging');
CREATE INDEX learning_rounds_page ON learning_rounds (deployment_id, id);

-- Where the images of a snapshot come from: which review of which prediction,
-- and what its reviewer saw first. fresh: the champion had not learned from it.
CREATE TABLE frozen_feedback (
    asset_id $UUID NOT NULL PRIMARY KEY REFERENCES assets (id) ON DELETE CASCADE,
    version_id $UUID NOT NULL REFERENCES dataset_versions (id) ON DELETE CASCADE,
    prediction_id $UUID NOT NULL,
    revision INTEGER NOT NULL,
    started_from TEXT NOT NULL,
    started_model $UUID,
    fresh BOOLEAN NOT NULL
);
CREATE INDEX frozen_feedback_version ON frozen_feedback (version_id, asset_id);

-- A candidate against a champion on held-out images: what was asked, what both
-- saw of each image, and what follows. Never changed.
CREATE TABLE comparisons (
    id $UUID NOT NULL PRIMARY KEY,
    deployment_id $UUID NOT NULL REFERENCES deployments (id) ON DELETE CASCADE,
    champion_id $UUID NOT NULL REFERENCES model_versions (id),
    candidate_id $UUID NOT NULL REFERENCES model_versions (id),
    holdout TEXT NOT NULL,
    subject $JSON NOT NULL,
    report $JSON NOT NULL,
    verdict TEXT NOT NULL,
    images BIGINT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX comparisons_page ON comparisons (deployment_id, id);
CREATE INDEX comparisons_holdout ON comparisons (deployment_id, holdout);

-- Boxes are packed; their classes are places in the subject's labels.
CREATE TABLE comparison_images (
    comparison_id $UUID NOT NULL REFERENCES comparisons (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    asset_id $UUID NOT NULL,
    filename TEXT NOT NULL,
    start TEXT NOT NULL,
    truths $BYTES NOT NULL,
    champion $BYTES NOT NULL,
    candidate $BYTES NOT NULL,
    champion_ms $REAL NOT NULL,
    candidate_ms $REAL NOT NULL,
    PRIMARY KEY (comparison_id, position)
) $CLUSTERED;

-- The evidence on which a model came into its role.
ALTER TABLE deployment_models ADD COLUMN comparison_id $UUID
