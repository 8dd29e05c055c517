-- Consents and revocations alone, by person: few rows beside all messages. As events has them; they outlive events.
CREATE TABLE IF NOT EXISTS consent_change_versions
(
    recipient   UInt64 COMMENT 'Hash of the recipient',
    event_type  LowCardinality(String),
    event_id    String,
    event_time  DateTime64(3, 'UTC'),
    message_id  String,
    scope       LowCardinality(String) COMMENT 'Of a reply: empty, unless it stops every list',
    precedence  UInt64,
    superseded  UInt8
)
ENGINE = ReplacingMergeTree(precedence, superseded)
ORDER BY (recipient, event_type, event_id)
SETTINGS index_granularity = 1024, default_compression_codec = 'ZSTD(1)';

CREATE MATERIALIZED VIEW IF NOT EXISTS consent_change_of_event TO consent_change_versions AS
SELECT cityHash64(recipient_id) AS recipient, event_type, event_id, event_time, message_id, scope, precedence, superseded
FROM events_versions
WHERE event_type IN ('opt-in', 'opt-out') OR (event_type = 'reply' AND (method != '' OR superseded = 1));

CREATE VIEW IF NOT EXISTS consent_change AS
SELECT * EXCEPT (precedence, superseded) FROM consent_change_versions FINAL;

-- Who is on which list: everybody who opted in to it or was texted by it, and whom nothing suppresses there. A
-- subscription begins with the first opt-in, or when the last suppression was lifted. It grows with the people.
CREATE MATERIALIZED VIEW IF NOT EXISTS subscription
REFRESH AFTER 2 MINUTE
(
    list_id      LowCardinality(String),
    cohort       Date COMMENT 'Monday of the week in which the subscription began; 1970 where no opt-in says so',
    within_days  UInt16 COMMENT 'Upper end of the class of its age: 7, 30, 90, 180 or 365; 0 for older, 65535 for unknown',
    joined       UInt64 COMMENT 'People, those who have left included',
    subscribers  UInt64 COMMENT 'People who are on the list now',
    as_of        DateTime64(3, 'UTC')
)
ENGINE = MergeTree
ORDER BY (list_id, cohort, within_days)
AS WITH
    (SELECT newest FROM newest_event) AS newest,
    people AS
    (
        SELECT list_id, recipient, maxIf(since, since > 0) AS since
        FROM
        (
            SELECT scope AS list_id, recipient, min(event_time) AS since
            FROM consent_change
            WHERE event_type = 'opt-in' AND scope != '*'
            GROUP BY list_id, recipient
            UNION ALL
            SELECT list_id, recipient, toDateTime64(0, 3, 'UTC')
            FROM list_recipient FINAL
        )
        GROUP BY list_id, recipient
    ),
    suppression AS
    (
        SELECT
            cityHash64(substring(key, 1, length(key) - length(scope) - 1)) AS recipient,
            scope,
            state = 'SUPPRESSED' AS stops,
            decided_at
        FROM decision_newest
        WHERE endsWith(topic, 'sms.decision.suppression')
    ),
    judged AS
    (
        SELECT
            people.list_id AS list_id,
            NOT (own.stops OR (every.stops AND own.decided_at <= every.decided_at)) AS subscribed,
            greatest(
                people.since,
                if(own.stops OR people.since = 0, people.since, own.decided_at),
                if(every.stops OR people.since = 0, people.since, every.decided_at)) AS began
        FROM people
        LEFT JOIN suppression AS own ON people.list_id = own.scope AND people.recipient = own.recipient
        LEFT JOIN (SELECT * FROM suppression WHERE scope = '*') AS every ON people.recipient = every.recipient
    )
SELECT
    list_id,
    if(began = 0, toDate(0), toMonday(began)) AS cohort,
    multiIf(
        began = 0, 65535,
        days <= 7, 7,
        days <= 30, 30,
        days <= 90, 90,
        days <= 180, 180,
        days <= 365, 365,
        0) AS within_days,
    count() AS joined,
    countIf(subscribed) AS subscribers,
    assumeNotNull(newest) AS as_of
FROM (SELECT *, dateDiff('second', began, assumeNotNull(newest)) / 86400 AS days FROM judged)
GROUP BY list_id, cohort, within_days
SETTINGS max_threads = 1, max_bytes_before_external_group_by = 200000000;

