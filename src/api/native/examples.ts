import { isObject, type Json, type JsonObject } from '../../base/index.ts';

/** A schema as the document has it. */
export type Schema = JsonObject;

const ID = '0190c8d2-5f0e-7d3a-8c51-3b1f0a2e6d47';
const OTHER = '0190c8d2-61aa-7e02-9f4c-7d20c5b1e893';
const AT = '2026-11-21T14:00:00.000Z';
const LATER = '2026-11-21T15:00:00.000Z';

/** What stands in examples where a schema has none of its own: by the name of the field, the first that its schema takes. */
const WORDS: Readonly<Record<string, readonly Json[]>> = {
  account: [OTHER],
  action: ['mute'],
  address: ['192.0.2.10', '192.0.2.10:5060'],
  addresses: ['192.0.2.0/24'],
  advice: ['Ask her to press *6, or unmute her here.'],
  after: [41],
  at: [AT],
  attempts: [1],
  billed_seconds: [1794],
  buffer_ms: [60],
  bytes: [5_760_044],
  call: [ID],
  call_id: ['a84b4c76e66710@pc33.example.com'],
  called_number: ['3000'],
  caller_name: ['Ann Smith'],
  caller_number: ['+493012345678'],
  cause: [16],
  cdr: [ID],
  cdrs: [12],
  channel_vars: [{}],
  coaches: [OTHER],
  code: ['9f86d081884c7d659a2feaa0c55ad015', 'muted', 'conference_locked'],
  codec: ['opus'],
  codecs: ['opus'],
  concealed: [3],
  concurrent: [10],
  conference: [ID],
  count: [2],
  credential: ['q3V1T0c2b3JkPQ=='],
  cseq: ['1 INVITE'],
  cursor: ['MCAwMTkwYzhkMjVmMGU3ZDNh'],
  data: ['60'],
  deliveries: [4],
  delivery: ['msg_0190c8d25f0e7d3a8c513b1f0a2e6d47'],
  detail: ['the conference is locked'],
  device: [ID],
  digits: ['*6'],
  direction: ['inbound', 'sendrecv'],
  disabled_reason: ['410 Gone'],
  document: [{ name: 'Board', conference_numbers: ['3200'], member: { pins: ['4711'] } }],
  domains: ['example.com'],
  dropped: [0],
  dtls: ['connected'],
  duck: [0.3],
  duration_seconds: [1800],
  endpoint: ['+493012345678'],
  endpoints: ['+493012345678'],
  energy: [420],
  energy_level: [200],
  erased: [OTHER],
  expires_seconds: [300],
  facts: [57],
  failed_calls: [5],
  file: ['mix.wav'],
  first_name: ['Ann'],
  floor_taken: [OTHER],
  forgotten_to: [0],
  from: [0, AT],
  gain_in: [1],
  gain_out: [1],
  gaps: [0],
  ice: ['connected'],
  ics: ['BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n'],
  id: [ID],
  instance: ['0190c8d260117c5e9a3b5f6e7d8c9b0a'],
  invitation: [ID],
  jitter_ms: [4.2],
  job_id: ['0190c8d262f07b1d8e5a4c3d2b1a0f9e'],
  label: ['mute or unmute yourself', 'INVITE · SDP'],
  language: ['en-GB'],
  last_name: ['Smith'],
  late: [1],
  legs: [100],
  length: [12],
  link: ['https://parley.example/join/9f86d081884c7d659a2feaa0c55ad015'],
  live: [0],
  lockouts: [1],
  loops: [1],
  loss: [0.004],
  loss_percent: [0.4],
  lost: [6],
  lost_ms: [1200],
  manifest: [{}],
  max: [0.42],
  max_calls: [30],
  max_participants: [20],
  max_seconds: [3600],
  max_uses: [1],
  media: [{}],
  member: ['481516'],
  message: ['dialling'],
  method: ['INVITE'],
  min: [-0.4],
  minutes: [5],
  minutes_per_month: [10_000],
  minutes_this_month: [421],
  moderator: ['234209'],
  mos: [4.2],
  most_people: [7],
  ms: [212],
  mute_reasons: ['moderator'],
  name: ['Board', 'mix.wav'],
  notice_heard: [OTHER],
  number: [1, '+493012345678'],
  numbers: ['+49301234*', '3000'],
  offset_samples: [0],
  one_time_pin: ['804213'],
  other: [OTHER, 2],
  outcome: ['200'],
  overlap_ms: [8200],
  overlap_seconds: [8, 86_400],
  owner: [OTHER],
  packets: [90_000],
  packets_in: [90_000],
  packets_out: [90_012],
  packets_per_second: [50],
  parent: [OTHER],
  'parley-guest': ['mZ3k1yF0xwB5rXcVn2QhTq8sJ6dLp4Ga7eUoKiRbYtE'],
  participant: [ID, '1', 1],
  participants: ['1,2'],
  password: ['correct horse battery'],
  payload: [{}],
  per_hour: [100],
  pin: ['shared'],
  place: ['folder'],
  points: [800],
  port: [40_010],
  position: [1042],
  prefix: ['+49'],
  prefixes: ['+49'],
  probe_seconds: [60],
  put: ['0049'],
  quality: [{ packetsIn: 90_000, packetsOut: 90_012, lost: 6, jitter: 4.2, mosCq: 4.2 }],
  rate: [48_000],
  realm: ['board.parley.example'],
  reason: ['hung-up', 'asked'],
  recording: [OTHER],
  recordings: [3],
  refused_calls: [37],
  replayed: [12],
  revision: [3],
  role: ['member'],
  round_trip_ms: [38],
  rtp: [2],
  say: ['Welcome.'],
  seconds: [1800.5, 600],
  secret: ['whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD'],
  sequence: [42],
  servers: ['sip.example.com'],
  sha256: ['9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'],
  silence_seconds: [312.4],
  sip_status: [200],
  source: ['192.0.2.10'],
  sources: ['tone_stream://%(200,100,440)'],
  status: [200],
  step_energy: [1],
  step_in: [1],
  step_out: [1],
  subject: ['You are invited to Board'],
  summary: ['Ann is muted by a moderator.'],
  talk_ms: [61_000],
  talk_seconds: [61.2],
  text: ['Good morning, everybody.'],
  tick: [12_000],
  ticket: ['eyJmaWxlIjoibWl4LndhdiJ9.c2lnbmVk'],
  time_zone: ['Europe/Berlin'],
  timeout_ms: [2000],
  timeout_seconds: [30],
  to: [1, 'all', LATER],
  took_ms: [41],
  transcription: [OTHER],
  transcripts: [120],
  transport: ['udp'],
  trunk: [ID],
  turns: [9],
  type: ['muted', 'codec', 'participant.joined'],
  types: ['participant.joined'],
  url: ['https://parley.example/api/recordings/0190c8d2-5f0e-7d3a-8c51-3b1f0a2e6d47/files/mix.wav'],
  urls: ['turn:turn.example.com:3478'],
  user: [ID],
  username: ['ann'],
  uses: [1],
  variables: [{ ticket: '4711' }],
  voice: ['en-gb'],
  webhook: [ID],
  weight: [10],
  whom: [OTHER, 2],
  words: ['no answer'],
  last_packet_ms_ago: [12],
  last_sound_ms_ago: [340],
  cdrs_days: [365],
  deliveries_days: [30],
  facts_days: [365],
  recordings_days: [90],
  transcripts_days: [90],
  late_seconds: [12],
  limit: [50],
  next_after: [142],
  next_cursor: ['MCAwMTkwYzhkMjVmMGU3ZDNh'],
};

