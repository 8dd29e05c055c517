-- Rollups for dashboards. A refresh computes again the hours that new rows lie in and no others, from what
-- readers get, so that duplicates, late events and restatements are in them rightly; an incremental view
-- would have counted a duplicate before the merge removes it.
--
-- What a refresh writes is one block and hence one part: all of it or nothing. computed_at is when it began,
-- so the newest one says up to when the hours touched are computed. An insert is seen at its end and dated
-- by its begin; 3 minutes, more than the longest insert that the job waits for, make up for that.
-- A key that an hour no longer has gets a version of zeros. Hours that are no longer kept stay as they are.

-- How long rows of a table are kept, where not for ever.
CREATE TABLE IF NOT EXISTS retention_versions
(
    name    String,
    days    UInt32 COMMENT '0: for ever',
    set_at  DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(set_at)
ORDER BY name;

-- One row a table: hours before the first one are no longer complete.
CREATE VIEW IF NOT EXISTS retention AS
SELECT name, days, toUnixTimestamp(now()) - 86400 * toInt64(days) AS first_second
FROM retention_versions FINAL
WHERE days > 0;

CREATE TABLE IF NOT EXISTS event_hourly_versions
(
    computed_at     DateTime64(3, 'UTC'),
    hour            DateTime('UTC'),
    event_type      LowCardinality(String),
    list_id         LowCardinality(String),
    campaign_id     LowCardinality(String),
    events          UInt64,
    late_events     UInt64,
    recipients      UInt64 COMMENT 'Distinct within the row; never to be summed',
    cost_micros     Int64,
    revenue_micros  Int64 COMMENT 'Refunds subtracted',
    PROJECTION newest (SELECT max(computed_at))
)
ENGINE = ReplacingMergeTree(computed_at)
ORDER BY (event_type, hour, list_id, campaign_id)
SETTINGS index_granularity = 1024, deduplicate_merge_projection_mode = 'rebuild';

CREATE VIEW IF NOT EXISTS event_hourly AS
SELECT * EXCEPT (computed_at) FROM event_hourly_versions FINAL
WHERE events > 0;

CREATE MATERIALIZED VIEW IF NOT EXISTS event_hourly_refresh
REFRESH AFTER 30 SECOND APPEND TO event_hourly_versions
AS WITH touched AS
    (
        SELECT hour
        FROM touched_hour
        WHERE source = 'events'
            AND written_at >= (SELECT max(computed_at) - INTERVAL 3 MINUTE FROM event_hourly_versions)
            AND toUnixTimestamp(hour) >= (SELECT max(first_second) FROM retention WHERE name = 'events')
    )
SELECT
    now64(3) AS computed_at,
    hour,
    event_type,
    list_id,
    campaign_id,
    sum(n) AS events,
    sum(late_n) AS late_events,
    max(people) AS recipients,
    sum(cost) AS cost_micros,
    sum(revenue) AS revenue_micros
FROM
(
    SELECT
        toStartOfHour(event_time) AS hour,
        event_type,
        list_id,
        campaign_id,
        count() AS n,
        countIf(late = 1) AS late_n,
        uniq(recipient_id) AS people,
        sum(cost_micros) AS cost,
        sum(if(kind = 'REFUND', -revenue_micros, revenue_micros)) AS revenue
    FROM events
    WHERE toStartOfHour(event_time) IN (touched)
    GROUP BY hour, event_type, list_id, campaign_id
    UNION ALL
    SELECT hour, event_type, list_id, campaign_id, 0, 0, 0, 0, 0
    FROM event_hourly
    WHERE hour IN (touched)
)
GROUP BY hour, event_type, list_id, campaign_id
SETTINGS max_threads = 1, max_insert_threads = 1, max_bytes_before_external_group_by = 200000000,
    min_insert_block_size_rows = 100000000, min_insert_block_size_bytes = 1000000000;

CREATE TABLE IF NOT EXISTS decision_hourly_versions
(
    computed_at  DateTime64(3, 'UTC'),
    hour         DateTime('UTC'),
    topic        LowCardinality(String),
    state        LowCardinality(String),
    reason       LowCardinality(String) COMMENT 'The first reason; empty without one',
    decisions    UInt64,
    PROJECTION newest (SELECT max(computed_at))
)
ENGINE = ReplacingMergeTree(computed_at)
ORDER BY (topic, hour, state, reason)
SETTINGS index_granularity = 1024, deduplicate_merge_projection_mode = 'rebuild';

CREATE VIEW IF NOT EXISTS decision_hourly AS
SELECT * EXCEPT (computed_at) FROM decision_hourly_versions FINAL
WHERE decisions > 0;

CREATE MATERIALIZED VIEW IF NOT EXISTS decision_hourly_refresh
REFRESH AFTER 30 SECOND APPEND TO decision_hourly_versions
AS WITH touched AS
    (
        SELECT hour
        FROM touched_hour
        WHERE source = 'decision'
            AND written_at >= (SELECT max(computed_at) - INTERVAL 3 MINUTE FROM decision_hourly_versions)
            AND toUnixTimestamp(hour) >= (SELECT max(first_second) FROM retention WHERE name = 'decisions')
    )
SELECT
    now64(3) AS computed_at,
    hour,
    topic,
    state,
    reason,
    sum(n) AS decisions
FROM
(
    SELECT toStartOfHour(decided_at) AS hour, topic, state, reasons[1] AS reason, count() AS n
    FROM decision
    WHERE toStartOfHour(decided_at) IN (touched)
    GROUP BY hour, topic, state, reason
    UNION ALL
    SELECT hour, topic, state, reason, 0
    FROM decision_hourly
    WHERE hour IN (touched)
)
GROUP BY hour, topic, state, reason
SETTINGS max_threads = 1, max_insert_threads = 1, max_bytes_before_external_group_by = 200000000,
    min_insert_block_size_rows = 100000000, min_insert_block_size_bytes = 1000000000;

-- When each person showed interest last (a click, a conversion, a reply that does not revoke), by hour. Clicks of
-- link scanners count for nobody: those with the user agent of a person are recognised by their time, within
-- 2 seconds of the send, as link-scanners.csv and the job list-health have it.
CREATE TABLE IF NOT EXISTS engagement_hourly_versions
(
    computed_at      DateTime64(3, 'UTC'),
    hour             DateTime('UTC'),
    recipient        UInt64 COMMENT 'Hash of the recipient; 0: the newest event of the hour',
    last_engagement  DateTime64(3, 'UTC') COMMENT '1970: none any more',
    PROJECTION newest (SELECT max(computed_at))
)
ENGINE = ReplacingMergeTree(computed_at)
ORDER BY (hour, recipient)
SETTINGS index_granularity = 1024, default_compression_codec = 'ZSTD(1)', deduplicate_merge_projection_mode = 'rebuild';

CREATE VIEW IF NOT EXISTS engagement_hourly AS
SELECT * EXCEPT (computed_at) FROM engagement_hourly_versions FINAL
WHERE last_engagement > 0;

-- The hours that engagement_hourly does not have yet, and what it would have of them.
CREATE VIEW IF NOT EXISTS engagement_touched AS
SELECT DISTINCT hour
FROM touched_hour
WHERE source = 'events'
    AND written_at >= (SELECT max(computed_at) - INTERVAL 3 MINUTE FROM engagement_hourly_versions)
    AND toUnixTimestamp(hour) >= (SELECT max(first_second) FROM retention WHERE name = 'events');

CREATE VIEW IF NOT EXISTS engagement_pending AS
WITH
    clicked AS
    (
        SELECT recipient_id, message_id, event_time
        FROM events
        WHERE toStartOfHour(event_time) IN (SELECT hour FROM engagement_touched)
            AND event_type = 'click' AND user_agent != '' AND scanner = 0
    )
SELECT hour, recipient, max(engaged_at) AS last_engagement
FROM
(
    SELECT toStartOfHour(event_time) AS hour, cityHash64(recipient_id) AS recipient, event_time AS engaged_at
    FROM events
    WHERE toStartOfHour(event_time) IN (SELECT hour FROM engagement_touched)
        AND event_type IN ('click', 'conversion', 'reply')
        AND (event_type = 'conversion'
            OR (event_type = 'reply' AND method = '')
            OR (event_type = 'click' AND user_agent = ''))
    UNION ALL
    SELECT toStartOfHour(event_time), cityHash64(recipient_id), event_time
    FROM clicked
    LEFT JOIN
    (
        SELECT recipient_id, message_id, min(event_time) AS sent
        FROM events
        WHERE toStartOfHour(event_time) IN (SELECT arrayJoin([hour, hour - INTERVAL 1 HOUR]) FROM engagement_touched)
            AND event_type = 'send' AND message_id IN (SELECT message_id FROM clicked)
        GROUP BY recipient_id, message_id
    ) AS sends USING (recipient_id, message_id)
    WHERE event_time < sent OR event_time >= sent + INTERVAL 2 SECOND
    UNION ALL
    SELECT toStartOfHour(event_time) AS hour, 0, max(least(event_time, appended_at))
    FROM events
    WHERE toStartOfHour(event_time) IN (SELECT hour FROM engagement_touched)
    GROUP BY hour
    UNION ALL
    SELECT hour, recipient, toDateTime64(0, 3, 'UTC')
    FROM engagement_hourly
    WHERE hour IN (SELECT hour FROM engagement_touched)
)
GROUP BY hour, recipient;

CREATE MATERIALIZED VIEW IF NOT EXISTS engagement_hourly_refresh
REFRESH AFTER 5 MINUTE APPEND TO engagement_hourly_versions
AS SELECT now64(3) AS computed_at, hour, recipient, last_engagement
FROM engagement_pending
SETTINGS max_threads = 1, max_insert_threads = 1, max_bytes_before_external_group_by = 200000000,
    min_insert_block_size_rows = 100000000, min_insert_block_size_bytes = 1000000000;

-- Who was ever texted by a list. A set: what comes twice changes nothing.
CREATE TABLE IF NOT EXISTS list_recipient
(
    list_id    LowCardinality(String),
    recipient  UInt64 COMMENT 'Hash of the recipient'
)
ENGINE = ReplacingMergeTree
ORDER BY (list_id, recipient);

CREATE MATERIALIZED VIEW IF NOT EXISTS list_recipient_of_event TO list_recipient AS
SELECT DISTINCT list_id, cityHash64(recipient_id) AS recipient
FROM events_versions
WHERE event_type = 'send' AND superseded = 0;

-- No event is newer; one that is superseded may be in it.
CREATE TABLE IF NOT EXISTS newest_bound
(
    newest  SimpleAggregateFunction(max, DateTime64(3, 'UTC'))
)
ENGINE = AggregatingMergeTree
ORDER BY tuple();

CREATE MATERIALIZED VIEW IF NOT EXISTS newest_bound_of_event TO newest_bound AS
SELECT max(least(event_time, appended_at)) AS newest
FROM events_versions;

CREATE VIEW IF NOT EXISTS newest_event AS
SELECT max(seen) AS newest
FROM
(
    SELECT max(last_engagement) AS seen
    FROM engagement_hourly
    WHERE hour >= (SELECT max(newest) - INTERVAL 91 DAY FROM newest_bound) AND recipient = 0
        AND hour NOT IN (SELECT hour FROM engagement_touched)
    UNION ALL
    SELECT max(least(event_time, appended_at))
    FROM events
    WHERE toStartOfHour(event_time) IN (SELECT hour FROM engagement_touched)
);

-- How recently the people on each list have shown themselves, as of the newest event. One row a class;
-- classes do not overlap. It grows with the people and with what they did in 90 days, not with history.
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
    (SELECT newest FROM newest_event) AS newest
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
    SELECT list_id, dateDiff('second', last_engagement, assumeNotNull(newest)) / 86400 AS days
    FROM (SELECT list_id, recipient FROM list_recipient FINAL) AS people
    LEFT JOIN
    (
        SELECT recipient, max(last_engagement) AS last_engagement
        FROM
        (
            SELECT recipient, last_engagement
            FROM engagement_hourly
            WHERE hour >= assumeNotNull(newest) - INTERVAL 91 DAY AND hour NOT IN (SELECT hour FROM engagement_touched)
            UNION ALL
            SELECT recipient, last_engagement FROM engagement_pending
        )
        GROUP BY recipient
    ) AS engaged USING (recipient)
)
GROUP BY list_id, within_days
SETTINGS max_threads = 1, max_bytes_before_external_group_by = 200000000;

