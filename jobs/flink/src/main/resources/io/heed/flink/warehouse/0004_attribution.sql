-- Rows of a result topic, upserted: of one key the highest seq holds. The sorting key begins with what
-- dashboards select by; a condition on a key's column narrows what FINAL has to read.
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
PARTITION BY toYYYYMM(conversion_time)
ORDER BY (toStartOfHour(conversion_time), model, conversion_id, kind, touch_index);

CREATE MATERIALIZED VIEW IF NOT EXISTS touched_by_credit TO touched_hour AS
SELECT DISTINCT 'attribution_credit' AS source, now64(3) AS written_at, toStartOfHour(conversion_time) AS hour
FROM attribution_credit_versions;

-- A row of credit that is not true any more has a last version with credit 0: it is no row. So has one whose
-- conversion moves to another time, at the old time.
CREATE VIEW IF NOT EXISTS attribution_credit AS
SELECT * FROM attribution_credit_versions FINAL
WHERE credit > 0;

CREATE TABLE IF NOT EXISTS incremental_lift_versions
(
    seq                 Int64,
    experiment_id       LowCardinality(String),
    variant_id          LowCardinality(String),
    metric              LowCardinality(String) COMMENT 'lead, qualified, purchase: conversions; revenue: micros',
    evaluated_at        DateTime64(3, 'UTC'),
    recipients          Int64,
    holdout_recipients  Int64,
    mean                Float64,
    holdout_mean        Float64,
    credited_mean       Float64,
    effect              Nullable(Float64) COMMENT 'Incremental per recipient',
    effect_lower        Nullable(Float64),
    effect_upper        Nullable(Float64),
    p_value             Nullable(Float64)
)
ENGINE = ReplacingMergeTree(seq)
ORDER BY (experiment_id, metric, variant_id, evaluated_at);

CREATE VIEW IF NOT EXISTS incremental_lift AS
SELECT * FROM incremental_lift_versions FINAL;

-- The newest evaluation of each variant: what attribution credits beside what is incremental.
CREATE VIEW IF NOT EXISTS lift_beside_credit AS
SELECT
    experiment_id,
    variant_id,
    metric,
    evaluated_at,
    recipients,
    holdout_recipients,
    credited_mean * recipients AS credited,
    effect * recipients AS incremental,
    effect_lower * recipients AS incremental_lower,
    effect_upper * recipients AS incremental_upper,
    p_value
FROM incremental_lift
ORDER BY evaluated_at DESC
LIMIT 1 BY experiment_id, variant_id, metric;

-- Purchases in the order in which a recipient made them: the first is an acquisition.
CREATE VIEW IF NOT EXISTS purchase_number AS
SELECT
    conversion_id,
    recipient_id,
    purchased_at,
    row_number() OVER (PARTITION BY recipient_id ORDER BY purchased_at, conversion_id) AS nth
FROM
(
    SELECT conversion_id, any(recipient_id) AS recipient_id, min(event_time) AS purchased_at
    FROM events
    WHERE event_type = 'conversion' AND kind = 'PURCHASE'
    GROUP BY conversion_id
);

-- Money by model, channel, campaign and variant. Amounts in micros. Costs are those of texts: another
-- channel's are NULL, for they are not known here, and so is all that depends on them. Ratios are NULL
-- where there is nothing to divide by.
CREATE VIEW IF NOT EXISTS campaign_money AS
SELECT
    model,
    channel,
    campaign_id,
    variant_id,
    sum(messages) AS messages,
    sum(segments) AS segments,
    sum(recipients) AS recipients,
    if(channel = 'sms', sum(cost), NULL) AS cost_micros,
    sum(leads) AS leads,
    sum(qualified) AS qualified,
    sum(first_purchases) AS first_purchases,
    sum(repeat_purchases) AS repeat_purchases,
    sum(gross) AS gross_revenue_micros,
    sum(refunded) AS refunded_micros,
    gross_revenue_micros - refunded_micros AS net_revenue_micros,
    net_revenue_micros / nullIf(messages, 0) AS revenue_micros_per_message,
    net_revenue_micros / nullIf(segments, 0) AS revenue_micros_per_segment,
    net_revenue_micros / nullIf(recipients, 0) AS revenue_micros_per_recipient,
    cost_micros / nullIf(messages, 0) AS cost_micros_per_message,
    cost_micros / nullIf(segments, 0) AS cost_micros_per_segment,
    cost_micros / nullIf(toFloat64(leads), 0) AS cost_micros_per_lead,
    cost_micros / nullIf(toFloat64(first_purchases), 0) AS acquisition_cost_micros,
    (net_revenue_micros - cost_micros) / nullIf(cost_micros, 0) AS return_on_investment
FROM
(
    SELECT
        model,
        channel,
        campaign_id,
        variant_id,
        0 AS messages,
        0 AS segments,
        0 AS recipients,
        0 AS cost,
        if(kind = 'LEAD', credit, 0) AS leads,
        if(kind = 'QUALIFIED', credit, 0) AS qualified,
        if(kind = 'PURCHASE' AND nth <= 1, credit, 0) AS first_purchases,
        if(kind = 'PURCHASE' AND nth > 1, credit, 0) AS repeat_purchases,
        if(kind = 'REFUND', 0, revenue_micros) AS gross,
        if(kind = 'REFUND', -revenue_micros, 0) AS refunded
    FROM attribution_credit
    LEFT JOIN (SELECT conversion_id, nth FROM purchase_number) AS numbers USING (conversion_id)
    UNION ALL
    SELECT
        arrayJoin(['first_touch', 'last_touch', 'linear', 'time_decay', 'position_based', 'markov']) AS model,
        'sms' AS channel,
        campaign_id,
        variant_id,
        count() AS messages,
        sum(segments) AS segments,
        uniqExact(recipient_id) AS recipients,
        sum(cost_micros) AS cost,
        toDecimal64(0, 12) AS leads,
        toDecimal64(0, 12) AS qualified,
        toDecimal64(0, 12) AS first_purchases,
        toDecimal64(0, 12) AS repeat_purchases,
        0 AS gross,
        0 AS refunded
    FROM events
    WHERE event_type = 'send'
    GROUP BY campaign_id, variant_id
)
GROUP BY model, channel, campaign_id, variant_id;

