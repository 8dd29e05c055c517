-- Which running send gate wrote a heartbeat, and when it started.
ALTER TABLE heartbeat_versions
    ADD COLUMN IF NOT EXISTS instance String AFTER emitted_at,
    ADD COLUMN IF NOT EXISTS started Nullable(DateTime64(3, 'UTC')) AFTER instance;

CREATE OR REPLACE VIEW heartbeat AS
SELECT * EXCEPT (seq) FROM heartbeat_versions FINAL;
