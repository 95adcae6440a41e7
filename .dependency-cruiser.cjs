/** The walls of the house. One row per room: what it may import besides itself and `base`. */
const rooms = {
  base: [],
  // Workshop: protocols and signal, no I/O.
  sip: [],
  sdp: [],
  rtp: [],
  audio: [],
  // Parlour: meaning.
  accounts: [],
  conference: ['accounts'],
  webhooks: ['conference', 'accounts'],
  line: ['conference', 'accounts'],
  // Pipes: everything that touches the outside.
  media: ['rtp', 'audio', 'conference', 'accounts'],
  calls: ['sip', 'sdp', 'media', 'bus', 'conference', 'accounts'],
  store: ['conference', 'webhooks', 'accounts'],
  bus: ['conference', 'accounts'],
  fetch: [],
  playing: ['audio', 'media', 'fetch', 'conference', 'accounts'],
  streams: ['audio', 'rtp', 'media', 'bus', 'conference', 'accounts'],
  recording: ['audio', 'media', 'conference', 'accounts'],
  speech: ['audio', 'media', 'fetch', 'conference', 'accounts'],
  cluster: ['bus', 'conference', 'accounts'],
  api: ['streams', 'bus', 'line', 'conference', 'webhooks', 'accounts'],
  // Roof: assembly.
  app: ['streams', 'conference', 'webhooks', 'line', 'accounts', 'media', 'calls', 'recording', 'store', 'bus', 'fetch', 'playing', 'cluster', 'api', 'speech'],
  cli: ['app'],
};

const any = (names) => `(${names.join('|')})`;
const pure = ['base', 'sip', 'sdp', 'rtp', 'audio', 'accounts', 'conference', 'webhooks', 'line'];
const tests = '\\.test\\.ts$';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...Object.entries(rooms).map(([room, allowed]) => ({
      name: `walls-of-${room}`,
      comment: `${room} may import only ${['itself', ...(room === 'base' ? [] : ['base']), ...allowed].join(', ')}.`,
      severity: 'error',
      from: { path: `^src/${room}/`, pathNot: tests },
      to: { path: '^src/', pathNot: `^src/${any([room, 'base', ...allowed])}/` },
    })),
    {
      name: 'no-unknown-room',
      comment: 'A new folder in src needs a row in `rooms` and an ADR.',
      severity: 'error',
      from: { path: '^src/', pathNot: `^src/${any(Object.keys(rooms))}/` },
      to: {},
    },
    {
      name: 'through-the-door',
      comment: 'Rooms meet only at index.ts; a worker of another room reads taps through the small second door of media.',
      severity: 'error',
      from: { path: '^src/([^/]+)/', pathNot: tests },
      to: { path: '^src/[^/]+/', pathNot: ['^src/$1/', '^src/[^/]+/index\\.ts$', '^src/media/taps\\.ts$'] },
    },
    {
      name: 'not-your-own-door',
      comment: 'Inside a room import the file, not the door; this is how cycles start.',
      severity: 'error',
      from: { path: '^src/([^/]+)/', pathNot: tests },
      to: { path: '^src/$1/index\\.ts$' },
    },
    { name: 'no-circles', severity: 'error', from: { path: '^src/' }, to: { circular: true } },
    {
      name: 'dialects-are-strangers',
      comment: 'KAZOO and VoIPBIN never import each other.',
      severity: 'error',
      from: { path: '^src/api/(kazoo|voipbin)/' },
      to: { path: '^src/api/(kazoo|voipbin)/', pathNot: '^src/api/$1/' },
    },
    {
      name: 'thread-knows-no-domain',
      comment: 'The mixing thread sees slots and packets, never a conference.',
      severity: 'error',
      from: { path: '^src/media/thread/' },
      to: { path: '^src/conference/' },
    },
    {
      name: 'pure-rooms-touch-nothing',
      comment: 'No sockets, files, threads or processes below the pipes. Hashing is allowed.',
      severity: 'error',
      from: { path: `^src/${any(pure)}/`, pathNot: tests },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(crypto|buffer)$' },
    },
    ...Object.entries({
      'worker_threads': ['media', 'recording'],
      'dgram': ['calls', 'fetch', 'media'],
      '(net|tls)': ['calls', 'fetch'],
      'https?': ['api', 'fetch'],
      'sqlite': ['store'],
      'child_process': ['app', 'speech'],
    }).map(([module, where]) => ({
      name: `only-${where.join('-and-')}-uses-${module.replace(/\W/g, '')}`,
      severity: 'error',
      from: { path: '^src/', pathNot: [`^src/${any(where)}/`, tests] },
      to: { dependencyTypes: ['core'], path: `^(node:)?${module}$` },
    })),
    ...Object.entries({ pg: ['store', 'cluster'], amqplib: ['bus'], undici: ['fetch'], 'mpg123-decoder': ['playing'], aws4fetch: ['recording'], ws: ['api', 'fetch'], koffi: ['media'], werift: ['media'], 'libopus-wasm': ['audio'], fastify: ['api'], pino: ['app'], 'prom-client': ['app'], 'acme-client': ['app'], '@peculiar/x509': ['app'] }).map(([name, where]) => ({
      name: `only-${where.join('-and-')}-uses-${name}`,
      severity: 'error',
      from: { path: '^src/', pathNot: [`^src/${any(where)}/`, tests] },
      to: { path: `(^|/)node_modules/${name}/|^${name}$` },
    })),
    {
      name: 'no-test-kit-in-the-house',
      severity: 'error',
      from: { path: '^src/', pathNot: tests },
      to: { path: ['^test/', tests] },
    },
    {
      name: 'console-is-a-guest',
      comment: 'The console talks HTTP like everybody else.',
      severity: 'error',
      from: { path: '^console/' },
      to: { path: '^src/' },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true, // type-only imports count: a wall is a wall
    doNotFollow: { path: 'node_modules' },
  },
};
