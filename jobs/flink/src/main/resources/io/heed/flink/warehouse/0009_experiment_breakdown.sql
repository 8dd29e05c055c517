-- The primary metric of an experiment by list, region and carrier of each recipient's first message, and
-- by whether the recipient is new: first message or opt-in at most 30 days before. Recipients are those
-- of the newest decision, counted from the events once more; clicks of link scanners are recognised by
-- their user agent alone. For hypotheses, never for decisions: intervals and p-values hold for one
-- look, at all the comparisons together (Bonferroni), and are not those of the decision.
-- Usage: SELECT * FROM experiment_breakdown(experiment = 'emoji') ORDER BY p_differs
CREATE VIEW IF NOT EXISTS experiment_breakdown AS
WITH
    tested AS
    (
        SELECT
            JSONExtractString(record, 'tested', 'event') AS event,
            JSONExtractString(record, 'tested', 'type') AS type,
            JSONExtract(record, 'tested', 'kinds', 'Array(String)') AS kinds,
            JSONExtractInt(record, 'tested', 'window_millis') AS window_millis,
            JSONExtract(record, 'tested', 'cap_micros', 'Nullable(Int64)') AS cap_micros,
            JSONExtractString(record, 'tested', 'control_variant_id') AS control,
            fromUnixTimestamp64Milli(JSONExtractInt(record, 'tested', 'starts_at'), 'UTC') AS starts_at,
            fromUnixTimestamp64Milli(JSONExtractInt(record, 'decided_at'), 'UTC') AS decided_at
        FROM
        (
            SELECT payload AS record
            FROM decision_newest
            WHERE endsWith(topic, 'sms.decision.experiment') AND key = {experiment:String}
        )
    ),
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
            AND toStartOfHour(event_time) BETWEEN (SELECT toStartOfHour(starts_at) FROM tested) AND (SELECT decided_at FROM tested)
            AND event_time >= (SELECT starts_at FROM tested)
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
        CROSS JOIN tested
        LEFT JOIN first_contact ON exposure.recipient_id = first_contact.recipient_id
        WHERE exposure.exposed_at + toIntervalMillisecond(tested.window_millis) <= tested.decided_at
    ),
    outcome AS
    (
        SELECT
            recipient_id,
            event_time,
            if(event_type != 'conversion' OR (SELECT type FROM tested) != 'revenue', 1000000, if(kind = 'REFUND', -revenue_micros, revenue_micros)) AS micros
        FROM events
        WHERE late = 0
            AND toStartOfHour(event_time) BETWEEN (SELECT toStartOfHour(starts_at) FROM tested) AND (SELECT decided_at FROM tested)
            AND recipient_id IN (SELECT recipient_id FROM exposure)
            AND multiIf(
                (SELECT event FROM tested) = 'click', event_type = 'click' AND scanner = 0,
                (SELECT event FROM tested) = 'reply', event_type = 'reply',
                (SELECT event FROM tested) = 'delivery', event_type = 'delivery' AND status IN ('DELIVERED', 'READ'),
                (SELECT event FROM tested) = 'complaint', event_type = 'opt-out' AND method = 'COMPLAINT',
                (SELECT event FROM tested) = 'opt-out', event_type = 'opt-out' OR (event_type = 'reply' AND reply_intent IN ('OPT_OUT', 'WRONG_NUMBER')),
                (SELECT event FROM tested) = 'conversion', event_type = 'conversion'
                    AND (has((SELECT kinds FROM tested), toString(kind)) OR (kind = 'REFUND' AND (SELECT type FROM tested) = 'revenue')),
                0)
    ),
    measured AS
    (
        SELECT
            any(unit.arm) AS arm,
            any(unit.segments) AS segments,
            sumIf(outcome.micros, outcome.event_time >= unit.exposed_at AND outcome.event_time < unit.counts_until) AS micros,
            (SELECT type FROM tested) = 'binary' AS is_rate,
            (SELECT cap_micros FROM tested) AS cap,
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
    compared AS
    (
        SELECT
            treated.dimension AS dimension,
            treated.segment_name AS segment_name,
            treated.arm AS arm,
            treated.n AS n,
            held.n AS control_n,
            treated.total / treated.n AS mean,
            held.total / held.n AS control_mean,
            (SELECT type FROM tested) = 'binary' AS is_rate,
            -- A rate's effect is compared on the logarithm of the ratio, a mean's as a difference.
            if(is_rate, log(mean / control_mean), mean - control_mean) AS estimate,
            if(is_rate,
                1 / treated.total - 1 / treated.n + 1 / held.total - 1 / held.n,
                (treated.squares - treated.n * mean * mean + held.squares - held.n * control_mean * control_mean)
                    / (n + control_n - 2) * (1 / n + 1 / control_n)) AS variance,
            isFinite(estimate) AND isFinite(variance) AND variance > 0 AS known
        FROM cell AS treated
        INNER JOIN cell AS held ON treated.dimension = held.dimension AND treated.segment_name = held.segment_name
        WHERE held.arm = (SELECT control FROM tested) AND treated.arm != held.arm
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
