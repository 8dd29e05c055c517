-- One record of any decision topic. Delivered twice (the same decision_id) it counts once, as it
-- was first written. A decision_id is made of the decision's content and instant, hence of one hour.
CREATE TABLE IF NOT EXISTS decision_versions
(
    topic        LowCardinality(String),
    decision_id  String,
    decided_at   DateTime64(3, 'UTC'),
    emitted_at   DateTime64(3, 'UTC'),
    key          String,
    seq          Int64,
    state        LowCardinality(String),
    reasons      Array(LowCardinality(String)),
    payload      String COMMENT 'The whole record, JSON',
    appended_at  DateTime64(3, 'UTC') COMMENT 'When Kafka took it',
    precedence   UInt64,
    -- The end of a topic's name, behind a deployment's prefix, cannot be found by the sorting key.
    INDEX topic topic TYPE set(16) GRANULARITY 1,
    INDEX key key TYPE bloom_filter(0.01) GRANULARITY 8,
    INDEX emitted emitted_at TYPE minmax GRANULARITY 4,
    INDEX value_cause JSONExtractString(payload, 'value', 'cause') TYPE set(16) GRANULARITY 1
)
ENGINE = ReplacingMergeTree(precedence)
PARTITION BY toYYYYMM(decided_at)
ORDER BY (topic, toStartOfHour(decided_at), decision_id)
SETTINGS index_granularity = 1024, default_compression_codec = 'ZSTD(1)', ttl_only_drop_parts = 1;

CREATE VIEW IF NOT EXISTS decision AS
SELECT * EXCEPT (precedence) FROM decision_versions FINAL;

CREATE MATERIALIZED VIEW IF NOT EXISTS touched_by_decision TO touched_hour AS
SELECT DISTINCT 'decision' AS source, now64(3) AS written_at, toStartOfHour(decided_at) AS hour
FROM decision_versions;

-- The newest decision of every key, as a consumer of the compacted topics has it. It outlives decision.
CREATE TABLE IF NOT EXISTS decision_newest_versions
(
    topic       LowCardinality(String),
    key         String,
    seq         Int64,
    decided_at  DateTime64(3, 'UTC'),
    emitted_at  DateTime64(3, 'UTC'),
    state       LowCardinality(String),
    reasons     Array(LowCardinality(String)),
    scope       LowCardinality(String) COMMENT 'A list, or * for all',
    cause       LowCardinality(String) COMMENT 'Method of a suppression, source of a cap',
    payload     String COMMENT 'The whole record, JSON',
    INDEX topic topic TYPE set(16) GRANULARITY 1
)
ENGINE = ReplacingMergeTree(seq)
ORDER BY (topic, key)
SETTINGS index_granularity = 1024, default_compression_codec = 'ZSTD(1)';

CREATE MATERIALIZED VIEW IF NOT EXISTS decision_newest_of_decision TO decision_newest_versions AS
SELECT
    topic,
    key,
    seq,
    decided_at,
    emitted_at,
    state,
    reasons,
    JSONExtractString(payload, 'scope') AS scope,
    JSONExtractString(payload, if(endsWith(topic, 'suppression'), 'method', 'cap_source')) AS cause,
    payload
FROM decision_versions
WHERE NOT endsWith(topic, 'sms.decision.send-verdict');

CREATE VIEW IF NOT EXISTS decision_newest AS
SELECT * FROM decision_newest_versions FINAL;

-- Where the verdicts about a person lie.
CREATE TABLE IF NOT EXISTS verdict_hour
(
    recipient_id  String,
    hour          DateTime('UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (recipient_id, hour)
SETTINGS index_granularity = 1024, default_compression_codec = 'ZSTD(1)';

CREATE MATERIALIZED VIEW IF NOT EXISTS verdict_hour_of_decision TO verdict_hour AS
SELECT key AS recipient_id, toStartOfHour(decided_at) AS hour
FROM decision_versions
WHERE endsWith(topic, 'sms.decision.send-verdict');

-- How far the send gate is, which running gate wrote it and when that started: one row a partition,
-- the newest.
CREATE TABLE IF NOT EXISTS heartbeat_versions
(
    partition    Int32,
    state_time   DateTime64(3, 'UTC'),
    ready        Bool,
    emitted_at   DateTime64(3, 'UTC'),
    instance     String,
    started      Nullable(DateTime64(3, 'UTC')),
    seq          Int64
)
ENGINE = ReplacingMergeTree(seq)
ORDER BY partition;

CREATE VIEW IF NOT EXISTS heartbeat AS
SELECT * EXCEPT (seq) FROM heartbeat_versions FINAL;

-- Every version of every configuration document.
CREATE TABLE IF NOT EXISTS configuration_versions
(
    kind            LowCardinality(String),
    id              String,
    config_hash     String,
    effective_from  DateTime64(3, 'UTC'),
    published_at    DateTime64(3, 'UTC'),
    document        String,
    seq             Int64
)
ENGINE = ReplacingMergeTree(seq)
ORDER BY (kind, id, config_hash);

CREATE VIEW IF NOT EXISTS configuration AS
SELECT * EXCEPT (seq) FROM configuration_versions FINAL;
