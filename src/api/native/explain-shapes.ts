import { Type } from 'typebox';

const Time = Type.String({ format: 'date-time' });
const Maybe = <Shape extends Parameters<typeof Type.Union>[0][number]>(shape: Shape) => Type.Union([shape, Type.Null()]);
const Somebody = Type.Object({ id: Type.String(), number: Type.Integer(), name: Type.String() });
const Address = Type.Object({ address: Type.String(), port: Type.Integer() });

/** One thing that keeps somebody from being heard, or from hearing, and what to do about it. */
export const FindingShape = Type.Object({
  code: Type.String({
    description:
      'waiting, lobby, muted_by_self, muted_by_moderator, muted_by_room, muted_by_hold, deaf, relation_mute, relation_deaf, alone, no_rtp, wrong_address, wrong_payload, not_decrypted, malformed, one_way, not_sending, not_receiving, silent_mic, comfort_noise_only, codec_mismatch, loss, late_packets, jitter, delay, quiet, ice_failed, dtls_failed, program_direction, healthy, unknown.',
  }),
  severity: Type.Union([Type.Literal('cause'), Type.Literal('warning'), Type.Literal('hint'), Type.Literal('fine')], {
    description: 'cause: this alone explains silence; warning: it harms; hint: worth knowing; fine: nothing is wrong.',
  }),
  direction: Type.Union([Type.Literal('speaks'), Type.Literal('hears'), Type.Literal('both')], {
    description: 'What is harmed: others hearing him, or he hearing others.',
  }),
  text: Type.String({ description: 'What is so, in words.' }),
  advice: Type.String({ description: 'What to do; empty: nothing.' }),
  others: Type.Optional(Type.Array(Somebody, { description: 'Whom it concerns; absent: everybody.' })),
});

const Flow = Type.Object({
  packets: Type.Integer(),
  packets_per_second: Maybe(Type.Number({ description: 'Just now; null: not known yet.' })),
});

/** What is known of the sound of a leg. */
export const LegShape = Type.Object({
  kind: Type.Union([Type.Literal('phone'), Type.Literal('browser'), Type.Literal('program'), Type.Literal('chat')]),
  codec: Maybe(Type.String()),
  direction: Maybe(Type.String({ description: 'sendrecv, sendonly, recvonly, inactive; ours (RFC 3264).' })),
  encrypted: Type.Boolean(),
  local: Maybe(Address),
  remote: Maybe(Address),
  rtp_in: Maybe(Flow),
  rtp_out: Maybe(Flow),
  last_packet_ms_ago: Maybe(Type.Number({ description: 'null: none has come.' })),
  last_sound_ms_ago: Maybe(Type.Number({ description: 'Since he was last louder than the noise, whoever may hear him; null: never yet.' })),
  lost: Type.Integer(),
  loss_percent: Type.Number(),
  late: Type.Integer(),
  concealed: Type.Integer(),
  jitter_ms: Maybe(Type.Number()),
  round_trip_ms: Maybe(Type.Number()),
  buffer_ms: Maybe(Type.Number()),
  mos: Maybe(Type.Number({ description: '1 to 4.5, of conversation.' })),
  last_renegotiation: Maybe(Time),
  ice: Maybe(Type.String({ description: 'Of browsers: waiting, connected, failed.' })),
  dtls: Maybe(Type.String({ description: 'Of browsers: waiting, connected, failed.' })),
});

/** Why somebody is not heard, or hears nobody. */
export const Explanation = Type.Object({
  at: Time,
  participant: Type.Object({
    id: Type.String(),
    number: Maybe(Type.Integer({ description: 'null: he waits to be admitted.' })),
    name: Type.String(),
    caller_number: Type.String(),
    call_id: Type.String(),
    role: Type.String(),
    joined_at: Maybe(Time),
  }),
  heard: Type.Boolean({ description: 'Somebody hears him, as far as we can tell.' }),
  hears: Type.Boolean({ description: 'He hears somebody, as far as we can tell.' }),
  heard_by: Type.Array(Somebody),
  hears_whom: Type.Array(Somebody),
  summary: Type.String({ description: 'The first finding, in a sentence.' }),
  findings: Type.Array(FindingShape, { description: 'The most likely cause first.' }),
  muted: Type.Boolean(),
  mute_reasons: Type.Array(Type.String()),
  deaf: Type.Boolean(),
  talking: Type.Boolean(),
  energy: Maybe(Type.Number({ description: 'Mean absolute sample value just now, 0 to 32767; null: nothing was heard yet.' })),
  relations: Type.Array(
    Type.Object({
      participant: Somebody,
      other: Somebody,
      relationship: Type.Union([Type.Literal('mute'), Type.Literal('deaf')]),
    }),
  ),
  media: Maybe(LegShape),
});
