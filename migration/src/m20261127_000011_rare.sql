-- Finds what is rare among very many predictions: those in which a label is
-- very sure, those that somebody reviewed, those that came without a filename.
CREATE INDEX box_counts_surest ON box_counts
    (deployment_id, label_id, origin, max_score, visible, prediction_id);
CREATE INDEX predictions_revised ON predictions (deployment_id, id) WHERE revision > 0;
CREATE INDEX predictions_nameless ON predictions (deployment_id, id) WHERE filename IS NULL;
