-- Reviews, leases and the feedback loop.

-- What a revision says beyond its boxes. content_hash tells a repeated save
-- from another one; sources has an entry for each box, in their order.
ALTER TABLE reviews ADD COLUMN content_hash TEXT NOT NULL DEFAULT '';
ALTER TABLE reviews ADD COLUMN box_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE reviews ADD COLUMN restored_from INTEGER;
ALTER TABLE reviews ADD COLUMN statistics $JSON;
ALTER TABLE reviews ADD COLUMN sources $JSON;
ALTER TABLE reviews ADD COLUMN left_as_drawn $JSON;

CREATE TABLE review_skips (
    prediction_id $UUID NOT NULL PRIMARY KEY REFERENCES predictions (id) ON DELETE CASCADE,
    reason TEXT NOT NULL,
    skipped_by TEXT NOT NULL,
    at BIGINT NOT NULL
);

-- Who has which image on the table. person is an account or a token, session
-- one open page of theirs; name is for people to read.
CREATE TABLE review_leases (
    prediction_id $UUID NOT NULL PRIMARY KEY REFERENCES predictions (id) ON DELETE CASCADE,
    person TEXT NOT NULL,
    session TEXT NOT NULL,
    name TEXT NOT NULL,
    picked TEXT NOT NULL,
    until BIGINT NOT NULL
);
CREATE INDEX review_leases_until ON review_leases (until);

CREATE TABLE review_settings (
    deployment_id $UUID NOT NULL PRIMARY KEY REFERENCES deployments (id) ON DELETE CASCADE,
    blind_share $REAL NOT NULL
);

CREATE TABLE feedback_loops (
    deployment_id $UUID NOT NULL PRIMARY KEY REFERENCES deployments (id) ON DELETE CASCADE,
    enabled BOOLEAN NOT NULL,
    version_id $UUID REFERENCES dataset_versions (id)
);
CREATE INDEX feedback_loops_version ON feedback_loops (version_id);

-- What an image's pixels say, kept so that no image is decoded twice for it.
CREATE TABLE image_fingerprints (
    image TEXT NOT NULL PRIMARY KEY,
    pixel_hash TEXT NOT NULL,
    perceptual_hash BIGINT NOT NULL
);

-- On which side of the training an image stands: decided once, kept for ever,
-- also when the image leaves the feedback or its deployment is gone.
CREATE TABLE feedback_sides (
    pixel_hash TEXT NOT NULL PRIMARY KEY,
    side TEXT NOT NULL,
    reason TEXT NOT NULL,
    follows TEXT,
    deployment_id $UUID NOT NULL,
    source TEXT,
    taken BIGINT NOT NULL,
    perceptual_hash BIGINT NOT NULL,
    decided BIGINT NOT NULL
);
CREATE INDEX feedback_sides_near ON feedback_sides (source, taken);
CREATE INDEX feedback_sides_holdout ON feedback_sides (pixel_hash) WHERE side = 'holdout';

-- An image once in a version, however many predictions were made of it.
CREATE TABLE submissions (
    id $SERIAL,
    prediction_id $UUID NOT NULL UNIQUE REFERENCES predictions (id),
    deployment_id $UUID NOT NULL REFERENCES deployments (id),
    version_id $UUID NOT NULL REFERENCES dataset_versions (id),
    asset_id $UUID NOT NULL REFERENCES assets (id),
    revision INTEGER NOT NULL,
    pixel_hash TEXT NOT NULL,
    side TEXT NOT NULL,
    reason TEXT NOT NULL,
    boxes INTEGER NOT NULL,
    labels $JSON NOT NULL,
    submitted_by TEXT NOT NULL,
    at BIGINT NOT NULL,
    consumed_by $UUID,
    UNIQUE (version_id, pixel_hash)
);
CREATE INDEX submissions_page ON submissions (deployment_id, id);
CREATE INDEX submissions_waiting ON submissions (deployment_id) WHERE consumed_by IS NULL;
CREATE INDEX submissions_asset ON submissions (asset_id)
