-- A file that somebody sends, in as many pieces as it takes, before it is used. Its bytes lie in a
-- folder of the machine that takes them, under the id; how many are there says the file itself.
-- The owner is an account or a token, or nil for the command line.
CREATE TABLE staged_uploads (
    id $UUID PRIMARY KEY NOT NULL,
    owner_id $UUID NOT NULL,
    filename TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL
);
CREATE INDEX staged_uploads_owner ON staged_uploads (owner_id);
CREATE INDEX staged_uploads_expires ON staged_uploads (expires);

-- Imports that a worker does: what was asked for, and what came of it. The work item and the
-- dataset version that it makes have the same id, so that an attempt finds what the one before it
-- left.
CREATE TABLE dataset_import_jobs (
    id $UUID PRIMARY KEY NOT NULL REFERENCES work_items (id) ON DELETE CASCADE,
    requested_by TEXT NOT NULL,
    filename TEXT NOT NULL,
    import_order TEXT NOT NULL,
    report TEXT
);

-- The last number that a version of a model was given, by the model's name: what was deleted is
-- not what comes next, whoever wrote its number down.
CREATE TABLE model_numbers (
    name TEXT PRIMARY KEY NOT NULL,
    last BIGINT NOT NULL
);
INSERT INTO model_numbers (name, last)
SELECT m.name, MAX(v.number) FROM models m JOIN model_versions v ON v.model_id = m.id GROUP BY m.name;