-- Credit by hour.
CREATE TABLE IF NOT EXISTS attribution_hourly_versions
(
    computed_at     DateTime64(3, 'UTC'),
    hour            DateTime('UTC') COMMENT 'Of the conversion',
    model           LowCardinality(String),
    kind            LowCardinality(String),
    channel         LowCardinality(String),
    campaign_id     LowCardinality(String),
    variant_id      LowCardinality(String),
    credit          Decimal(38, 12),
    revenue_micros  Int64 COMMENT 'Refunds subtracted',
    PROJECTION newest (SELECT max(computed_at))
)
ENGINE = ReplacingMergeTree(computed_at)
ORDER BY (model, hour, channel, campaign_id, variant_id, kind)
SETTINGS index_granularity = 1024, deduplicate_merge_projection_mode = 'rebuild';

CREATE VIEW IF NOT EXISTS attribution_hourly AS
SELECT * EXCEPT (computed_at) FROM attribution_hourly_versions FINAL
WHERE credit != 0 OR revenue_micros != 0;

CREATE MATERIALIZED VIEW IF NOT EXISTS attribution_hourly_refresh
REFRESH AFTER 30 SECOND APPEND TO attribution_hourly_versions
AS WITH touched AS
    (
        SELECT hour
        FROM touched_hour
        WHERE source = 'attribution_credit'
            AND written_at >= (SELECT max(computed_at) - INTERVAL 3 MINUTE FROM attribution_hourly_versions)
    )
