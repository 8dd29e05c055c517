// What the jobs' alerts mean in people's words: what it is about, what happened, what to do, where to look.
import {DASHBOARDS, inWords, sql, stateOf, topic} from './heed.js';

const text = (name: string) => `JSONExtractString(payload, 'evidence', '${name}')`;
const count = (name: string) => `toString(JSONExtractInt(payload, 'evidence', '${name}'))`;
const percent = (figure: string) => `concat(toString(round(100 * ${figure}, 1)), ' %')`;
const moment = (name: string) => `formatDateTime(fromUnixTimestamp64Milli(JSONExtractInt(payload, 'evidence', '${name}'), 'UTC'), '%Y-%m-%d %H:%i')`;

const VALUE = "JSONExtractFloat(payload, 'value')";
const THRESHOLD = "JSONExtractFloat(payload, 'threshold')";
const SUBJECT = "JSONExtractString(payload, 'subject')";

const CAMPAIGN = `concat('campaign ', ${text('campaign_id')}, if(${text('list_id')} = '', '', concat(' on list ', ${text('list_id')})))`;
const LIST = `concat('list ', ${text('list_id')}, if(${text('campaign_id')} = '', '', concat(', campaign ', ${text('campaign_id')})))`;
const EXPERIMENT = `if(startsWith(${SUBJECT}, 'optimizer|'), concat('the optimizer of list ', splitByChar('|', ${SUBJECT})[2]), concat('experiment ', ${SUBJECT}, if(${text('owner')} = '', '', concat(' of ', ${text('owner')}))))`;
const MESSAGE = `concat('The message of ', ${moment('sent_at')}, ' to ', ${text('recipient_id')}`;

interface Words {
  title: string;
  /** SQL of texts over the alert's record, payload. */
  about: string;
  happened: string;
  todo: string;
  page: {uid: string};
}

