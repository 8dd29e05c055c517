-- A history in the shapes of BenchTraffic: messages first_message .. first_message + messages, spread evenly
-- over the milliseconds from_millis .. to_millis, each with its receipts and now and then an outcome.
INSERT INTO events_versions (event_type, event_id, event_time, recipient_id, message_id, campaign_id, list_id,
    category, carrier, region, time_zone, segments, cost_micros, status, error_code, vendor, link_id, url,
    user_agent, ip_hash, body, scope, method, conversion_id, kind, revenue_micros, reply_intent, appended_at, precedence,
    experiment_id, variant_id)
SELECT
    ['send', 'delivery', 'delivery', 'click', 'reply', 'opt-out', 'conversion'][part] AS event_type,
    concat(['s', 't', 'd', 'c', 'p', 'o', 'v'][part], id) AS event_id,
    fromUnixTimestamp64Milli({from_millis:Int64}
        + intDiv((n - {first_message:Int64}) * ({to_millis:Int64} - {from_millis:Int64}), {messages:Int64})
        + [0, 400, 3000, 60000, 90000, 95000, 120000][part], 'UTC') AS at,
    concat('r', toString(h % {recipients:Int64})) AS recipient_id,
    if(part = 7, '', concat('m', id)) AS message_id,
    if(part = 1, concat('campaign-', toString(campaign)), '') AS campaign_id,
    if(part = 1, concat('list-', toString(campaign % 4)), '') AS list_id,
    if(part = 1, 'PROMOTIONAL', ''),
    if(part IN (1, 3), carriers[1 + intDiv(h, 7) % 3], ''),
    if(part = 1, 'US-NY', ''),
    if(part = 1, 'America/New_York', ''),
    if(part = 1, 1, 0),
    if(part = 1, 7900, 0),
    ['', 'SENT', if(delivered, 'DELIVERED', 'UNDELIVERED'), '', '', '', ''][part],
    if(part = 3 AND NOT delivered, '30003', ''),
    if(part IN (2, 3), 'v', ''),
    if(part = 4, 'l1', ''),
    if(part = 4, 'https://example.com/a', ''),
    if(part = 4, 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X)', ''),
    if(part = 4, concat('h', id), ''),
    if(part = 5, 'thanks, great', ''),
    if(part = 6, concat('list-', toString(campaign % 4)), ''),
    if(part = 6, 'KEYWORD', ''),
    if(part = 7, concat('o', id), ''),
    if(part = 7, 'PURCHASE', ''),
    if(part = 7, 45000000, 0),
    if(part = 5, 'NONE', ''),
    at,
    2 * (4611686018427387903 - 8 * n - part) AS precedence,
    -- A test of the first campaign's last two weeks.
    if(part = 1 AND campaign = 0 AND at >= now() - INTERVAL 14 DAY, 'growth', '') AS test,
    if(test = '', '', if(intDiv(h, 31) % 2 = 0, 'a', 'b'))
FROM
(
    SELECT
        {first_message:Int64} + toInt64(number) AS n,
        concat({run:String}, '-', lower(hex(n))) AS id,
        cityHash64(n) AS h,
        intDiv(h, 11) % 20 AS campaign,
        intDiv(h, 13) % 100 < 96 AS delivered,
        ['att', 'tmobile', 'verizon'] AS carriers,
        arrayJoin(arrayConcat(
            [1, 2, 3],
            if(intDiv(h, 17) % 100 < 6, [4], []),
            if(intDiv(h, 19) % 100 < 1, [5], []),
            if(intDiv(h, 23) % 1000 < 5, [6], []),
            if(intDiv(h, 29) % 100 < 2, [7], []))) AS part
    FROM numbers({messages:UInt64})
)
SETTINGS max_threads = 2, max_insert_threads = 1, min_insert_block_size_rows = 300000, max_partitions_per_insert_block = 0, max_execution_time = 0;

