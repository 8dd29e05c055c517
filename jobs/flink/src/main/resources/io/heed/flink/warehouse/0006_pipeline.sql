-- Records that could not be read: what sms.dead-letter holds.
CREATE TABLE IF NOT EXISTS dead_letter_versions
(
    topic        LowCardinality(String),
    partition    Int32,
    offset       Int64,
    reason       String,
    raw          String COMMENT 'The first 256 KiB of the raw bytes, base64',
    raw_bytes    Int32 COMMENT 'How many the raw bytes are',
    appended_at  DateTime64(3, 'UTC') COMMENT 'When it was set aside',
    precedence   UInt64
)
ENGINE = ReplacingMergeTree(precedence)
ORDER BY (topic, partition, offset);

CREATE VIEW IF NOT EXISTS dead_letter AS
SELECT * EXCEPT (precedence) FROM dead_letter_versions FINAL;

-- Figures of the running system, such as lag and latency.
CREATE TABLE IF NOT EXISTS pipeline_metric_versions
(
    job      LowCardinality(String),
    metric   LowCardinality(String),
    subject  LowCardinality(String) COMMENT 'What it was measured at, such as a topic; empty for the job',
    time     DateTime64(3, 'UTC'),
    value    Float64
)
ENGINE = ReplacingMergeTree
ORDER BY (metric, job, subject, time)
TTL toDateTime(time) + INTERVAL 35 DAY;

CREATE VIEW IF NOT EXISTS pipeline_metric AS
SELECT * FROM pipeline_metric_versions FINAL;