/** By kind, as the jobs write it. */
export const ALERT_WORDS: Record<string, Words> = {
  sent_after_suppression: {
    title: 'Sent after an opt-out', about: CAMPAIGN, page: DASHBOARDS.decisions,
    happened: `${MESSAGE}, ' went out after this person had opted out (', ${text('rule')}, ')')`,
    todo: 'Stop the campaign. Check that the sending system requests verdicts or reads sms.decision.suppression.',
  },
  sent_in_quiet_hours: {
    title: 'Sent in quiet hours', about: CAMPAIGN, page: DASHBOARDS.decisions,
    happened: `${MESSAGE}, ' went out in quiet hours')`,
    todo: 'Stop the campaign until the recipients\u2019 hours allow it.',
  },
  sent_above_cap: {
    title: 'Sent above a cap', about: CAMPAIGN, page: DASHBOARDS.decisions,
    happened: `${MESSAGE}, ' was one too many: ', ${text('rule')})`,
    todo: 'Check that the sending system requests a verdict for each message.',
  },
  sent_above_state_cap: {
    title: 'Sent above a state\u2019s cap', about: CAMPAIGN, page: DASHBOARDS.decisions,
    happened: `${MESSAGE}, ' was more than the law of the state allows: ', ${text('rule')})`,
    todo: 'Stop the campaign. Check that the sending system requests a verdict for each message.',
  },
  sent_to_holdout: {
    title: 'Sent to a hold-out', about: CAMPAIGN, page: DASHBOARDS.decisions,
    happened: `${MESSAGE}, ' went to a person who is ', ${text('rule')})`,
    todo: 'Take these people out of the campaign, and send nothing on DENY.',
  },
  invalid_opt_out: {
    title: 'An opt-out could not be read', page: DASHBOARDS.pipeline,
    about: `if(${text('recipient_id')} = '', 'a person who is not known', concat('recipient ', ${text('recipient_id')}))`,
    happened: `concat('An opt-out is invalid: ', ${text('reason')}, if(JSONExtractBool(payload, 'evidence', 'suppressed'), '. The person is suppressed all the same', '. Nobody could be suppressed for it'))`,
    todo: 'Mend the producer. Where nobody was suppressed, find the person by the raw record among the dead letters, and report the opt-out again.',
  },
  bad_config: {
    title: 'A configuration cannot be used', about: SUBJECT, page: DASHBOARDS.pipeline,
    happened: `concat(${text('reason')}, '; ', ${text('effect')})`,
    todo: 'Run heed check, mend the file, and apply it again.',
  },
  opt_out_rate: {
    title: 'Many opt-outs', about: LIST, page: DASHBOARDS.listHealth,
    happened: `concat(${percent(VALUE)}, ' of the messages of ', ${text('day')}, ' made somebody opt out (', ${count('opt_outs')}, ' of ', ${count('sends')}, '); the threshold is ', ${percent(THRESHOLD)})`,
    todo: 'Hold the campaign back and check whom it goes to. Carriers flag a sender at 5 % and may suspend at 10 %.',
  },
  delivery_drop: {
    title: 'Delivery has dropped', page: DASHBOARDS.listHealth,
    about: `if(${text('carrier')} = '', 'all carriers', concat('carrier ', ${text('carrier')}))`,
    happened: `concat('Of the messages of the hour ', ${text('hour')}, ' only ', ${percent(VALUE)}, ' were delivered (', ${count('delivered')}, ' of ', ${count('messages')}, ')')`,
    todo: 'Look at why messages failed, then ask the carrier or the vendor. Hold large campaigns back until then.',
  },
  silent_input: {
    title: 'Input is silent', page: DASHBOARDS.pipeline,
    about: `if(${text('topic')} = 'all', 'all topics', concat('topic sms.', ${text('topic')}))`,
    happened: `concat('Nothing has come since ', ${text('silent_since')}, if(${text('topic')} = 'all', '', concat(', though about ', ${count('expected_events')}, ' events were to be expected')))`,
    todo: 'Check the producer of the topic.',
  },
  unknown_scope: {
    title: 'Opt-outs of an unknown list', about: `concat('scope ', ${text('scope')})`, page: DASHBOARDS.listHealth,
    happened: `concat('Opt-outs name a list that nobody was texted on: ', ${text('scope')})`,
    todo: 'Check the spelling of the list in what reports opt-outs: these people are still texted on the list that they meant.',
  },
  experiment_sample_ratio: {
    title: 'The split of a test is off', about: EXPERIMENT, page: DASHBOARDS.experiment,
    happened: `concat('The variants do not get the shares that they should (p-value ', toString(round(${VALUE}, 4)), ')')`,
    todo: 'Do not act on its effect. The page shows where the split is off.',
  },
  experiment_delivery_ratio: {
    title: 'Variants are delivered unequally', about: EXPERIMENT, page: DASHBOARDS.experiment,
    happened: `concat('Messages of one variant reach fewer people than those of another (p-value ', toString(round(${VALUE}, 4)), ')')`,
    todo: 'Look at the texts: links, length and words that carriers filter.',
  },
  experiment_arm_missing: {
    title: 'A variant gets nobody', about: EXPERIMENT, page: DASHBOARDS.experiment,
    happened: `concat(toString(toInt64(${VALUE})), ' arm(s) of the test have no recipient at all')`,
    todo: 'Check that the sending system sends every variant, and reports the assignments of the hold-out.',
  },
  experiment_contaminated: {
    title: 'People are in two variants', about: EXPERIMENT, page: DASHBOARDS.experiment,
    happened: `concat(${percent(VALUE)}, ' of its recipients got a second variant')`,
    todo: 'Send the variant that the verdict names. Above 5 % the test becomes invalid.',
  },
  experiment_decided: {
    title: 'A test has decided', about: EXPERIMENT, page: DASHBOARDS.experiment,
    happened: `concat('It ended: ', ${inWords(stateOf(text('state'), "JSONExtract(payload, 'reasons', 'Array(String)')"))})`,
    todo: 'Read the decision, then act on it. Effects at stopping are optimistic.',
  },
  experiment_config: {
    title: 'A version of a test cannot be used', about: EXPERIMENT, page: DASHBOARDS.experiment,
    happened: text('problem'),
    todo: 'Publish the change as a new experiment, or take it back.',
  },
};

const chosen = (field: (words: Words) => string, otherwise: string) => sql`
  multiIf(
      ${Object.entries(ALERT_WORDS).map(([kind, words]) => `kind = '${kind}', ${field(words)},`).join('\n')}
      ${otherwise})`;

const quoted = (words: string) => `'${words}'`;

/** The jobs' alerts in a window that have not been resolved, in words. */
export const alertsIn = (window: string) => sql`
  SELECT
      time, severity,
      ${chosen(words => quoted(words.title), "replaceAll(kind, '_', ' ')")} AS alert,
      ${chosen(words => words.about, SUBJECT)} AS about,
      ${chosen(words => words.happened, "''")} AS happened,
      ${chosen(words => quoted(words.todo), "''")} AS todo,
      ${chosen(words => quoted(words.page.uid), quoted(DASHBOARDS.pipeline.uid))} AS page,
      if(startsWith(kind, 'experiment_'), ${SUBJECT}, '') AS experiment
  FROM (
      SELECT time, record AS payload, JSONExtractString(record, 'severity') AS severity, JSONExtractString(record, 'kind') AS kind
      FROM (
          SELECT argMax(state, seq) AS newest, argMax(decided_at, seq) AS time, argMax(payload, seq) AS record
          FROM decision
          WHERE topic = ${topic('sms.alert')} AND ${window}
          GROUP BY key
      )
      WHERE newest = 'FIRING'
  )`;