-- Where the events lie, as the job notes it.
INSERT INTO event_place
SELECT toInt64(bitShiftRight(sipHash64(event_type, event_id), 16)) AS hash, toStartOfHour(event_time) AS hour
FROM events_versions
WHERE event_time >= fromUnixTimestamp64Milli({from_millis:Int64}, 'UTC')
    AND event_time < fromUnixTimestamp64Milli({to_millis:Int64}, 'UTC')
SETTINGS max_threads = 2, max_insert_threads = 1, min_insert_block_size_rows = 300000, max_execution_time = 0;

-- A verdict and a cap to every fourth message, a suppression to every opt-out.
INSERT INTO decision_versions
    (topic, decision_id, decided_at, emitted_at, key, seq, state, reasons, payload, appended_at, precedence)
SELECT
    concat('sms.decision.', ['send-verdict', 'frequency-cap', 'suppression'][part]) AS topic,
    lower(hex(sipHash64(n, part))) AS decision_id,
    at,
    at + INTERVAL 40 MILLISECOND,
    if(part = 1, recipient, concat(recipient, '|*')) AS key,
    toInt64(n) AS seq,
    if(part = 1, if(h % 10 < 8, 'ALLOW', 'DEFER'), if(part = 2, if(h % 2 = 0, 'OPEN', 'CAPPED'), 'SUPPRESSED')) AS state,
    [if(part = 1, if(h % 10 < 8, 'WITHIN_POLICY', 'CAP_REACHED'), if(part = 2, 'WITHIN_POLICY', 'OPTED_OUT'))] AS reasons,
    concat('{"decision_id":"', decision_id, '","decided_at":', toString(toUnixTimestamp64Milli(at)), ',"emitted_at":',
        toString(toUnixTimestamp64Milli(at) + 40), ',"reasons":["', reasons[1], '"],"seq":', toString(n),
        ',"policy_version":"5d41402abc4b2a76","recipient_id":"', recipient, '","scope":"*","state":"', state,
        '","cap_source":"FIXED","method":"KEYWORD","remaining":', toString(h % 4), '}') AS payload,
    at,
    2 * (4611686018427387903 - 8 * n - part) AS precedence
FROM
(
    SELECT
        {first_message:Int64} + toInt64(number) AS n,
        cityHash64(n) AS h,
        concat('r', toString(h % {recipients:Int64})) AS recipient,
        fromUnixTimestamp64Milli({from_millis:Int64}
            + intDiv(toInt64(number) * ({to_millis:Int64} - {from_millis:Int64}), {messages:Int64}), 'UTC') AS at,
        arrayJoin(arrayConcat(
            if(n % 4 = 0, [1], []), if(n % 4 = 1, [2], []), if(intDiv(h, 23) % 1000 < 5, [3], []))) AS part
    FROM numbers({messages:UInt64})
)
SETTINGS max_threads = 2, max_insert_threads = 1, min_insert_block_size_rows = 300000, max_partitions_per_insert_block = 0, max_execution_time = 0;

INSERT INTO decision_versions (topic, decision_id, decided_at, emitted_at, key, seq, state, reasons, payload, appended_at, precedence)
SELECT
    'sms.decision.experiment', 'growth', now64(3), now64(3), 'growth', 1, 'RUNNING', ['MINIMUM_NOT_REACHED'],
    concat('{"epoch":0,"decided_at":', toString(toUnixTimestamp64Milli(now64(3))),
        ',"tested":{"starts_at":', toString(toUnixTimestamp64Milli(now64(3)) - 14 * 86400000),
        ',"metric":"clicks","event":"click","type":"binary","window_millis":86400000,"control_variant_id":"a"}}'),
    now64(3), 1;

INSERT INTO experiment_result_versions (seq, experiment_id, variant_id, metric, evaluated_at, recipients, effect_scale)
SELECT 1, 'growth', arrayJoin(['a', 'b']), 'clicks', now64(3), 20000, if(variant_id = 'a', '', 'RELATIVE');

