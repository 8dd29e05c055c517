-- Every accepted event, as often as it was written. Rows of one event collapse to the one with the
-- highest precedence: the first in Kafka (class Table). The sorting key is the event's
-- identity and nothing else, so that an event that is sent again with another time still counts
-- once; hence no partitions by time either, since FINAL does not look into partitions that a
-- condition has ruled out.
CREATE TABLE IF NOT EXISTS events_versions
(
    event_type             LowCardinality(String),
    event_id               String,
    event_time             DateTime64(3, 'UTC'),
    recipient_id           String,
    message_id             String,
    campaign_id            LowCardinality(String),
    list_id                LowCardinality(String),
    category               LowCardinality(String),
    experiment_id          LowCardinality(String),
    variant_id             LowCardinality(String),
    epoch                  Nullable(Int32),
    carrier                LowCardinality(String),
    region                 LowCardinality(String),
    time_zone              LowCardinality(String),
    segments               Int32,
    cost_micros            Int64,
    request_id             String,
    tags                   Array(String),
    status                 LowCardinality(String),
    error_code             LowCardinality(String),
    vendor                 LowCardinality(String),
    link_id                String,
    url                    String,
    user_agent             String,
    ip_hash                String,
    body                   String,
    scope                  LowCardinality(String),
    method                 LowCardinality(String),
    evidence               String,
    conversion_id          String,
    kind                   LowCardinality(String),
    revenue_micros         Int64,
    original_conversion_id String,
    channel                LowCardinality(String),
    action                 LowCardinality(String),
    priority               Nullable(Int32),
    expires_at             Nullable(DateTime64(3, 'UTC')),
    late                   UInt8 COMMENT '1: older than the horizon when it arrived; counted here only',
    reply_intent           LowCardinality(String) COMMENT 'What a reply means: OPT_OUT, WRONG_NUMBER, HELP, START, YES or NONE',
    scanner                UInt8 COMMENT '1: a click whose user agent is a link scanner''s',
    appended_at            DateTime64(3, 'UTC') COMMENT 'When Kafka took it',
    precedence             UInt64,
    INDEX recipient recipient_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX message message_id TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = ReplacingMergeTree(precedence)
ORDER BY (event_type, event_id);

CREATE VIEW IF NOT EXISTS events AS
SELECT * EXCEPT (precedence) FROM events_versions FINAL;

-- A reply that revokes has a method: KEYWORD, FUZZY where more than a keyword had to be recognised, or
-- WRONG_NUMBER. It revokes for the list of the message that it answers, for all lists where that message
-- is not known, or where its scope says so.
CREATE VIEW IF NOT EXISTS consent_ledger AS
SELECT
    recipient_id,
    event_time,
    multiIf(event_type = 'opt-in', 'CONSENT', event_type = 'send', 'MESSAGE', 'REVOCATION') AS what,
    if(event_type = 'send', toString(list_id), toString(scope)) AS scope,
    toString(method) AS method,
    evidence,
    event_type,
    event_id,
    message_id
FROM events
WHERE event_type IN ('opt-in', 'opt-out', 'send')
UNION ALL
SELECT
    replies.recipient_id AS recipient_id,
    replies.event_time AS event_time,
    'REVOCATION' AS what,
    if(sends.list_id = '' OR replies.scope = '*', '*', toString(sends.list_id)) AS scope,
    toString(replies.method) AS method,
    replies.body AS evidence,
    replies.event_type AS event_type,
    replies.event_id AS event_id,
    replies.message_id AS message_id
FROM (SELECT * FROM events WHERE event_type = 'reply' AND method != '') AS replies
LEFT ANY JOIN
(
    SELECT recipient_id, message_id, list_id
    FROM events
    WHERE event_type = 'send' AND message_id IN (
        SELECT message_id FROM events WHERE event_type = 'reply' AND method != '')
) AS sends ON replies.recipient_id = sends.recipient_id AND replies.message_id = sends.message_id;
