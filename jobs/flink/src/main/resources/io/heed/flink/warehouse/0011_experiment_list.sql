-- What the files of experiments say, one row a version: owners find their test from the moment it is applied.
CREATE TABLE IF NOT EXISTS experiment_definition_versions
(
    seq               Int64,
    experiment_id     String,
    config_hash       String,
    effective_from    DateTime64(3, 'UTC'),
    published_at      DateTime64(3, 'UTC'),
    owner             String,
    hypothesis        String,
    starts_at         DateTime64(3, 'UTC') COMMENT 'Exposures count from here',
    expires_at        Nullable(DateTime64(3, 'UTC')) COMMENT 'When the last unit has matured; NULL without an end',
    primary_metric    String,
    design            String,
    limit_recipients  Int64 COMMENT 'Matured recipients of the competing arms at which it ends',
    competing         Array(String) COMMENT 'Arms that can win',
    lists             Array(String) COMMENT 'Lists whose requests take part; none for all'
)
ENGINE = ReplacingMergeTree(seq)
ORDER BY (experiment_id, config_hash);

CREATE VIEW IF NOT EXISTS experiment_definition AS
SELECT * EXCEPT (seq) FROM experiment_definition_versions FINAL;

-- Every experiment that was applied or decided about, one row each: what is tested, how far it is, and by
-- when it ends at the latest: at its horizon, or when its limit is full at the pace of the newest 28 days of
-- evaluations, whichever comes first. It usually ends sooner. The best is the estimate of the arm that can win whose
-- effect is best: for what nobody wants, an opt-out or a complaint, the lowest.
CREATE VIEW IF NOT EXISTS experiment_list AS
WITH
    known AS
    (
        SELECT
            experiment_id,
            argMax(owner, order_of) AS owner,
            argMax(hypothesis, order_of) AS hypothesis,
            argMax(starts_at, order_of) AS starts_at,
            argMax(tuple(expires_at), order_of).1 AS expires_at,
            argMax(primary_metric, order_of) AS primary_metric,
            argMax(design, order_of) AS design,
            argMax(limit_recipients, order_of) AS limit_recipients,
            argMax(competing, order_of) AS competing,
            argMax(lists, order_of) AS lists,
            any(state) AS decided_state,
            any(reasons) AS reasons,
            any(decided_at) AS decided_at,
            any(payload) AS record
        FROM
        (
            -- The version that the newest decision was made by. The newest one only until there is a decision: a
            -- version that changes the rules after the start is refused.
            SELECT *, (config_hash = JSONExtractString(payload, 'config_hash'), published_at, effective_from) AS order_of
            FROM
            (
                SELECT key AS experiment_id, state, reasons, decided_at, payload
                FROM decision_newest_versions FINAL
                WHERE endsWith(topic, 'sms.decision.experiment') AND NOT startsWith(key, 'optimizer|')
            ) AS decided
            FULL JOIN (SELECT * FROM experiment_definition_versions FINAL) AS definition USING (experiment_id)
        )
        GROUP BY experiment_id
    ),
    -- How many had been counted at each evaluation of those that run.
    pace AS
    (
        SELECT experiment_id, metric AS primary_metric, groupArray((variant_id, evaluated_at, recipients)) AS evaluations
        FROM experiment_result_versions FINAL
        WHERE experiment_id IN (
                SELECT key FROM decision_newest_versions FINAL
                WHERE endsWith(topic, 'sms.decision.experiment') AND state = 'RUNNING')
            AND metric IN (SELECT primary_metric FROM experiment_definition_versions)
            AND evaluated_at >= (
                SELECT max(decided_at) - INTERVAL 28 DAY FROM decision_newest_versions
                WHERE endsWith(topic, 'sms.decision.experiment') AND NOT startsWith(key, 'optimizer|'))
        GROUP BY experiment_id, metric
    ),
    joined AS
    (
        SELECT
            experiment_id,
            owner,
            hypothesis,
            lists,
            design,
            primary_metric,
            if(owner != '', known.starts_at, NULL) AS starts_at,
            expires_at,
            nullIf(known.limit_recipients, 0) AS limit_recipients,
            decided_state,
            reasons,
            record,
            if(decided_state != '', decided_at, NULL) AS evaluated_at,
            arrayFilter(
                v -> empty(competing) OR has(competing, JSONExtractString(v, 'variant_id')),
                JSONExtractArrayRaw(record, 'variants')) AS estimates,
            arraySum(v -> JSONExtractUInt(v, 'recipients'), estimates) AS counted,
            arrayFilter(e -> has(competing, e.1), evaluations) AS own,
            arrayMin(arrayMap(e -> e.2, own)) AS first,
            arrayMax(arrayMap(e -> e.2, own)) AS last,
            arraySum(e -> multiIf(e.2 = last, e.3, 0) - multiIf(e.2 = first, e.3, 0), own)
                / nullIf(dateDiff('second', first, last), 0) AS per_second
        FROM known
        LEFT JOIN pace USING (experiment_id, primary_metric)
    )
SELECT
    experiment_id,
    owner,
    hypothesis,
    lists,
    design,
    primary_metric,
    starts_at,
    multiIf(
        decided_state = 'NO_DIFFERENCE' AND has(reasons, 'FUTILE'), 'FUTILE',
        decided_state != '', toString(decided_state),
        starts_at > now64(3), 'NOT_STARTED',
        'NOT_EVALUATED') AS state,
    counted AS recipients,
    limit_recipients,
    if(limit_recipients IS NULL, NULL, least(1, counted / limit_recipients)) AS progress,
    if(decided_state NOT IN ('', 'RUNNING'), NULL, arrayMin(arrayFilter(t -> t IS NOT NULL, [
        expires_at,
        -- Not by NULLs: what lies below them would be divided by, and converted, all the same.
        if(limit_recipients IS NOT NULL AND ifNull(per_second, 0) > 0,
            evaluated_at + toIntervalSecond(toInt64(least(
                3e9,
                greatest(0, ifNull(limit_recipients, 0) - counted) / greatest(ifNull(per_second, 0), 1e-9)))),
            NULL)]))) AS ends_by,
    JSONExtractString(record, 'held_by', 'guardrail') AS held_guardrail,
    JSONExtractString(record, 'held_by', 'variant_id') AS held_variant,
    JSONExtract(record, 'held_by', 'recipients_missing', 'Nullable(Int64)') AS recipients_missing,
    JSONExtractString(record, 'winner_variant_id') AS winner,
    arraySort(
        v -> if(JSONExtractString(record, 'tested', 'event') IN ('opt-out', 'complaint'), 1, -1) * JSONExtractFloat(v, 'effect'),
        arrayFilter(v -> JSONHas(v, 'effect'), estimates))[1] AS best,
    evaluated_at,
    record
FROM joined;