-- Two touches of every conversion under each model.
INSERT INTO attribution_credit_versions
SELECT
    toInt64(n) AS seq,
    model,
    concat('o', {run:String}, '-', lower(hex(n))) AS conversion_id,
    'PURCHASE' AS kind,
    concat('r', toString(h % {recipients:Int64})) AS recipient_id,
    touch AS touch_index,
    'sms' AS channel,
    concat('campaign-', toString((h + touch) % 20)) AS campaign_id,
    '' AS variant_id,
    at - INTERVAL 120 SECOND AS touch_time,
    at AS conversion_time,
    toDecimal64(0.5, 12) AS credit,
    22500000 AS revenue_micros
FROM
(
    SELECT
        {first_message:Int64} + toInt64(number) AS n,
        cityHash64(n) AS h,
        fromUnixTimestamp64Milli({from_millis:Int64} + 120000
            + intDiv(toInt64(number) * ({to_millis:Int64} - {from_millis:Int64}), {messages:Int64}), 'UTC') AS at,
        arrayJoin(['first_touch', 'last_touch', 'linear', 'time_decay', 'position_based', 'markov']) AS model,
        arrayJoin([0, 1]) AS touch
    FROM numbers({messages:UInt64})
    WHERE intDiv(h, 29) % 100 < 2
)
SETTINGS max_threads = 2, max_insert_threads = 1, min_insert_block_size_rows = 300000, max_partitions_per_insert_block = 0, max_execution_time = 0;

-- What list-health writes of each hour of each campaign.
INSERT INTO send_cohort_versions
SELECT 1, hour, list, campaign, 200, 190, 8, 12, 2, 1, 0, 4, 1580000, 0, 2
FROM
(
    SELECT
        toStartOfHour(fromUnixTimestamp64Milli({from_millis:Int64}, 'UTC') + toIntervalHour(number)) AS hour,
        arrayJoin(range(20)) AS c,
        concat('list-', toString(c % 4)) AS list,
        concat('campaign-', toString(c)) AS campaign
    FROM numbers(toUInt64(intDiv({to_millis:Int64} - {from_millis:Int64}, 3600000)))
);

INSERT INTO delivery_health_versions
SELECT 1, cohort_hour, list_id, campaign_id, carrier, error_class, 60, if(error_class = '', 60, 0), if(error_class = '', 0, 60)
FROM send_cohort_versions
ARRAY JOIN ['att', 'tmobile', 'verizon'] AS carrier
ARRAY JOIN ['', 'FILTERED'] AS error_class
WHERE cohort_hour >= fromUnixTimestamp64Milli({from_millis:Int64} - 3600000, 'UTC')
    AND cohort_hour < fromUnixTimestamp64Milli({to_millis:Int64}, 'UTC');

INSERT INTO response_time_versions
SELECT 1, cohort_hour, list_id, campaign_id, response, within_seconds, 10
FROM send_cohort_versions
ARRAY JOIN ['delivery', 'reply'] AS response
ARRAY JOIN [5, 30, 300, 3600, 14400, 0] AS within_seconds
WHERE cohort_hour >= fromUnixTimestamp64Milli({from_millis:Int64} - 3600000, 'UTC')
    AND cohort_hour < fromUnixTimestamp64Milli({to_millis:Int64}, 'UTC');

INSERT INTO list_health_versions
SELECT 1, window_start, window_seconds, concat('list-', toString(list)), '', 4000, 3800, 160, 260, 240, 10, 40, 20, 1, 30, 31600000, 0
FROM
(
    SELECT
        arrayJoin([3600, 86400]) AS window_seconds,
        fromUnixTimestamp64Milli({from_millis:Int64} - {from_millis:Int64} % (1000 * window_seconds)
            + 1000 * window_seconds * toInt64(number), 'UTC') AS window_start,
        arrayJoin(range(4)) AS list
    FROM numbers(toUInt64(intDiv({to_millis:Int64} - {from_millis:Int64}, 3600000)))
)
WHERE window_start < fromUnixTimestamp64Milli({to_millis:Int64}, 'UTC');
