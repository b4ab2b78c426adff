-- Finds predictions with several boxes of a label by their number: the key of
-- box_counts is in the order of predictions, and answers for one box, which is
-- what most queries ask for.
CREATE INDEX box_counts_many ON box_counts
    (deployment_id, label_id, origin, visible, prediction_id) WHERE visible >= 2;
