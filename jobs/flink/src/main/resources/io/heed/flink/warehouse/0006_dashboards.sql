-- Rollups that dashboards read, computed anew like those before: credit by hour, and how many
-- recipients each kind of standing decision holds for.
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
CREATE MATERIALIZED VIEW IF NOT EXISTS decision_standing
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

ALTER TABLE pipeline_metric_versions MODIFY TTL toDateTime(time) + INTERVAL 35 DAY;
