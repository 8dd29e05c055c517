-- Where the split of an experiment is off: its recipients by the list, region, carrier, campaign and
-- hour of their first message, against the shares that held in their epoch. Arms without messages
-- (hold-outs) have none of these and are left out; the shares are those among the others.
-- Usage: SELECT * FROM sample_ratio_by_segment(experiment = 'emoji') ORDER BY chi_square DESC
CREATE VIEW IF NOT EXISTS sample_ratio_by_segment AS
WITH
    -- One row even where there is no decision, whose instants then leave nothing.
    (
        SELECT (
            toStartOfHour(fromUnixTimestamp64Milli(JSONExtractInt(any(payload), 'tested', 'starts_at'), 'UTC')),
            any(decided_at))
        FROM decision_newest
        WHERE endsWith(topic, 'sms.decision.experiment') AND key = {experiment:String}
    ) AS span,
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
            AND toStartOfHour(event_time) BETWEEN span.1 AND span.2
        GROUP BY recipient_id
    ),
    allocation AS
    (
        SELECT
            JSONExtractInt(payload, 'epoch') AS epoch_number,
            JSONExtractKeysAndValues(argMin(payload, seq), 'allocation', 'Float64') AS shares
        FROM decision
        WHERE endsWith(topic, 'sms.decision.experiment') AND key = {experiment:String}
        GROUP BY epoch_number
    ),
    cell AS
    (
        SELECT
            dimension,
            segment_name,
            epoch_number,
            groupArray((arm, units)) AS arms,
            groupUniqArrayArray(groupArray(arm)) OVER () AS seen
        FROM
        (
            SELECT segment.1 AS dimension, segment.2 AS segment_name, epoch_number, arm, count() AS units
            FROM (SELECT epoch_number, arm, arrayJoin(segments) AS segment FROM unit)
            WHERE segment.2 != ''
            GROUP BY dimension, segment_name, epoch_number, arm
        )
        GROUP BY dimension, segment_name, epoch_number
    ),
    found AS
    (
        SELECT
            dimension,
            segment_name,
            share.1 AS arm,
            sum(whole * share.2 / arraySum(each -> each.2, sent)) AS expected,
            toFloat64(sum(arraySum(each -> if(each.1 = share.1, each.2, 0), arms))) AS observed
        FROM
        (
            SELECT
                dimension,
                segment_name,
                arms,
                arrayFilter(each -> each.2 > 0 AND has(seen, each.1), shares) AS sent,
                -- Who got an arm without a share, such as the control before an end was decided, counts on neither side.
                arraySum(each -> if(has(sent.1, each.1), each.2, 0), arms) AS whole
            FROM cell
            INNER JOIN allocation ON cell.epoch_number = allocation.epoch_number
        )
        ARRAY JOIN sent AS share
        GROUP BY dimension, segment_name, arm
    ),
    compared AS
    (
        SELECT
            *,
            sum(expected) OVER (PARTITION BY dimension, arm) AS expected_in_all,
            sum(observed) OVER (PARTITION BY dimension, arm) AS observed_in_all
        FROM found
    )
SELECT
    dimension,
    segment_name AS segment,
    toUInt64(sum(observed)) AS recipients,
    argMax(arm, (round(abs(observed - expected), 6), observed - expected, arm)) AS variant_id,
    toUInt64(argMax(observed, (round(abs(observed - expected), 6), observed - expected, arm))) AS observed_recipients,
    round(argMax(expected, (round(abs(observed - expected), 6), observed - expected, arm)), 1) AS expected_recipients,
    sum(pow(observed - expected, 2) / expected) AS chi_square,
    sum(pow((observed_in_all - observed) - (expected_in_all - expected), 2)
        / nullIf(expected_in_all - expected, 0)) AS chi_square_elsewhere,
    -- How much more the segment and the rest differ from each other than from the shares.
    chi_square + chi_square_elsewhere - sum(pow(observed_in_all - expected_in_all, 2) / expected_in_all) AS heterogeneity,
    count() AS arms
FROM compared
GROUP BY dimension, segment_name;
