import { Type } from 'typebox';

const Time = Type.String({ format: 'date-time' });
const Maybe = <Shape extends Parameters<typeof Type.Union>[0][number]>(shape: Shape) => Type.Union([shape, Type.Null()]);

/** One place where messages come from and go to. */
const Endpoint = Type.Object({
  name: Type.String({ description: '`parley`, or what the far end says that it is (User-Agent), else its address.' }),
  address: Type.String({ description: 'host:port' }),
  ours: Type.Boolean(),
});

/** One SIP message, with what is secret in it masked. */
const Message = Type.Object({
  at: Time,
  ms: Type.Number({ description: 'Since the first one.' }),
  from: Type.Integer({ description: 'Which of `endpoints`.' }),
  to: Type.Integer(),
  transport: Type.String({ description: 'UDP, TCP, TLS, WS, WSS.' }),
  label: Type.String({ description: 'For an arrow: `INVITE (SDP)`, `200 OK (INVITE)`.' }),
  method: Maybe(Type.String()),
  status: Maybe(Type.Integer()),
  cseq: Type.String(),
  repeated: Type.Boolean({ description: 'The same bytes went the same way before.' }),
  text: Type.String({ description: 'The whole message; secrets and digits are masked by `***`.' }),
});

/** Something that happened to the sound of the call. */
const Happening = Type.Object({
  at: Time,
  ms: Type.Number(),
  type: Type.String({
    description: 'answered, joined, codec, remote, held, resumed, encrypted, loss, silent, ice-connected, ice-moved, dtls-failed, ended.',
  }),
  until: Maybe(Time),
  text: Type.String(),
  values: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()]), {
    description: 'What `text` is made of, for who says it in another language: role, reason, address, codec, lost, all …',
  }),
});

/** The ladder of a call. */
export const TraceShape = Type.Object({
  call: Type.Object({
    id: Type.String(),
    call_id: Type.String({ description: 'The SIP Call-ID.' }),
    conference: Maybe(Type.String()),
    direction: Type.String(),
    caller_name: Type.String(),
    caller_number: Type.String(),
    called_number: Type.String(),
    started_at: Time,
    ended_at: Maybe(Time),
    live: Type.Boolean(),
  }),
  endpoints: Type.Array(Endpoint),
  messages: Type.Array(Message),
  media: Type.Array(Happening),
  dropped: Type.Integer({ description: 'Messages in the middle that there was no room for.' }),
  kept_until: Maybe(Type.String({ format: 'date-time', description: 'null: as long as the call lives.' })),
});

/** What a capture file holds besides messages. */
export const CaptureWish = Type.Object({
  rtp: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 10,
      description:
        'Seconds: of a call that lives, also the headers of the RTP packets that come and go meanwhile, without what is in them. The answer takes as long.',
    }),
  ),
});

/** Which call: its id, or its SIP Call-ID. */
export const OneTrace = Type.Object({ call: Type.String({ maxLength: 512 }) });
