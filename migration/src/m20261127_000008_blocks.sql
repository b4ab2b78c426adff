-- Counts by blocks of 32 days, so that sums of a year read few rows. 3 is the
-- block, 2 the day; a block begins at a multiple of its length.
INSERT INTO aggregate_bins
    (deployment_id, resolution, metric, bucket_start, model_version_id, bin, count)
SELECT deployment_id, 3, metric, bucket_start - bucket_start % 2764800000, model_version_id, bin,
    CAST(SUM(count) AS BIGINT)
FROM aggregate_bins WHERE resolution = 2
GROUP BY deployment_id, metric, bucket_start - bucket_start % 2764800000, model_version_id, bin;
