/** The JSON schemas of an account's own things: accounts, users, devices, callflows, numbers (kazoo-facts §12). Unknown keys are kept. */

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const sized = (minLength: number, maxLength: number) => ({ type: 'string', minLength, maxLength }) as const;
const texts = { type: 'array', items: text } as const;

const callerIds = {
  type: 'object',
  additionalProperties: { type: 'object', properties: { name: sized(0, 35), number: sized(0, 35) } },
} as const;

const media = {
  type: 'object',
  properties: {
    audio: { type: 'object', properties: { codecs: texts } },
    encryption: {
      type: 'object',
      properties: { enforce_security: flag, methods: { type: 'array', items: { type: 'string', enum: ['zrtp', 'srtp'] } } },
    },
  },
} as const;

/** An account. */
export const accountSchema = {
  type: 'object',
  required: ['name'],
  properties: {
    name: sized(1, 128),
    realm: { type: 'string', minLength: 4, maxLength: 253, pattern: '^[.\\w_-]+$' },
    enabled: { type: 'boolean', default: true },
    // Not KAZOO's, which keeps it private: gregorian seconds.
    expires: { type: 'integer', minimum: 0 },
    language: text,
    timezone: sized(5, 32),
    org: text,
    caller_id: callerIds,
    media,
    flags: texts,
  },
};

/** A person. */
export const userSchema = {
  type: 'object',
  required: ['first_name', 'last_name'],
  properties: {
    first_name: sized(1, 128),
    last_name: sized(1, 128),
    username: { type: 'string', minLength: 1, maxLength: 256, pattern: '^[+@.\\w_-]+$' },
    password: text,
    priv_level: { type: 'string', enum: ['user', 'admin'], default: 'user' },
    enabled: { type: 'boolean', default: true },
    email: sized(3, 254),
    timezone: sized(5, 32),
    language: text,
    name_pronounced: { type: 'object', properties: { media_id: text } },
    caller_id: callerIds,
    flags: texts,
  },
};

/** A telephone. */
export const deviceSchema = {
  type: 'object',
  required: ['name'],
  properties: {
    name: sized(1, 128),
    owner_id: sized(32, 32),
    device_type: { type: 'string', default: 'sip_device' },
    enabled: { type: 'boolean', default: true },
    mac_address: { type: 'string', pattern: '^(?:[0-9a-fA-F]{2}([-:]?))(?:[0-9a-fA-F]{2}\\1){4}[0-9a-fA-F]{2}$' },
    caller_id: callerIds,
    do_not_disturb: { type: 'object', properties: { enabled: flag } },
    media,
    flags: texts,
    sip: {
      type: 'object',
      default: {},
      properties: {
        // A telephone that is known by its address is a trunk.
        method: { type: 'string', enum: ['password'], default: 'password' },
        username: sized(2, 32),
        password: sized(5, 32),
        realm: { type: 'string', minLength: 4, maxLength: 253, pattern: '^[.\\w_-]+$' },
        invite_format: {
          type: 'string',
          enum: ['username', 'npan', '1npan', 'e164', 'route', 'contact', 'strip_plus'],
          default: 'contact',
        },
        expire_seconds: { type: 'integer', default: 300 },
        route: text,
        ip: text,
      },
    },
  },
};

const step = {
  type: 'object',
  required: ['module'],
  properties: {
    module: sized(1, 64),
    data: { type: 'object', default: {} },
    children: { type: 'object', default: {}, additionalProperties: { $ref: '#/definitions/step' } },
  },
};

/** What happens to calls of some numbers. Modules are looked at by whoever knows them. */
export const callflowSchema = {
  type: 'object',
  required: ['flow'],
  definitions: { step },
  properties: {
    name: text,
    flow: { $ref: '#/definitions/step' },
    numbers: { type: 'array', items: sized(1, 36), uniqueItems: true, default: [] },
    patterns: { type: 'array', items: sized(1, 256), uniqueItems: true, default: [] },
    featurecode: { type: 'object', properties: { name: sized(1, 128), number: sized(1, 30) } },
    flags: texts,
  },
};

/** `data` of the modules `conference` and `conference_feature` (kazoo-facts §3.7). */
export const callflowConferenceSchema = {
  type: 'object',
  properties: {
    id: sized(32, 32),
    moderator: flag,
    config: { type: 'object' },
    play_entry_tone: { oneOf: [flag, text] },
    play_exit_tone: { oneOf: [flag, text] },
    welcome_prompt: { type: 'object', properties: { play: { type: 'boolean', default: true }, media_id: text } },
    skip_module: flag,
  },
};

/** A telephone number. */
export const numberSchema = { type: 'object', properties: {} };
