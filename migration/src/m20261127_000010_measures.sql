-- Finds predictions by a number in their metadata: prediction_metadata_value
-- has the values as texts.
CREATE INDEX prediction_metadata_number ON prediction_metadata
    (deployment_id, key, number, prediction_id) WHERE number IS NOT NULL;
