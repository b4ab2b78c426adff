-- What a version's weights are, how they are fed and read, and what trains
-- them. format and recipe: none for a model that is served elsewhere. recipe:
-- how a graph that is not Fovea's own is fed and read. trainer: the external
-- trainer that goes on from it.
ALTER TABLE model_versions ADD COLUMN task TEXT NOT NULL DEFAULT 'detection';
ALTER TABLE model_versions ADD COLUMN format TEXT;
ALTER TABLE model_versions ADD COLUMN recipe $JSON;
ALTER TABLE model_versions ADD COLUMN trainer TEXT;
UPDATE model_versions SET format = 'fovea' WHERE weights_sha256 IS NOT NULL;

-- Files that somebody is about to import as a model. said: what they told of
-- the file, its name, recipe and labels, as JSON.
CREATE TABLE staged_models (
    id $UUID NOT NULL PRIMARY KEY,
    owner TEXT NOT NULL,
    weights_sha256 TEXT NOT NULL,
    weights_bytes BIGINT NOT NULL,
    said TEXT NOT NULL,
    expires BIGINT NOT NULL
);
CREATE INDEX staged_models_owner ON staged_models (owner);
CREATE INDEX staged_models_expires ON staged_models (expires)