SELECT
    now64(3) AS computed_at,
    hour,
    model,
    kind,
    channel,
    campaign_id,
    variant_id,
    sum(share) AS credit,
    sum(revenue) AS revenue_micros
FROM
(
    SELECT
        toStartOfHour(conversion_time) AS hour,
        model,
        kind,
        channel,
        campaign_id,
        variant_id,
        sum(attribution_credit.credit) AS share,
        sum(attribution_credit.revenue_micros) AS revenue
    FROM attribution_credit
    WHERE toStartOfHour(conversion_time) IN (touched)
    GROUP BY hour, model, kind, channel, campaign_id, variant_id
    UNION ALL
    SELECT hour, model, kind, channel, campaign_id, variant_id, toDecimal128(0, 12), 0
    FROM attribution_hourly
    WHERE hour IN (touched)
)
GROUP BY hour, model, kind, channel, campaign_id, variant_id
SETTINGS max_threads = 1, max_insert_threads = 1, max_bytes_before_external_group_by = 200000000,
    min_insert_block_size_rows = 100000000, min_insert_block_size_bytes = 1000000000;

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
FROM decision_newest
WHERE endsWith(topic, 'sms.decision.suppression') OR endsWith(topic, 'sms.decision.frequency-cap')
GROUP BY topic, scope, state, cause
SETTINGS max_threads = 1, max_bytes_before_external_group_by = 200000000;
