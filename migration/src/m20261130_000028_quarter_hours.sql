-- Counts by quarters of an hour, so that a day is drawn of 96 points and reads
-- few rows. 4 is the quarter, 0 the minute.
INSERT INTO aggregate_bins
    (deployment_id, resolution, metric, bucket_start, model_version_id, bin, count)
SELECT deployment_id, 4, metric, bucket_start - bucket_start % 900000, model_version_id, bin,
    CAST(SUM(count) AS BIGINT)
FROM aggregate_bins WHERE resolution = 0
GROUP BY deployment_id, metric, bucket_start - bucket_start % 900000, model_version_id, bin;

INSERT INTO bucket_sources (deployment_id, resolution, bucket_start, source, count)
SELECT deployment_id, 4, bucket_start - bucket_start % 900000, source, CAST(SUM(count) AS BIGINT)
FROM bucket_sources WHERE resolution = 0
GROUP BY deployment_id, bucket_start - bucket_start % 900000, source;

INSERT INTO bucket_exemplars (deployment_id, resolution, kind, bucket_start, prediction_id, value)
SELECT deployment_id, 4, kind, quarter, prediction_id, value FROM (
    SELECT deployment_id, kind, bucket_start - bucket_start % 900000 AS quarter, prediction_id, value,
        ROW_NUMBER() OVER (
            PARTITION BY deployment_id, kind, bucket_start - bucket_start % 900000
            ORDER BY value DESC, bucket_start
        ) AS place
    FROM bucket_exemplars WHERE resolution = 0
) AS ranked WHERE place = 1;