-- What sends were like and what became of them within 72 hours, by the UTC day of the send. One row a list, a
-- dimension and a class of it: channel; category; local_time (weekday, 1 Monday, and hour in the recipient's zone);
-- fatigue (messages to the person in the 7 days before, 5 for more; age of the subscription in days, upper end).
-- A day is computed again when an event of it, of the 7 days before or the 3 days after arrives. An opt-out
-- belongs to the message that it names, without one to the person's last message.
CREATE TABLE IF NOT EXISTS send_profile_versions
(
    computed_at  DateTime64(3, 'UTC'),
    day          Date,
    list_id      LowCardinality(String),
    dimension    LowCardinality(String),
    part         LowCardinality(String),
    subpart      LowCardinality(String),
    sends        UInt64,
    delivered    UInt64,
    read         UInt64,
    clicked      UInt64 COMMENT 'Messages with a human click',
    replied      UInt64,
    opt_outs     UInt64,
    PROJECTION newest (SELECT max(computed_at))
)
ENGINE = ReplacingMergeTree(computed_at)
ORDER BY (day, dimension, list_id, part, subpart)
SETTINGS index_granularity = 1024, deduplicate_merge_projection_mode = 'rebuild';

CREATE VIEW IF NOT EXISTS send_profile AS
SELECT * EXCEPT (computed_at) FROM send_profile_versions FINAL
WHERE sends > 0;

CREATE MATERIALIZED VIEW IF NOT EXISTS send_profile_refresh
REFRESH AFTER 5 MINUTE APPEND TO send_profile_versions
AS WITH
    touched AS
    (
        SELECT DISTINCT toDate(hour + toIntervalDay(arrayJoin(range(-3, 8)))) AS day
        FROM touched_hour
        WHERE source = 'events'
            AND written_at >= (SELECT max(computed_at) - INTERVAL 3 MINUTE FROM send_profile_versions)
            AND toUnixTimestamp(toStartOfDay(hour)) - 10 * 86400 >= (SELECT max(first_second) FROM retention WHERE name = 'events')
    ),
    needed AS
    (
        SELECT DISTINCT toDateTime(day, 'UTC') + toIntervalHour(arrayJoin(range(-168, 97))) AS hour
        FROM touched
    ),
    message AS
    (
        SELECT
            recipient,
            id,
            text.1 AS at,
            at + INTERVAL 72 HOUR AS until,
            text.2 AS list_id,
            text.3 AS channel,
            text.4 AS category,
            text.5 AS time_zone,
            ifNull(received < until, 0) AS is_delivered,
            ifNull(opened < until, 0) AS is_read,
            arrayExists(c -> (c.1 < at OR c.1 >= at + toIntervalSecond(c.2)) AND c.1 < until, clicks) AS is_clicked,
            ifNull(answered < until, 0) AS is_replied,
            arrayExists(r -> r >= at AND r < until, revocations) AS is_revoked
        FROM
        (
            SELECT
                cityHash64(recipient_id) AS recipient,
                message_id AS id,
                groupArrayIf(
                    (event_time, toString(list_id), if(channel = '', 'sms', toString(channel)), toString(category), toString(time_zone)),
                    event_type = 'send') AS sent,
                minOrNullIf(event_time, event_type = 'delivery' AND status IN ('DELIVERED', 'READ')) AS received,
                minOrNullIf(event_time, event_type = 'delivery' AND status = 'READ') AS opened,
                groupArrayIf((event_time, if(user_agent = '', 0, 2)), event_type = 'click' AND scanner = 0) AS clicks,
                minOrNullIf(event_time, event_type = 'reply') AS answered,
                groupArrayIf(event_time, event_type = 'opt-out' OR (event_type = 'reply' AND method != '')) AS revocations
            FROM events
            WHERE toStartOfHour(event_time) IN (needed) AND late = 0 AND message_id != ''
                AND event_type IN ('send', 'delivery', 'click', 'reply', 'opt-out')
            GROUP BY recipient, id
            HAVING notEmpty(sent)
        )
        ARRAY JOIN sent AS text
    ),
    ordered AS
    (
        SELECT
            *,
            least(5, count() OVER (
                PARTITION BY recipient ORDER BY toUnixTimestamp64Milli(at)
                RANGE BETWEEN 604800000 PRECEDING AND 1 PRECEDING)) AS messages,
            leadInFrame(at, 1, until) OVER (
                PARTITION BY recipient ORDER BY at, id
                ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS next
        FROM message
    ),
    unnamed AS
    (
        SELECT cityHash64(recipient_id) AS recipient, event_time AS gone
        FROM events
        WHERE toStartOfHour(event_time) IN (needed) AND late = 0 AND message_id = ''
            AND (event_type = 'opt-out' OR (event_type = 'reply' AND method != ''))
    ),
    followed AS
    (
        SELECT
            ordered.* EXCEPT (is_revoked),
            is_revoked OR (gone >= at AND gone < least(next, until)) AS is_stopped
        FROM ordered
        ASOF LEFT JOIN unnamed ON ordered.recipient = unnamed.recipient AND ordered.at <= unnamed.gone
        WHERE toDate(ordered.at) IN (touched)
    ),
    placed AS
    (
        SELECT
            toDate(at) AS day, list_id, is_delivered, is_read, is_clicked, is_replied, is_stopped,
            if(time_zone IN (SELECT time_zone FROM system.time_zones), time_zone, 'UTC') AS zone,
            dateDiff('second', began, at) / 86400 AS days,
            arrayJoin([
                ('channel', channel, ''),
                ('category', category, ''),
                ('local_time',
                    if(zone = time_zone, formatDateTime(at, '%u', zone), ''),
                    if(zone = time_zone, formatDateTime(at, '%H', zone), '')),
                ('fatigue',
                    toString(messages),
                    multiIf(began = 0 OR at < began, '', days <= 7, '7', days <= 30, '30', days <= 90, '90', '0'))]) AS class
        FROM followed
        LEFT JOIN
        (
            SELECT recipient, scope AS list_id, min(event_time) AS began
            FROM consent_change
            WHERE event_type = 'opt-in'
            GROUP BY recipient, list_id
        ) AS consent ON followed.recipient = consent.recipient AND followed.list_id = consent.list_id
    )
SELECT
    now64(3) AS computed_at,
    day,
    list_id,
    class.1 AS dimension,
    class.2 AS part,
    class.3 AS subpart,
    sum(n) AS sends,
    sum(is_delivered) AS delivered,
    sum(is_read) AS read,
    sum(is_clicked) AS clicked,
    sum(is_replied) AS replied,
    sum(is_stopped) AS opt_outs
FROM
(
    SELECT day, list_id, class, 1 AS n, is_delivered, is_read, is_clicked, is_replied, is_stopped
    FROM placed
    UNION ALL
    SELECT day, toString(list_id), (toString(dimension), toString(part), toString(subpart)), 0, 0, 0, 0, 0, 0
    FROM send_profile
    WHERE day IN (touched)
)
GROUP BY day, list_id, class
SETTINGS max_threads = 1, max_insert_threads = 1, max_bytes_before_external_group_by = 200000000,
    max_bytes_before_external_sort = 200000000,
    min_insert_block_size_rows = 100000000, min_insert_block_size_bytes = 1000000000;

-- Sends that are a step of a series, by a tag NAME:NUMBER such as welcome:1.
CREATE TABLE IF NOT EXISTS series_send_versions
(
    recipient   UInt64 COMMENT 'Hash of the recipient',
    event_type  LowCardinality(String),
    event_id    String,
    event_time  DateTime64(3, 'UTC'),
    message_id  String,
    list_id     LowCardinality(String),
    series      LowCardinality(String),
    step        UInt16,
    precedence  UInt64,
    superseded  UInt8
)
ENGINE = ReplacingMergeTree(precedence, superseded)
ORDER BY (recipient, event_type, event_id)
SETTINGS index_granularity = 1024, default_compression_codec = 'ZSTD(1)';

CREATE MATERIALIZED VIEW IF NOT EXISTS series_send_of_event TO series_send_versions AS
SELECT
    cityHash64(recipient_id) AS recipient, event_type, event_id, event_time, message_id, list_id,
    extract(arrayFirst(t -> match(t, '^[a-z0-9_-]+:[0-9]{1,3}$'), tags) AS tag, '^[^:]+') AS series,
    toUInt16OrZero(extract(tag, '[0-9]+$')) AS step,
    precedence, superseded
FROM events_versions
WHERE event_type = 'send' AND (series != '' OR superseded = 1);

CREATE VIEW IF NOT EXISTS series_send AS
SELECT * EXCEPT (event_type, precedence, superseded) FROM series_send_versions FINAL;

-- What leads became, made again every few minutes: it reads the leads' credit and the conversions alone.
CREATE MATERIALIZED VIEW IF NOT EXISTS lead_outcome
REFRESH AFTER 10 MINUTE
(
    model                    LowCardinality(String),
    channel                  LowCardinality(String),
    leads                    Float64,
    qualified                Float64,
    purchased                Float64,
    qualified_and_purchased  Float64
)
ENGINE = MergeTree
ORDER BY (model, channel)
AS SELECT
    model, channel, toFloat64(sum(lead_funnel.leads)) AS leads, toFloat64(sum(lead_funnel.qualified)) AS qualified,
    toFloat64(sum(lead_funnel.purchased)) AS purchased,
    toFloat64(sum(lead_funnel.qualified_and_purchased)) AS qualified_and_purchased
FROM lead_funnel
GROUP BY model, channel
SETTINGS max_threads = 1, max_bytes_before_external_group_by = 200000000;

-- What customers brought, as lifetime_value has it, made again every few minutes: it reads the credit of one model once.
CREATE MATERIALIZED VIEW IF NOT EXISTS customer_value
REFRESH AFTER 10 MINUTE
(
    cohort_month    Date,
    channel         LowCardinality(String),
    months_since    Int32,
    customers       UInt64 COMMENT 'Of the cohort, in every row',
    revenue_micros  Int64 COMMENT 'In that month, refunds subtracted'
)
ENGINE = MergeTree
ORDER BY (cohort_month, channel, months_since)
AS WITH customer AS
(
    SELECT
        toStartOfMonth(assumeNotNull(min(touch_time))) AS cohort_month,
        argMin(channel, touch_time) AS channel,
        groupArray((conversion_time, revenue_micros)) AS money
    FROM attribution_credit
    WHERE model = 'first_touch'
    GROUP BY recipient_id
    HAVING countIf(kind = 'PURCHASE') > 0 AND min(touch_time) IS NOT NULL
)
SELECT
    cohort_month,
    channel,
    dateDiff('month', cohort_month, paid.1) AS months_since,
    any(of_cohort) AS customers,
    sum(paid.2) AS revenue_micros
FROM (SELECT *, count() OVER (PARTITION BY cohort_month, channel) AS of_cohort FROM customer)
ARRAY JOIN money AS paid
GROUP BY cohort_month, channel, months_since
SETTINGS max_threads = 1, max_bytes_before_external_group_by = 200000000, max_bytes_before_external_sort = 200000000;

-- The newest state of each frequency cap, and those that are reached, with their end.
CREATE TABLE IF NOT EXISTS frequency_cap_versions
(
    recipient_id  String,
    category      LowCardinality(String),
    scope         LowCardinality(String) COMMENT 'A list, or * for all',
    seq           Int64,
    state         LowCardinality(String),
    source        LowCardinality(String),
    since         DateTime64(3, 'UTC'),
    until         DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(seq)
ORDER BY (recipient_id, category, scope)
SETTINGS index_granularity = 1024, default_compression_codec = 'ZSTD(1)';

CREATE MATERIALIZED VIEW IF NOT EXISTS frequency_cap_of_decision TO frequency_cap_versions AS
SELECT
    JSONExtractString(payload, 'recipient_id') AS recipient_id,
    JSONExtractString(payload, 'category') AS category,
    JSONExtractString(payload, 'scope') AS scope,
    seq,
    state,
    JSONExtractString(payload, 'cap_source') AS source,
    decided_at AS since,
    fromUnixTimestamp64Milli(JSONExtractInt(payload, 'next_eligible_at'), 'UTC') AS until
FROM decision_versions
WHERE endsWith(topic, 'sms.decision.frequency-cap');

CREATE VIEW IF NOT EXISTS capped AS
SELECT recipient_id, category, scope, source, since, until
FROM frequency_cap_versions FINAL
WHERE state = 'CAPPED' AND until > now64(3);

-- Who is likely to buy now, for sales: one row a person whose signal HOT holds, with the score when it was last set.
CREATE VIEW IF NOT EXISTS hot_recipient AS
SELECT
    JSONExtractString(payload, 'recipient_id') AS recipient_id,
    JSONExtract(payload, 'score', 'Nullable(Float64)') AS score,
    JSONExtractString(payload, 'evidence') AS evidence,
    decided_at AS renewed,
    fromUnixTimestamp64Milli(JSONExtract(payload, 'valid_until', 'Nullable(Int64)'), 'UTC') AS valid_until
FROM decision_newest
WHERE endsWith(topic, 'sms.decision.recipient-signal') AND endsWith(key, '|HOT') AND state = 'SET'
    AND (valid_until IS NULL OR valid_until > now64(3));
