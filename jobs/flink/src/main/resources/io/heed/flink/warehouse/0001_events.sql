-- Every accepted event, as often as it was written. Rows of one event in one hour collapse to the one with
-- the highest precedence: the first in Kafka (class Table). The sorting key begins with the hour, so that a
-- time range reads what lies in it, and new rows overlap with new parts only. An event that comes again
-- with a time in another hour is found by event_place, and what it must not count is superseded (class EventPlaces).
CREATE TABLE IF NOT EXISTS events_versions
(
    event_type             LowCardinality(String),
    event_id               String,
    event_time             DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    recipient_id           String,
    message_id             String,
    campaign_id            LowCardinality(String),
    list_id                LowCardinality(String),
    category               LowCardinality(String),
    experiment_id          LowCardinality(String),
    variant_id             LowCardinality(String),
    epoch                  Nullable(Int32),
    subscriber_micros      Nullable(Int64) COMMENT 'Of an assignment to the optimizer''s comparison: what an opt-out costs',
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
    appended_at            DateTime64(3, 'UTC') COMMENT 'When Kafka took it' CODEC(Delta, ZSTD(1)),
    precedence             UInt64 CODEC(Delta, ZSTD(1)),
    superseded             UInt8 COMMENT '1: the event counts in another hour, where it came first',
    INDEX recipient recipient_id TYPE bloom_filter(0.01) GRANULARITY 8,
    INDEX appended appended_at TYPE minmax GRANULARITY 4
)
ENGINE = ReplacingMergeTree(precedence, superseded)
PARTITION BY toYYYYMM(event_time)
ORDER BY (toStartOfHour(event_time), event_type, event_id)
SETTINGS index_granularity = 1024, default_compression_codec = 'ZSTD(1)', ttl_only_drop_parts = 1;

CREATE VIEW IF NOT EXISTS events AS
SELECT * EXCEPT (precedence, superseded) FROM events_versions FINAL;

-- In which hours an event came, by 48 bits of the hash of its identity, which lie close enough together to
-- take some 3 bytes (two events of one hash only cause a look-up that finds nothing). Small granules and blocks: a batch looks up
-- its own events alone, however many there are.
CREATE TABLE IF NOT EXISTS event_place
(
    hash  Int64 CODEC(Delta, ZSTD(1)),
    hour  DateTime('UTC') CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
ORDER BY (hash, hour)
SETTINGS index_granularity = 64, min_compress_block_size = 512, max_compress_block_size = 4096;

-- The events of each batch that is being written, for as long as their places are looked up. A batch's
-- number is the microsecond in which it began.
CREATE TABLE IF NOT EXISTS event_arrival
(
    batch  Int64,
    hash   Int64,
    hour   DateTime('UTC')
)
ENGINE = MergeTree
PARTITION BY intDiv(batch, 3600000000)
ORDER BY batch
TTL toDateTime(intDiv(batch, 1000000)) + INTERVAL 2 HOUR
SETTINGS ttl_only_drop_parts = 1;

CREATE MATERIALIZED VIEW IF NOT EXISTS event_place_of_arrival TO event_place AS
SELECT hash, hour FROM event_arrival;

-- The hours that new rows of events lie in, and those that lie in the 2 seconds before: what rollups compute again.
CREATE TABLE IF NOT EXISTS touched_hour
(
    source      LowCardinality(String),
    written_at  DateTime64(3, 'UTC'),
    hour        DateTime('UTC')
)
ENGINE = MergeTree
PARTITION BY toDate(written_at)
ORDER BY (source, written_at, hour)
TTL toDateTime(written_at) + INTERVAL 8 DAY
SETTINGS ttl_only_drop_parts = 1;

CREATE MATERIALIZED VIEW IF NOT EXISTS touched_by_event TO touched_hour AS
SELECT DISTINCT
    'events' AS source,
    now64(3) AS written_at,
    arrayJoin([toStartOfHour(event_time), toStartOfHour(event_time + INTERVAL 2 SECOND)]) AS hour
FROM events_versions;

-- What concerns a person, by person: consents, messages, replies and failed receipts, as events has them. It outlives events.
CREATE TABLE IF NOT EXISTS recipient_event_versions
(
    recipient_id  String,
    event_type    LowCardinality(String),
    event_id      String,
    event_time    DateTime64(3, 'UTC'),
    message_id    String,
    campaign_id   LowCardinality(String),
    list_id       LowCardinality(String),
    category      LowCardinality(String),
    scope         LowCardinality(String),
    method        LowCardinality(String),
    evidence      String,
    body          String,
    status        LowCardinality(String),
    error_code    LowCardinality(String),
    precedence    UInt64,
    superseded    UInt8
)
ENGINE = ReplacingMergeTree(precedence, superseded)
ORDER BY (recipient_id, event_type, event_id)
SETTINGS index_granularity = 1024, default_compression_codec = 'ZSTD(1)';

CREATE MATERIALIZED VIEW IF NOT EXISTS recipient_event_of_event TO recipient_event_versions AS
SELECT
    recipient_id, event_type, event_id, event_time, message_id, campaign_id, list_id, category,
    scope, method, evidence, body, status, error_code, precedence, superseded
FROM events_versions
WHERE event_type IN ('opt-in', 'opt-out', 'send', 'reply') OR error_code != '' OR superseded = 1;

CREATE VIEW IF NOT EXISTS recipient_event AS
SELECT * EXCEPT (precedence, superseded) FROM recipient_event_versions FINAL;

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
FROM recipient_event
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
FROM (SELECT * FROM recipient_event WHERE event_type = 'reply' AND method != '') AS replies
LEFT ANY JOIN
(
    SELECT recipient_id, message_id, list_id
    FROM recipient_event
    WHERE event_type = 'send'
) AS sends ON replies.recipient_id = sends.recipient_id AND replies.message_id = sends.message_id;
