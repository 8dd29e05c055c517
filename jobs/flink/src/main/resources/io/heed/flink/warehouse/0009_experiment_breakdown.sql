-- The primary metric of an experiment by list, region and carrier of each recipient's first message, and
-- by whether the recipient is new: first message or opt-in at most 30 days before. Recipients are those
-- of the newest decision, counted from the events once more; clicks of link scanners are recognised by
-- their user agent alone. For hypotheses, never for decisions: intervals and p-values hold for one
-- look, at all the comparisons together (Bonferroni), and are not those of the decision.
-- Usage: SELECT * FROM experiment_breakdown(experiment = 'emoji') ORDER BY p_differs
CREATE VIEW IF NOT EXISTS experiment_breakdown AS
WITH
    -- One row even where there is no decision, whose instants then leave nothing.
    (
        SELECT
            any(payload) AS record,
            CAST(
                (
                    JSONExtractString(record, 'tested', 'event'),
                    JSONExtractString(record, 'tested', 'type'),
                    JSONExtract(record, 'tested', 'kinds', 'Array(String)'),
                    JSONExtractInt(record, 'tested', 'window_millis'),
                    JSONExtract(record, 'tested', 'cap_micros', 'Nullable(Int64)'),
                    JSONExtractString(record, 'tested', 'control_variant_id'),
                    fromUnixTimestamp64Milli(JSONExtractInt(record, 'tested', 'starts_at'), 'UTC'),
                    fromUnixTimestamp64Milli(JSONExtractInt(record, 'decided_at'), 'UTC')
                ),
                'Tuple(event String, type String, kinds Array(String), window_millis Int64, cap_micros Nullable(Int64),
                    control String, starts_at DateTime64(3, \'UTC\'), decided_at DateTime64(3, \'UTC\'))')
        FROM decision_newest
        WHERE endsWith(topic, 'sms.decision.experiment') AND key = {experiment:String}
    ).2 AS tested,
    exposure AS
    (
        SELECT
            recipient_id,
            min(event_time) AS exposed_at,
            argMin(variant_id, (event_time, event_id)) AS arm,
            argMin(
                [('list', toString(list_id)), ('region', toString(region)), ('carrier', toString(carrier))],
                (event_time, event_id)) AS segments
        FROM events
        WHERE event_type IN ('send', 'assignment') AND experiment_id = {experiment:String} AND variant_id != ''
            -- The hours are what the table is sorted by.
            AND toStartOfHour(event_time) BETWEEN toStartOfHour(tested.starts_at) AND tested.decided_at
            AND event_time >= tested.starts_at
        GROUP BY recipient_id
    ),
    first_contact AS
    (
        SELECT recipient_id, min(event_time) AS contact_at
        FROM recipient_event
        WHERE event_type IN ('send', 'opt-in') AND recipient_id IN (SELECT recipient_id FROM exposure)
        GROUP BY recipient_id
    ),
    unit AS
    (
        SELECT
            exposure.recipient_id AS recipient_id,
            exposure.exposed_at AS exposed_at,
            exposure.exposed_at + toIntervalMillisecond(tested.window_millis) AS counts_until,
            exposure.arm AS arm,
            arrayPushBack(
                exposure.segments,
                ('subscriber', if(first_contact.contact_at > toDateTime64(0, 3, 'UTC')
                    AND first_contact.contact_at < exposure.exposed_at - toIntervalDay(30), 'old', 'new'))) AS segments
        FROM exposure
        LEFT JOIN first_contact ON exposure.recipient_id = first_contact.recipient_id
        WHERE exposure.exposed_at + toIntervalMillisecond(tested.window_millis) <= tested.decided_at
    ),
    outcome AS
    (
        SELECT
            recipient_id,
            event_time,
            if(event_type != 'conversion' OR tested.type != 'revenue', 1000000, if(kind = 'REFUND', -revenue_micros, revenue_micros)) AS micros
        FROM events
        WHERE late = 0
            AND toStartOfHour(event_time) BETWEEN toStartOfHour(tested.starts_at) AND tested.decided_at
            AND recipient_id IN (SELECT recipient_id FROM exposure)
            AND multiIf(
                tested.event = 'click', event_type = 'click' AND scanner = 0,
                tested.event = 'reply', event_type = 'reply',
                tested.event = 'delivery', event_type = 'delivery' AND status IN ('DELIVERED', 'READ'),
                tested.event = 'complaint', event_type = 'opt-out' AND method = 'COMPLAINT',
                tested.event = 'opt-out', event_type = 'opt-out' OR (event_type = 'reply' AND reply_intent IN ('OPT_OUT', 'WRONG_NUMBER')),
                tested.event = 'conversion', event_type = 'conversion'
                    AND (has(tested.kinds, toString(kind)) OR (kind = 'REFUND' AND tested.type = 'revenue')),
                0)
    ),
    measured AS
    (
        SELECT
            any(unit.arm) AS arm,
            any(unit.segments) AS segments,
            sumIf(outcome.micros, outcome.event_time >= unit.exposed_at AND outcome.event_time < unit.counts_until) AS micros,
            tested.type = 'binary' AS is_rate,
            tested.cap_micros AS cap,
            toFloat64(multiIf(is_rate, micros > 0, cap IS NULL, micros, greatest(-cap, least(cap, micros)))) AS y
        FROM unit
        LEFT JOIN outcome ON unit.recipient_id = outcome.recipient_id
        GROUP BY unit.recipient_id
    ),
    cell AS
    (
        SELECT segment.1 AS dimension, segment.2 AS segment_name, arm, count() AS n, sum(y) AS total, sum(y * y) AS squares
        FROM (SELECT arm, y, arrayJoin(segments) AS segment FROM measured)
        WHERE segment.2 != ''
        GROUP BY dimension, segment_name, arm
    ),
    -- Every arm of a segment beside its control; not by a join, which would count everything twice.
    paired AS
    (
        SELECT
            dimension,
            segment_name,
            arrayFirst(each -> each.1 = tested.control, arms) AS held,
            arrayJoin(arrayFilter(each -> each.1 != tested.control, arms)) AS treated
        FROM
        (
            SELECT dimension, segment_name, groupArray((arm, n, total, squares)) AS arms
            FROM cell
            GROUP BY dimension, segment_name
        )
        WHERE held.2 > 0
    ),
    compared AS
    (
        SELECT
            dimension,
            segment_name,
            treated.1 AS arm,
            treated.2 AS n,
            held.2 AS control_n,
            treated.3 / n AS mean,
            held.3 / control_n AS control_mean,
            tested.type = 'binary' AS is_rate,
            -- A rate's effect is compared on the logarithm of the ratio, a mean's as a difference.
            if(is_rate, log(mean / control_mean), mean - control_mean) AS estimate,
            if(is_rate,
                1 / treated.3 - 1 / n + 1 / held.3 - 1 / control_n,
                (treated.4 - n * mean * mean + held.4 - control_n * control_mean * control_mean)
                    / (n + control_n - 2) * (1 / n + 1 / control_n)) AS variance,
            isFinite(estimate) AND isFinite(variance) AND variance > 0 AS known
        FROM paired
    ),
    weighted AS
    (
        SELECT
            *,
            countIf(known) OVER () AS comparisons,
            sumIf(1 / variance, known) OVER (PARTITION BY dimension, arm) - 1 / variance AS other_precision,
            (sumIf(estimate / variance, known) OVER (PARTITION BY dimension, arm) - estimate / variance) / other_precision AS other_estimate,
            countIf(known) OVER (PARTITION BY dimension, arm) AS segments,
            -- The normal quantile (Abramowitz and Stegun, 26.2.23; error below 0.0005).
            sqrt(-2 * log(0.025 / comparisons)) AS t,
            t - (2.515517 + 0.802853 * t + 0.010328 * t * t) / (1 + 1.432788 * t + 0.189269 * t * t + 0.001308 * t * t * t) AS z
        FROM compared
    )
SELECT
    dimension,
    segment_name AS segment,
    arm AS variant_id,
    n AS recipients,
    control_n AS control_recipients,
    mean,
    control_mean,
    if(is_rate, 'RELATIVE', 'PER_RECIPIENT') AS effect_scale,
    if(known, if(is_rate, exp(estimate) - 1, estimate), NULL) AS effect,
    if(known, if(is_rate, exp(estimate - z * sqrt(variance)) - 1, estimate - z * sqrt(variance)), NULL) AS effect_lower,
    if(known, if(is_rate, exp(estimate + z * sqrt(variance)) - 1, estimate + z * sqrt(variance)), NULL) AS effect_upper,
    -- Whether the effect differs from that in the dimension's other segments, over all comparisons.
    if(known AND segments > 1,
        least(1, comparisons * erfc(abs(estimate - other_estimate) / sqrt(variance + 1 / other_precision) / sqrt(2))),
        NULL) AS p_differs,
    comparisons
FROM weighted;