const isOf = (type: Json | undefined, value: Json): boolean => {
  switch (type) {
    case 'string':
      return typeof value === 'string';
    case 'integer':
      return Number.isInteger(value);
    case 'number':
      return typeof value === 'number';
    case 'object':
      return isObject(value);
    default:
      return type === undefined;
  }
};

/** Whether a leaf takes a value; the bounds are left to the test of all examples. */
const takes = ({ type, pattern }: Schema, value: Json): boolean =>
  isOf(type, value) && (typeof pattern !== 'string' || (typeof value === 'string' && new RegExp(pattern).test(value)));

const listOf = (value: Json | undefined): readonly Schema[] => (Array.isArray(value) ? (value.filter(isObject) as Schema[]) : []);

/** What a schema says of itself. */
function own({ examples, const: only, enum: some, default: usual }: Schema): Json | undefined {
  const [first] = Array.isArray(examples) ? examples : [];
  return first ?? only ?? (Array.isArray(some) ? some[0] : undefined) ?? usual;
}

/** All of its parts, so that an example leaves nothing out. */
function objectOf({ properties }: Schema, name: string): Json | undefined {
  const parts = isObject(properties) ? Object.entries(properties) : [];
  if (parts.length === 0) return WORDS[name]?.find(isObject) ?? {};
  const made = parts.map(([key, part]) => [key, isObject(part) ? exampleOf(part, key) : undefined] as const);
  const said = made.filter((each): each is readonly [string, Json] => each[1] !== undefined);
  return said.length === made.length ? Object.fromEntries(said) : undefined;
}

/** One of several: null only where it can be nothing else. */
function anyOf(some: readonly Schema[], name: string): Json | undefined {
  const made = some.filter(({ type }) => type !== 'null').map((each) => exampleOf(each, name));
  return made.length === 0 ? null : made.find((each) => each !== undefined);
}

/** An example of what a schema takes: its own, else one made of its parts; undefined: nobody has said one. */
export function exampleOf(schema: Schema, name = ''): Json | undefined {
  const said = own(schema);
  if (said !== undefined) return said;
  const all = listOf(schema['allOf']);
  if (all.length > 0) return Object.assign({}, ...all.map((each) => exampleOf(each, name)));
  const some = [...listOf(schema['anyOf']), ...listOf(schema['oneOf'])];
  if (some.length > 0) return anyOf(some, name);
  switch (schema['type']) {
    case 'object':
      return objectOf(schema, name);
    case 'array': {
      const item = isObject(schema['items']) ? exampleOf(schema['items'], name) : undefined;
      return item === undefined ? undefined : [item];
    }
    case 'boolean':
      return false;
    case 'null':
      return null;
    default:
      if (schema['format'] === 'date-time') return AT;
      return WORDS[name]?.find((each) => takes(schema, each));
  }
}
