/** What is measured, and what it must reach (issue "The engine at full speed and full sound"). */
import type { Shape } from './load.ts';

/** The bars of a case; all of them are printed beside what was measured. */
export interface Bars {
  /** µs per leg and second. */
  readonly cost?: number;
  /** Times the bare loop of the same run. */
  readonly overBare?: number;
  /** ms. */
  readonly delay50?: number;
  readonly delay99?: number;
  /** Per thousand of the ticks that may begin more than 5 ms late. */
  readonly lateTicks?: number;
  /** kB per leg. */
  readonly memory?: number;
  /** Sounds encoded per room and tick. */
  readonly encodes?: number;
  /** Of the bare library's figure in the same run. */
  readonly ofBare?: number;
  /** From an act to its event, ms. */
  readonly act50?: number;
  readonly act99?: number;
  /** Per cent more CPU. */
  readonly added?: number;
}

export interface Case {
  readonly name: string;
  readonly title: string;
  readonly kind:
    | 'talk'
    | 'stall'
    | 'hang-up'
    | 'idle'
    | 'facts'
    | 'events'
    | 'blackhole'
    | 'amqp'
    | 'streams'
    | 'webhooks'
    | 'recording'
    | 'webrtc'
    | 'kazoo'
    | 'voipbin';
  readonly shape: Shape;
  readonly bars: Bars;
}

const clean = { delay50: 15, delay99: 25 } as const;
const shape = (legs: number, talkers: number, more: Partial<Shape> = {}): Shape => ({ legs, talkers, room: 10, codecs: ['PCMU'], ...more });

export const cases: readonly Case[] = [
  {
    name: 'g711-200',
    title: '200 legs of G.711, rooms of ten, two talkers',
    kind: 'talk',
    shape: shape(200, 2),
    bars: { cost: 300, ...clean },
  },
  {
    name: 'g711-1000',
    title: '1000 legs of G.711, rooms of ten, two talkers',
    kind: 'talk',
    shape: shape(1000, 2),
    bars: { cost: 250, overBare: 1.4, ...clean, lateTicks: 1, memory: 40 },
  },
  {
    name: 'all-talk',
    title: '1000 legs of G.711, rooms of ten, all ten talking',
    kind: 'talk',
    shape: shape(1000, 10),
    bars: { overBare: 1.8, ...clean },
  },
  {
    name: 'one-room',
    title: '1000 legs of G.711 in one room, three talkers',
    kind: 'talk',
    shape: shape(1000, 3, { room: 1000 }),
    bars: { overBare: 1.5, ...clean },
  },
  {
    name: 'full-thread',
    title: '3500 legs of G.711 on one thread, rooms of ten, two talkers',
    kind: 'talk',
    shape: shape(3500, 2),
    bars: { delay99: 40 },
  },
  {
    name: 'g722',
    title: '400 legs of G.722, rooms of ten, two talkers',
    kind: 'talk',
    shape: shape(400, 2, { codecs: ['G722'] }),
    bars: { cost: 900 },
  },
  {
    name: 'opus',
    title: '200 legs of Opus at 48 kHz, rooms of ten, two talkers',
    kind: 'talk',
    shape: shape(200, 2, { codecs: ['opus'] }),
    bars: { cost: 1500, encodes: 3 },
  },
  {
    name: 'webrtc',
    title: '30 browsers (ICE, DTLS, SRTP, Opus at 48 kHz), rooms of ten, two talkers',
    kind: 'webrtc',
    shape: shape(30, 2, { codecs: ['opus'] }),
    bars: { cost: 4000 },
  },
  {
    name: 'mixed',
    title: '200 legs of µ-law, A-law, G.722 and Opus in each room, three talkers',
    kind: 'talk',
    shape: shape(200, 3, { codecs: ['PCMU', 'opus', 'G722', 'PCMA'] }),
    bars: {},
  },
  {
    name: 'stall',
    title: '1000 legs of G.711 whose packets are held back for 100, 200 and 300 ms in a row',
    kind: 'stall',
    shape: shape(1000, 2),
    bars: clean,
  },
  {
    name: 'recording',
    title: '1000 legs of G.711, rooms of ten, two talkers: all rooms recorded with stems',
    kind: 'recording',
    shape: shape(1000, 2),
    bars: { added: 15 },
  },
  { name: 'idle', title: '50 000 idle conferences in the store', kind: 'idle', shape: shape(50_000, 0, { room: 1 }), bars: {} },
  {
    name: 'hang-up',
    title: '2000 legs of G.711 hang up at once, while one room talks on',
    kind: 'hang-up',
    shape: shape(2010, 2),
    bars: {},
  },
  { name: 'facts', title: 'facts stored in SQLite, beside bare inserts', kind: 'facts', shape: shape(0, 0), bars: { ofBare: 0.5 } },
  {
    name: 'events',
    title: 'events to 1, 100 and 1000 websockets, beside bare ws',
    kind: 'events',
    // As many readers as there are legs; fifty people are steered.
    shape: shape(1000, 0, { room: 50 }),
    bars: { ofBare: 0.5, act50: 20, act99: 100 },
  },
  {
    name: 'blackhole',
    title: "KAZOO's events to 1, 100 and 1000 websockets, beside bare ws",
    kind: 'blackhole',
    shape: shape(1000, 0, { room: 50 }),
    bars: { ofBare: 0.5, act50: 20, act99: 100 },
  },
  {
    name: 'kazoo',
    title: 'GET of a conference with 20 people, beside an empty handler; pages of 10 000 conferences',
    kind: 'kazoo',
    shape: shape(10_000, 0),
    bars: { ofBare: 0.5, act99: 50 },
  },
  {
    name: 'voipbin',
    title: 'GET of a VoIPBIN conference with 20 people, beside an empty handler; pages of 10 000 conferences',
    kind: 'voipbin',
    shape: shape(10_000, 0),
    bars: { ofBare: 0.5, act99: 50 },
  },
  {
    name: 'webhooks',
    title: 'messages to 1 and 16 webhooks, beside bare undici',
    kind: 'webhooks',
    shape: shape(0, 0, { room: 50 }),
    bars: { ofBare: 0.5, act50: 20, act99: 100 },
  },
  { name: 'amqp', title: 'confirmed publishes to RabbitMQ, beside bare amqplib', kind: 'amqp', shape: shape(0, 0), bars: { ofBare: 0.5 } },
  {
    name: 'streams',
    title: 'programs over websockets: 50 at 16 kHz in rooms of five, two talking; how late an echo is',
    kind: 'streams',
    shape: shape(50, 2, { room: 5 }),
    bars: { delay99: 150 },
  },
];
