-- A winner that waits for a guardrail.
ALTER TABLE experiment_result_versions
    ADD COLUMN IF NOT EXISTS held_by String COMMENT 'The guardrail that keeps the variant, which has won, waiting',
    ADD COLUMN IF NOT EXISTS recipients_missing Int64 COMMENT 'About how many more recipients it takes to show that the guardrail holds';

CREATE OR REPLACE VIEW experiment_result AS
SELECT * FROM experiment_result_versions FINAL;
