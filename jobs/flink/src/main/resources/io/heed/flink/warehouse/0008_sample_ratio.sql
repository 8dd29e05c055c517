-- Where the split of an experiment is off: its recipients by the list, region, carrier, campaign and
-- hour of their first message, against the shares that held in their epoch. Arms without messages
-- (hold-outs) have none of these and are left out; the shares are those among the others.
-- Usage: SELECT * FROM sample_ratio_by_segment(experiment = 'emoji') ORDER BY chi_square DESC
CREATE VIEW IF NOT EXISTS sample_ratio_by_segment AS
WITH
    span AS
    (
        SELECT
            toStartOfHour(fromUnixTimestamp64Milli(JSONExtractInt(payload, 'tested', 'starts_at'), 'UTC')) AS first_hour,
            decided_at AS until
        FROM decision_newest
        WHERE endsWith(topic, 'sms.decision.experiment') AND key = {experiment:String}
    ),
    unit AS
    (
        SELECT
            argMin(variant_id, (event_time, event_id)) AS arm,
            argMin(ifNull(epoch, 0), (event_time, event_id)) AS epoch_number,
            argMin(
                [
                    ('list', toString(list_id)),
                    ('region', toString(region)),
                    ('carrier', toString(carrier)),
                    ('campaign', toString(campaign_id)),
                    ('hour', formatDateTime(event_time, '%Y-%m-%d %H:00', 'UTC'))
                ],
                (event_time, event_id)) AS segments
        FROM events
        WHERE event_type = 'send' AND experiment_id = {experiment:String} AND variant_id != ''
            -- The hours are what the table is sorted by.
            AND toStartOfHour(event_time) BETWEEN (SELECT first_hour FROM span) AND (SELECT until FROM span)
        GROUP BY recipient_id
    ),
    allocation AS
    (
        SELECT
            JSONExtractInt(payload, 'epoch') AS epoch_number,
            arrayJoin(JSONExtractKeysAndValues(argMin(payload, seq), 'allocation', 'Float64')) AS share
        FROM decision
        WHERE endsWith(topic, 'sms.decision.experiment') AND key = {experiment:String}
        GROUP BY epoch_number
    ),
    sent AS
    (
        SELECT
            epoch_number,
            share.1 AS arm,
            share.2 / sum(share.2) OVER (PARTITION BY epoch_number) AS part
        FROM allocation
        WHERE share.2 > 0 AND share.1 IN (SELECT arm FROM unit)
    ),
    cell AS
    (
        SELECT segment.1 AS dimension, segment.2 AS segment_name, epoch_number, arm, count() AS units
        FROM (SELECT epoch_number, arm, arrayJoin(segments) AS segment FROM unit)
        WHERE segment.2 != ''
        GROUP BY dimension, segment_name, epoch_number, arm
    ),
    wanted AS
    (
        SELECT dimension, segment_name, arm, sum(units * part) AS expected
        FROM
        (
            SELECT dimension, segment_name, epoch_number, sum(cell.units) AS units
            FROM cell
            GROUP BY dimension, segment_name, epoch_number
        ) AS whole
        INNER JOIN sent ON whole.epoch_number = sent.epoch_number
        GROUP BY dimension, segment_name, arm
    ),
    found AS
    (
        SELECT dimension, segment_name, arm, sum(units) AS units
        FROM cell
        WHERE epoch_number IN (SELECT epoch_number FROM sent)
        GROUP BY dimension, segment_name, arm
    ),
    compared AS
    (
        SELECT
            wanted.dimension AS dimension,
            wanted.segment_name AS segment_name,
            wanted.arm AS arm,
            wanted.expected AS expected,
            toFloat64(found.units) AS observed,
            sum(expected) OVER (PARTITION BY dimension, arm) AS expected_in_all,
            sum(observed) OVER (PARTITION BY dimension, arm) AS observed_in_all
        FROM wanted
        LEFT JOIN found
            ON wanted.dimension = found.dimension
            AND wanted.segment_name = found.segment_name
            AND wanted.arm = found.arm
    )
SELECT
    dimension,
    segment_name AS segment,
    toUInt64(sum(observed)) AS recipients,
    argMax(arm, abs(observed - expected)) AS variant_id,
    toUInt64(argMax(observed, abs(observed - expected))) AS observed_recipients,
    round(argMax(expected, abs(observed - expected)), 1) AS expected_recipients,
    sum(pow(observed - expected, 2) / expected) AS chi_square,
    sum(pow((observed_in_all - observed) - (expected_in_all - expected), 2)
        / nullIf(expected_in_all - expected, 0)) AS chi_square_elsewhere,
    -- How much more the segment and the rest differ from each other than from the shares.
    chi_square + chi_square_elsewhere - sum(pow(observed_in_all - expected_in_all, 2) / expected_in_all) AS heterogeneity,
    count() AS arms
FROM compared
GROUP BY dimension, segment_name;
