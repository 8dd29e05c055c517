-- What the optimizer has learnt, unpacked from the versions of value models: one row a figure.
CREATE VIEW IF NOT EXISTS value_figure AS
SELECT
    JSONExtractString(payload, 'list_id') AS list_id,
    decided_at AS made_at,
    state,
    JSONExtractInt(figure, 'borne_from') AS borne_from,
    JSONExtractFloat(figure, 'fatigue') AS fatigue,
    JSONExtractFloat(figure, 'click') AS click,
    JSONExtractFloat(figure, 'hazard') AS hazard,
    JSONExtractInt(figure, 'value_micros') AS value_micros
FROM decision
ARRAY JOIN JSONExtractArrayRaw(payload, 'figures') AS figure
WHERE endsWith(topic, 'sms.decision.value-model') AND endsWith(key, '|model');

-- What a subscriber is worth by messages a month, by each version of a list's value model.
CREATE VIEW IF NOT EXISTS value_curve AS
SELECT
    JSONExtractString(payload, 'list_id') AS list_id,
    decided_at AS made_at,
    state,
    JSONExtractInt(point, 'messages_a_month') AS messages_a_month,
    JSONExtractInt(point, 'value_micros') AS value_micros,
    JSONExtractFloat(point, 'opt_outs_a_month') AS opt_outs_a_month
FROM decision
ARRAY JOIN JSONExtractArrayRaw(payload, 'curve') AS point
WHERE endsWith(topic, 'sms.decision.value-model') AND endsWith(key, '|model');

-- Verdicts that the optimizer gave (where it has no part, an index says so without a look at them), with what they were decided by. In the mode shadow it gives none: a verdict
-- then has what it would have given, value_verdict. Where chance had no part the record has no propensity: it is 1.
-- Amounts in micros.
CREATE VIEW IF NOT EXISTS value_verdict AS
SELECT
    decided_at,
    key AS recipient_id,
    JSONExtractString(payload, 'request_id') AS request_id,
    JSONExtractString(payload, 'list_id') AS list_id,
    state AS verdict,
    JSONExtractString(payload, 'value', 'cause') AS cause,
    ifNull(JSONExtract(payload, 'propensity', 'Nullable(Float64)'), 1) AS propensity,
    JSONExtractInt(payload, 'value', 'brings_micros') AS brings_micros,
    JSONExtractFloat(payload, 'value', 'hazard') AS hazard,
    JSONExtractInt(payload, 'value', 'subscriber_micros') AS subscriber_micros
FROM decision
WHERE endsWith(topic, 'sms.decision.send-verdict') AND JSONExtractString(payload, 'value', 'cause') != ''
    AND NOT JSONHas(payload, 'value_verdict');
