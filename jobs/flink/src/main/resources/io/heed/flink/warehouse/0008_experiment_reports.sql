-- Reports beside the decision's own figures, and what is not yet mature.
ALTER TABLE experiment_result_versions
    ADD COLUMN IF NOT EXISTS p_value_holm Nullable(Float64) COMMENT 'Adjusted for the other variants; for reports only',
    ADD COLUMN IF NOT EXISTS discovered Bool COMMENT 'By e-BH over all metrics and variants; for reports only',
    ADD COLUMN IF NOT EXISTS immature_recipients Int64 COMMENT 'Whose window is still open; no decision uses them',
    ADD COLUMN IF NOT EXISTS immature_successes Int64 COMMENT 'Of these, with the outcome so far; no decision uses them';

CREATE OR REPLACE VIEW experiment_result AS
SELECT * FROM experiment_result_versions FINAL;
