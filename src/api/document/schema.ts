/** The JSON schemas of what clients send (kazoo-facts §3.3 to §3.10). Unknown keys are kept unless a schema says otherwise. */

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const digits = { type: 'string', pattern: '^[0-9]+$' } as const;
const numbers = { type: 'array', items: digits, uniqueItems: true, default: [] } as const;
const tone = { oneOf: [flag, { type: 'string' }] } as const;

/** Ours (docs/moderators.md): users who see and steer the conference though it is not theirs. */
const moderatingUsers = { type: 'array', items: { type: 'string', minLength: 32, maxLength: 36 }, maxItems: 100 };

const role = (joinMuted: boolean, more: object = {}) => ({
  type: 'object',
  default: {},
  properties: {
    join_deaf: { type: 'boolean', default: false },
    join_muted: { type: 'boolean', default: joinMuted },
    numbers,
    pins: { type: 'array', items: digits, default: [] },
    play_entry_prompt: flag,
    play_entry_tone: tone,
    play_exit_tone: tone,
    ...more,
  },
});

const sounds = [
  'alone-sound',
  'caller-controls',
  'deaf-sound',
  'enter-sound',
  'exit-sound',
  'is-locked-sound',
  'is-unlocked-sound',
  'locked-sound',
  'max-members-sound',
  'member-enter-sound',
  'moderator-controls',
  'moh-sound',
  'muted-sound',
  'undeaf-sound',
  'unmuted-sound',
];

const profile = {
  type: 'object',
  properties: {
    ...Object.fromEntries(sounds.map((key) => [key, text])),
    'announce-count': { type: 'integer' },
    'announcement-duck': { type: 'number', minimum: 0, maximum: 40 },
    'comfort-noise': { type: 'integer', minimum: 0, maximum: 10_000 },
    'energy-level': { type: 'integer', minimum: 0, maximum: 1800 },
    interval: { type: 'integer', minimum: 10, maximum: 120 },
    'max-members': { type: 'integer', minimum: 2 },
    rate: { type: 'integer', enum: [8000, 12_000, 16_000, 24_000, 32_000, 44_100, 48_000] },
  },
};

/** Ours (docs/profile.md): whether and how a conference is recorded by itself. */
const recording = {
  oneOf: [
    flag,
    {
      type: 'object',
      properties: {
        automatic: flag,
        stems: flag,
        format: { type: 'string', enum: ['wav', 'ogg'] },
        silence: flag,
        max_seconds: { type: 'integer', minimum: 1, maximum: 604_800 },
      },
    },
  ],
};

/** Whether people are asked to agree to be recorded, and what becomes of who does not (docs/recordings.md). */
const consent = { enum: ['exclude', 'leave', false] } as const;
const consentSeconds = { type: 'integer', minimum: 5, maximum: 3600 } as const;

const words = [
  'max_members_media',
  'language',
  'domain',
  'profile_name',
  'caller_controls',
  'moderator_controls',
  'bridge_username',
  'bridge_password',
];

/** A conference as it is configured. */
export const conferenceSchema = {
  type: 'object',
  properties: {
    name: { type: 'string', minLength: 1, maxLength: 128 },
    owner_id: { type: 'string', minLength: 32, maxLength: 32 },
    conference_numbers: numbers,
    member: role(true),
    moderator: role(false, { users: moderatingUsers }),
    recording,
    recording_notice: flag,
    recording_consent: consent,
    recording_consent_seconds: consentSeconds,
    play_name: { type: 'boolean', default: false },
    play_welcome: flag,
    play_entry_tone: tone,
    play_exit_tone: tone,
    tones_up_to: { type: 'integer', minimum: 0 },
    max_participants: { type: 'integer' },
    require_moderator: flag,
    // Not KAZOO's: seconds that members have left when the last moderator has gone, and what else rooms of ours can do (docs/profile.md).
    moderator_grace: { type: 'number', minimum: 0, maximum: 86_400 },
    waiting_room: flag,
    waiting_room_timeout: { type: 'number', minimum: 0 },
    max_duration: { type: 'number', minimum: 0 },
    self_unmute: flag,
    disable_moh: flag,
    wait_for_moderator: flag,
    ...Object.fromEntries(words.map((key) => [key, text])),
    controls: { type: 'object' },
    flags: { type: 'array', items: text },
    profile,
  },
};

