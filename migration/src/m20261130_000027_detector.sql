-- The 95 % intervals of AP and AP50 of an evaluation (JSON). NULL: measured by
-- a version of Fovea that gave none.
ALTER TABLE evaluations ADD COLUMN intervals $JSON;
