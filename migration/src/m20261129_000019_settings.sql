-- Settings of deployments in one place: a group of them is a row, its values
-- an object, so that a new setting needs no column. What holds where nobody
-- set a group is known to the program.
CREATE TABLE deployment_settings (
    deployment_id $UUID NOT NULL REFERENCES deployments (id) ON DELETE CASCADE,
    settings_group TEXT NOT NULL,
    settings_values $JSON NOT NULL,
    PRIMARY KEY (deployment_id, settings_group)
) $CLUSTERED;

-- The tables that they come from stay as they were then, for whoever looks.
INSERT INTO deployment_settings (deployment_id, settings_group, settings_values)
SELECT deployment_id, CASE kind WHEN 'training' THEN 'continuous_training' WHEN 'deployment' THEN 'continuous_deployment' ELSE kind END, value
FROM learning_settings;

INSERT INTO deployment_settings (deployment_id, settings_group, settings_values)
SELECT deployment_id, 'review', $JSON_OBJECT('blind_share', blind_share) FROM review_settings;

INSERT INTO deployment_settings (deployment_id, settings_group, settings_values)
SELECT deployment_id, 'retention', $JSON_OBJECT('days', days, 'bytes', bytes, 'sample_rate', sample_rate)
FROM retention;