const milliseconds = { type: 'integer', minimum: 0, maximum: 600_000 } as const;
/** Profiles by their names; one level deeper by language and name. */
const profiles = { type: 'object', additionalProperties: { type: 'object' } } as const;

/** What an account configures for all its conferences (kazoo-facts §3.8). */
export const conferencesConfigSchema = {
  type: 'object',
  properties: {
    entry_tone: text,
    exit_tone: text,
    moderator_entry_tone: text,
    moderator_exit_tone: text,
    number_timeout: milliseconds,
    pin_timeout: milliseconds,
    support_name_announcement: flag,
    review_name: flag,
    tones_up_to: { type: 'integer', minimum: 0 },
    language: text,
    recording_consent: consent,
    recording_consent_seconds: consentSeconds,
    bridge_username: text,
    bridge_password: text,
    controls: { type: 'object' },
    profiles,
  },
};

/** A profile that has a name. */
export const profileSchema = profile;

/** The body of `PUT /v2/user_auth`. */
export const userAuthSchema = {
  type: 'object',
  required: ['credentials'],
  properties: {
    credentials: { type: 'string', minLength: 1, maxLength: 64 },
    method: { type: 'string', enum: ['md5', 'sha'], default: 'md5' },
    account_name: { type: 'string', minLength: 1, maxLength: 128 },
    account_realm: { type: 'string', minLength: 4, maxLength: 253, pattern: '^[.\\w_-]+$' },
    phone_number: { type: 'string', minLength: 1, maxLength: 64 },
  },
};

/** The body of `PUT /v2/api_auth`. */
export const apiAuthSchema = {
  type: 'object',
  required: ['api_key'],
  properties: { api_key: { type: 'string', minLength: 64, maxLength: 64 } },
  additionalProperties: false,
};

/** The arguments of the action `relate`; `conference_id` comes from the URL. */
export const relateSchema = {
  type: 'object',
  required: ['participant_id', 'other_participant'],
  properties: {
    participant_id: { type: ['string', 'integer'] },
    other_participant: { type: ['string', 'integer'] },
    relationship: { type: 'string', enum: ['deaf', 'clear', 'mute'], default: 'clear' },
  },
};

/** What KAZOO's media may say that they are (kazoo-facts §11.1); what was uploaded shows it in its bytes. */
const MEDIA_TYPES = [
  ...['mp3', 'mpeg', 'mpeg3', 'x-wav', 'wav', 'ogg'].map((each) => `audio/${each}`),
  ...['x-flv', 'h264', 'mpeg', 'quicktime', 'mp4', 'webm'].map((each) => `video/${each}`),
];

/** A media document (kazoo-facts §11.1). */
export const mediaSchema = {
  type: 'object',
  required: ['name'],
  properties: {
    name: { type: 'string', minLength: 1, maxLength: 128 },
    description: { type: 'string', minLength: 1, maxLength: 128 },
    media_source: { type: 'string', enum: ['recording', 'upload', 'tts'], default: 'upload' },
    streamable: { type: 'boolean', default: true },
    language: { type: 'string', default: 'en-us' },
    tts: {
      type: 'object',
      required: ['text'],
      properties: { text: { type: 'string', minLength: 1, maxLength: 10_000 }, voice: { type: 'string', default: 'female/en-US' } },
    },
    content_type: { type: 'string', enum: MEDIA_TYPES },
    content_length: { type: 'integer', minimum: 1, maximum: 11_534_336 },
    prompt_id: { type: 'string' },
    source_id: { type: 'string', minLength: 32, maxLength: 32 },
    source_type: { type: 'string' },
  },
};
