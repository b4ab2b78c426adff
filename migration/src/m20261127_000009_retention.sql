-- How long what arrives is kept.

-- What is kept of what nobody has reviewed; without a row, all of it.
CREATE TABLE retention (
    deployment_id $UUID NOT NULL PRIMARY KEY REFERENCES deployments (id) ON DELETE CASCADE,
    days INTEGER,
    bytes BIGINT,
    sample_rate $REAL NOT NULL
);

-- Of the file in predictions.image; NULL without one, and for those of before.
ALTER TABLE predictions ADD COLUMN image_bytes BIGINT;
