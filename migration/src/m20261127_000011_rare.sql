-- Finds what is rare among very many predictions: those that somebody
-- reviewed, those that came without a filename.
CREATE INDEX predictions_revised ON predictions (deployment_id, id) WHERE revision > 0;
CREATE INDEX predictions_nameless ON predictions (deployment_id, id) WHERE filename IS NULL;
