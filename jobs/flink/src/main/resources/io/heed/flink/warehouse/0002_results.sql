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
    cost_micros     Int64
)
ENGINE = ReplacingMergeTree(seq)
ORDER BY (window_seconds, window_start, list_id, campaign_id);

CREATE VIEW IF NOT EXISTS list_health AS
SELECT * FROM list_health_versions FINAL;

CREATE TABLE IF NOT EXISTS send_cohort_versions
(
    seq          Int64,
    cohort_hour  DateTime64(3, 'UTC'),
    list_id      LowCardinality(String),
    campaign_id  LowCardinality(String) COMMENT 'Empty in the total of the list',
    sends        Int64,
    delivered    Int64,
    undelivered  Int64,
    clickers     Int64,
    repliers     Int64,
    opt_outs     Int64,
    complaints   Int64,
    converters   Int64,
    cost_micros  Int64
)
ENGINE = ReplacingMergeTree(seq)
ORDER BY (cohort_hour, list_id, campaign_id);

CREATE VIEW IF NOT EXISTS send_cohort AS
SELECT * FROM send_cohort_versions FINAL;

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
SELECT * FROM delivery_health_versions FINAL;

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
SELECT * FROM response_time_versions FINAL;

CREATE TABLE IF NOT EXISTS attribution_credit_versions
(
    seq              Int64,
    model            LowCardinality(String),
    conversion_id    String,
    kind             LowCardinality(String),
    recipient_id     String,
    touch_index      Int32,
    channel          LowCardinality(String),
    campaign_id      LowCardinality(String),
    variant_id       LowCardinality(String),
    touch_time       Nullable(DateTime64(3, 'UTC')),
    conversion_time  DateTime64(3, 'UTC'),
    credit           Decimal(18, 12),
    revenue_micros   Int64
)
ENGINE = ReplacingMergeTree(seq)
ORDER BY (model, conversion_id, kind, touch_index);

CREATE VIEW IF NOT EXISTS attribution_credit AS
SELECT * FROM attribution_credit_versions FINAL;

CREATE TABLE IF NOT EXISTS experiment_result_versions
(
    seq            Int64,
    experiment_id  LowCardinality(String),
    variant_id     LowCardinality(String),
    metric         LowCardinality(String),
    evaluated_at   DateTime64(3, 'UTC'),
    recipients     Int64,
    successes      Int64,
    mean           Float64,
    effect         Nullable(Float64),
    effect_lower   Nullable(Float64),
    effect_upper   Nullable(Float64),
    effect_scale   LowCardinality(String),
    p_value        Nullable(Float64),
    state          LowCardinality(String)
)
ENGINE = ReplacingMergeTree(seq)
ORDER BY (experiment_id, metric, variant_id, evaluated_at);

CREATE VIEW IF NOT EXISTS experiment_result AS
SELECT * FROM experiment_result_versions FINAL;
