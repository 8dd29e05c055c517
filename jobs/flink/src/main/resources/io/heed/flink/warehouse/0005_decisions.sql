-- One record of any decision topic. Delivered twice (the same decision_id) it counts once, as it
-- was first written.
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
    INDEX key key TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = ReplacingMergeTree(precedence)
ORDER BY (topic, decision_id);

CREATE VIEW IF NOT EXISTS decision AS
SELECT * EXCEPT (precedence) FROM decision_versions FINAL;

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
