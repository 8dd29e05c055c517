-- Rows of a result topic, upserted: of one key the highest seq holds. The sorting key begins with what
-- dashboards select by; a condition on a key's column narrows what FINAL has to read.
CREATE TABLE IF NOT EXISTS experiment_result_versions
(
    seq                  Int64,
    experiment_id        LowCardinality(String),
    variant_id           LowCardinality(String),
    metric               LowCardinality(String),
    evaluated_at         DateTime64(3, 'UTC'),
    recipients           Int64,
    successes            Int64,
    mean                 Float64,
    effect               Nullable(Float64),
    effect_lower         Nullable(Float64),
    effect_upper         Nullable(Float64),
    effect_scale         LowCardinality(String),
    p_value              Nullable(Float64),
    state                LowCardinality(String),
    p_value_holm         Nullable(Float64) COMMENT 'Adjusted for the other variants; for reports only',
    discovered           Bool COMMENT 'By e-BH over all metrics and variants; for reports only',
    immature_recipients  Int64 COMMENT 'Whose window is still open; no decision uses them',
    immature_successes   Int64 COMMENT 'Of these, with the outcome so far; no decision uses them',
    held_by              String COMMENT 'The guardrail that keeps the variant, which has won, waiting',
    recipients_missing   Int64 COMMENT 'About how many more recipients it takes to show that the guardrail holds'
)
ENGINE = ReplacingMergeTree(seq)
ORDER BY (experiment_id, metric, variant_id, evaluated_at);

CREATE VIEW IF NOT EXISTS experiment_result AS
SELECT * FROM experiment_result_versions FINAL;
