-- Rows of the result topics, upserted: of one key the highest seq holds. Sorting keys begin with
-- what dashboards select by; a condition on a key's column narrows what FINAL has to read.
CREATE TABLE IF NOT EXISTS list_health_versions
(
    seq             Int64,
    window_start    DateTime64(3, 'UTC'),
    window_seconds  Int32,
    list_id         LowCardinality(String),
    campaign_id     LowCardinality(String) COMMENT 'Empty in the total of the list',
    sends           Int64,
    delivered       Int64,
    undelivered     Int64,
    clicks          Int64,
    clickers        Int64,
    scanner_clicks  Int64,
    replies         Int64,
    opt_outs        Int64,
    complaints      Int64,
    opt_ins         Int64,
    cost_micros     Int64,
    read            Int64 COMMENT 'Messages whose first receipt of being read came in the window'
)
ENGINE = ReplacingMergeTree(seq)
ORDER BY (window_seconds, window_start, list_id, campaign_id);

-- A row whose counts are all zero says that what it once counted has moved elsewhere: it is no row.
CREATE VIEW IF NOT EXISTS list_health AS
SELECT * FROM list_health_versions FINAL
WHERE (sends, delivered, undelivered, clicks, clickers, scanner_clicks, replies, opt_outs,
    complaints, opt_ins, cost_micros, read) != (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

CREATE TABLE IF NOT EXISTS send_cohort_versions
(
    seq          Int64,
    cohort_hour  DateTime64(3, 'UTC'),
    list_id      LowCardinality(String),
    campaign_id  LowCardinality(String),
    sends        Int64,
    delivered    Int64,
    undelivered  Int64,
    clickers     Int64,
    repliers     Int64,
    opt_outs     Int64,
    complaints   Int64,
    converters   Int64,
    cost_micros  Int64,
    read         Int64 COMMENT 'Of the delivered ones',
    unknown      Int64 COMMENT 'Without a receipt of their end within 72 hours; 0 until these have passed'
)
ENGINE = ReplacingMergeTree(seq)
ORDER BY (cohort_hour, list_id, campaign_id);

CREATE VIEW IF NOT EXISTS send_cohort AS
SELECT * FROM send_cohort_versions FINAL
WHERE (sends, delivered, undelivered, clickers, repliers, opt_outs, complaints, converters,
    cost_micros, read, unknown) != (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

CREATE TABLE IF NOT EXISTS delivery_health_versions
(
    seq          Int64,
    cohort_hour  DateTime64(3, 'UTC'),
    list_id      LowCardinality(String),
    campaign_id  LowCardinality(String),
    carrier      LowCardinality(String),
    error_class  LowCardinality(String),
    messages     Int64,
    delivered    Int64,
    undelivered  Int64
)
ENGINE = ReplacingMergeTree(seq)
ORDER BY (cohort_hour, list_id, campaign_id, carrier, error_class);

CREATE VIEW IF NOT EXISTS delivery_health AS
SELECT * FROM delivery_health_versions FINAL
WHERE (messages, delivered, undelivered) != (0, 0, 0);

CREATE TABLE IF NOT EXISTS response_time_versions
(
    seq             Int64,
    cohort_hour     DateTime64(3, 'UTC'),
    list_id         LowCardinality(String),
    campaign_id     LowCardinality(String),
    response        LowCardinality(String),
    within_seconds  Int32,
    messages        Int64
)
ENGINE = ReplacingMergeTree(seq)
ORDER BY (cohort_hour, list_id, campaign_id, response, within_seconds);

CREATE VIEW IF NOT EXISTS response_time AS
SELECT * FROM response_time_versions FINAL
WHERE messages != 0;