-- Conversions alone, by person: few rows beside all messages. They outlive events.
CREATE TABLE IF NOT EXISTS conversion_versions
(
    recipient      UInt64 COMMENT 'Hash of the recipient',
    event_id       String,
    event_time     DateTime64(3, 'UTC'),
    conversion_id  String,
    kind           LowCardinality(String),
    precedence     UInt64,
    superseded     UInt8
)
ENGINE = ReplacingMergeTree(precedence, superseded)
ORDER BY (recipient, event_id)
SETTINGS index_granularity = 1024, default_compression_codec = 'ZSTD(1)';

CREATE MATERIALIZED VIEW IF NOT EXISTS conversion_of_event TO conversion_versions AS
SELECT cityHash64(recipient_id) AS recipient, event_id, event_time, conversion_id, kind, precedence, superseded
FROM events_versions
WHERE event_type = 'conversion';

CREATE VIEW IF NOT EXISTS conversion AS
SELECT * EXCEPT (precedence, superseded) FROM conversion_versions FINAL;

-- What became of leads: of each recipient's first lead, whether it was qualified from then on, whether
-- it bought from then on, and whether it bought once it was qualified, by whom the lead is credited to.
CREATE VIEW IF NOT EXISTS lead_funnel AS
SELECT
    model,
    channel,
    campaign_id,
    variant_id,
    sum(credit) AS leads,
    sumIf(credit, qualified_at >= conversion_time) AS qualified,
    sumIf(credit, purchased_at >= conversion_time) AS purchased,
    sumIf(credit, qualified_at >= conversion_time AND purchased_at >= qualified_at) AS qualified_and_purchased,
    toFloat64(qualified) / nullIf(toFloat64(leads), 0) AS lead_to_qualified,
    toFloat64(qualified_and_purchased) / nullIf(toFloat64(qualified), 0) AS qualified_to_purchase,
    toFloat64(purchased) / nullIf(toFloat64(leads), 0) AS lead_to_purchase
FROM
(
    SELECT *, cityHash64(recipient_id) AS recipient
    FROM attribution_credit
    WHERE kind = 'LEAD'
) AS credited
INNER JOIN
(
    SELECT
        recipient,
        argMinIf(conversion_id, (event_time, conversion_id), kind = 'LEAD') AS conversion_id,
        minIf(event_time, kind = 'LEAD') AS lead_at,
        arraySort(arrayFilter(t -> t >= lead_at, groupArrayIf(event_time, kind = 'QUALIFIED')))[1] AS qualified_at,
        maxIf(event_time, kind = 'PURCHASE') AS purchased_at
    FROM conversion
    GROUP BY recipient
) AS steps USING (recipient, conversion_id)
GROUP BY model, channel, campaign_id, variant_id;

-- Where a customer, somebody who bought, came from: the earliest touch that led to any conversion.
CREATE VIEW IF NOT EXISTS customer_origin AS
SELECT
    recipient_id,
    toStartOfMonth(assumeNotNull(min(touch_time))) AS cohort_month,
    argMin(channel, touch_time) AS channel,
    argMin(campaign_id, touch_time) AS campaign_id,
    argMin(variant_id, touch_time) AS variant_id
FROM attribution_credit
WHERE model = 'first_touch'
GROUP BY recipient_id
HAVING countIf(kind = 'PURCHASE') > 0 AND min(touch_time) IS NOT NULL;

-- Net revenue of customers by the month of their first touch that led to a conversion, and by
-- months since.
CREATE VIEW IF NOT EXISTS lifetime_value AS
SELECT
    cohort_month,
    channel,
    campaign_id,
    variant_id,
    months_since,
    revenue_micros,
    sum(revenue_micros) OVER (
        PARTITION BY cohort_month, channel, campaign_id, variant_id
        ORDER BY months_since) AS lifetime_revenue_micros,
    customers,
    lifetime_revenue_micros / customers AS lifetime_value_micros
FROM
(
    SELECT
        cohort_month,
        channel,
        campaign_id,
        variant_id,
        dateDiff('month', cohort_month, conversion_time) AS months_since,
        sum(revenue_micros) AS revenue_micros
    FROM
    (
        SELECT recipient_id, conversion_time, revenue_micros
        FROM attribution_credit
        WHERE model = 'first_touch'
    ) AS money
    INNER JOIN customer_origin USING (recipient_id)
    GROUP BY cohort_month, channel, campaign_id, variant_id, months_since
) AS months
INNER JOIN
(
    SELECT cohort_month, channel, campaign_id, variant_id, count() AS customers
    FROM customer_origin
    GROUP BY cohort_month, channel, campaign_id, variant_id
) AS cohorts USING (cohort_month, channel, campaign_id, variant_id);
