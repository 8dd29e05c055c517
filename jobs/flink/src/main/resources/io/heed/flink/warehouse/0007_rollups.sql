-- Rollups for dashboards, computed again from what readers get, so that duplicates, late events and
-- restatements are in them rightly; an incremental view would have counted a duplicate before the
-- merge removes it. AFTER, not EVERY: the larger the tables, the rarer the refresh.
CREATE MATERIALIZED VIEW IF NOT EXISTS event_hourly
REFRESH AFTER 30 SECOND
(
    hour            DateTime('UTC'),
    event_type      LowCardinality(String),
    list_id         LowCardinality(String),
    campaign_id     LowCardinality(String),
    events          UInt64,
    late_events     UInt64,
    recipients      UInt64 COMMENT 'Distinct within the row; never to be summed',
    cost_micros     Int64,
    revenue_micros  Int64 COMMENT 'Refunds subtracted'
)
ENGINE = MergeTree
ORDER BY (event_type, hour, list_id, campaign_id)
AS SELECT
    toStartOfHour(event_time) AS hour,
    event_type,
    list_id,
    campaign_id,
    count() AS events,
    countIf(late = 1) AS late_events,
    uniq(recipient_id) AS recipients,
    sum(cost_micros) AS cost_micros,
    sum(if(kind = 'REFUND', -revenue_micros, revenue_micros)) AS revenue_micros
FROM events
GROUP BY hour, event_type, list_id, campaign_id
SETTINGS max_threads = 1, max_bytes_before_external_group_by = 200000000;

CREATE MATERIALIZED VIEW IF NOT EXISTS decision_hourly
REFRESH AFTER 30 SECOND
(
    hour       DateTime('UTC'),
    topic      LowCardinality(String),
    state      LowCardinality(String),
    reason     LowCardinality(String) COMMENT 'The first reason; empty without one',
    decisions  UInt64
)
ENGINE = MergeTree
ORDER BY (topic, hour, state, reason)
AS SELECT
    toStartOfHour(decided_at) AS hour,
    topic,
    state,
    reasons[1] AS reason,
    count() AS decisions
FROM decision
GROUP BY hour, topic, state, reason
SETTINGS max_threads = 1, max_bytes_before_external_group_by = 200000000;

-- How recently the people on each list have shown themselves (a click, a conversion, a reply that
-- does not revoke), as of the newest event. One row a class; classes do not overlap. Clicks of link
-- scanners count for nobody: those with the user agent of a person are recognised by their time, within
-- 2 seconds of the send, as link-scanners.csv and the job list-health have it.
CREATE MATERIALIZED VIEW IF NOT EXISTS engagement_recency
REFRESH AFTER 60 SECOND
(
    list_id      LowCardinality(String),
    within_days  UInt16 COMMENT 'Upper end of the class: 7, 30, 60 or 90; 0 for dormant',
    recency      LowCardinality(String),
    recipients   UInt64,
    as_of        DateTime64(3, 'UTC')
)
ENGINE = MergeTree
ORDER BY (list_id, within_days)
AS WITH
    (SELECT max(least(event_time, appended_at)) FROM events) AS newest
SELECT
    list_id,
    multiIf(
        days <= 7, 7,
        days <= 30, 30,
        days <= 60, 60,
        days <= 90, 90,
        0) AS within_days,
    if(within_days = 0, 'dormant', concat('within ', toString(within_days), ' days')) AS recency,
    count() AS recipients,
    assumeNotNull(newest) AS as_of
FROM
(
    SELECT
        arrayJoin(lists) AS list_id,
        dateDiff('second', last_engagement, assumeNotNull(newest)) / 86400 AS days
    FROM
    (
        SELECT
            groupUniqArrayArray(lists) AS lists,
            greatest(
                max(answered),
                maxArray(arrayFilter(t -> t < sent OR t >= sent + INTERVAL 2 SECOND, clicked))) AS last_engagement
        FROM
        (
            SELECT
                recipient_id,
                groupUniqArrayIf(list_id, event_type = 'send') AS lists,
                minIf(event_time, event_type = 'send') AS sent,
                maxIf(event_time, event_type = 'conversion'
                    OR (event_type = 'reply' AND method = '')
                    OR (event_type = 'click' AND user_agent = '')) AS answered,
                groupArrayIf(event_time, event_type = 'click' AND user_agent != '' AND scanner = 0) AS clicked
            FROM events
            WHERE event_type IN ('send', 'click', 'conversion', 'reply')
            GROUP BY recipient_id, message_id
        )
        GROUP BY recipient_id
    )
)
GROUP BY list_id, within_days
SETTINGS max_threads = 1, max_bytes_before_external_group_by = 200000000;

-- Credit by hour.
CREATE MATERIALIZED VIEW IF NOT EXISTS attribution_hourly
REFRESH AFTER 30 SECOND
(
    hour            DateTime('UTC') COMMENT 'Of the conversion',
    model           LowCardinality(String),
    kind            LowCardinality(String),
    channel         LowCardinality(String),
    campaign_id     LowCardinality(String),
    variant_id      LowCardinality(String),
    credit          Decimal(38, 12),
    revenue_micros  Int64 COMMENT 'Refunds subtracted'
)
ENGINE = MergeTree
ORDER BY (model, hour, channel, campaign_id, variant_id, kind)
AS SELECT
    toStartOfHour(conversion_time) AS hour,
    model,
    kind,
    channel,
    campaign_id,
    variant_id,
    sum(credit) AS credit,
    sum(revenue_micros) AS revenue_micros
FROM attribution_credit
GROUP BY hour, model, kind, channel, campaign_id, variant_id
HAVING credit != 0 OR revenue_micros != 0
SETTINGS max_threads = 1, max_bytes_before_external_group_by = 200000000;

-- The newest decision of every recipient and scope, counted. A suppression holds whatever its seq,
-- as long as none with a higher one lifts it.
CREATE MATERIALIZED VIEW IF NOT EXISTS decision_current
REFRESH AFTER 60 SECOND
(
    topic  LowCardinality(String),
    scope  LowCardinality(String) COMMENT 'A list, or * for all',
    state  LowCardinality(String),
    cause  LowCardinality(String) COMMENT 'Method of a suppression, source of a cap',
    keys   UInt64
)
ENGINE = MergeTree
ORDER BY (topic, state, scope, cause)
AS SELECT topic, scope, state, cause, count() AS keys
FROM
(
    SELECT
        topic,
        key,
        argMax(state, seq) AS state,
        argMax(JSONExtractString(payload, 'scope'), seq) AS scope,
        argMax(JSONExtractString(payload, if(topic LIKE '%suppression', 'method', 'cap_source')), seq) AS cause
    FROM decision
    WHERE topic LIKE '%sms.decision.suppression' OR topic LIKE '%sms.decision.frequency-cap'
    GROUP BY topic, key
)
GROUP BY topic, scope, state, cause
SETTINGS max_threads = 1, max_bytes_before_external_group_by = 200000000;
