import type { ClockedPayload, CodecName, NamedCodec, OpusFormat } from './session.ts';

/** What the payload types of one m= line mean to us. */
export interface Payloads {
  readonly codecs: readonly NamedCodec[];
  readonly telephoneEvents: readonly ClockedPayload[];
  readonly comfortNoises: readonly ClockedPayload[];
}

interface Format {
  readonly name: CodecName;
  readonly clockRate: number;
  /** Hz of the sound. */
  readonly rate: number;
  /** The number of RFC 3551 §6 table 4, or the one that we give in offers of ours. */
  readonly payloadType: number;
  /** As it is printed behind a=rtpmap. */
  readonly encoding: string;
}

/** Every format that we can do. L16 of 44 100 Hz (payload types 10 and 11) is not among them: no clock of ours divides it. */
const FORMATS: readonly Format[] = [
  { name: 'PCMU', clockRate: 8000, rate: 8000, payloadType: 0, encoding: 'PCMU/8000' },
  { name: 'PCMA', clockRate: 8000, rate: 8000, payloadType: 8, encoding: 'PCMA/8000' },
  { name: 'G722', clockRate: 8000, rate: 16_000, payloadType: 9, encoding: 'G722/8000' },
  { name: 'opus', clockRate: 48_000, rate: 48_000, payloadType: 111, encoding: 'opus/48000/2' },
  { name: 'L16', clockRate: 48_000, rate: 48_000, payloadType: 112, encoding: 'L16/48000' },
  { name: 'L16', clockRate: 16_000, rate: 16_000, payloadType: 113, encoding: 'L16/16000' },
  { name: 'L16', clockRate: 8000, rate: 8000, payloadType: 114, encoding: 'L16/8000' },
];

/** What a receiver of Opus wants who says nothing (RFC 7587 §6.1). */
const OPUS_DEFAULTS: OpusFormat = {
  useInbandFec: false,
  useDtx: false,
  cbr: false,
  maxAverageBitrate: null,
  maxPlaybackRate: 48_000,
  maxCaptureRate: 48_000,
};

/** Payload types are seven bits; more of them in a line are not looked at. */
const MOST_PAYLOAD_TYPES = 128;

/** The formats that we offer for one wish; several for L16, which has a payload type for each of its rates. */
export const formatsOf = (name: CodecName): readonly Format[] => FORMATS.filter((each) => each.name === name);

/** What stands behind the payload type in a=rtpmap. */
export const encodingOf = ({ name, clockRate }: Pick<NamedCodec, 'name' | 'clockRate'>): string =>
  FORMATS.find((each) => each.name === name && each.clockRate === clockRate)?.encoding ?? `${name}/${clockRate}`;

/** Reads the payload types of an m= line with the values of its a=rtpmap and a=fmtp. Static ones need no map (RFC 3551 §6). */
export function payloadsOf(formats: string, maps: readonly string[], parameters: readonly string[]): Payloads {
  const names = byPayloadType(maps);
  const configs = byPayloadType(parameters);
  const encodings = payloadTypes(formats).map((each) => [each, encoding(each, names.get(each))] as const);
  const clocked = (name: string): ClockedPayload[] =>
    encodings.flatMap(([payloadType, { base, clockRate }]) => (base === name && CLOCKS.has(clockRate) ? [{ payloadType, clockRate }] : []));
  return {
    codecs: encodings.flatMap(([payloadType, each]) => codec(payloadType, each, configs.get(payloadType))),
    telephoneEvents: clocked('TELEPHONE-EVENT'),
    comfortNoises: clocked('CN'),
  };
}

/** The parameters of an Opus receiver (RFC 7587 §6.1); what is unknown, out of range or about stereo is passed over. */
export function parseOpus(config: string): OpusFormat {
  const values = new Map<string, string>();
  for (const each of config.split(';')) {
    const [name = '', value = ''] = each.trim().split(/ *= */);
    values.set(name.toLowerCase(), value);
  }
  const within = (name: string, least: number, most: number): number | null => {
    const text = values.get(name) ?? '';
    const value = /^\d{1,7}$/.test(text) ? Number(text) : Number.NaN;
    return value >= least && value <= most ? value : null;
  };
  return {
    useInbandFec: values.get('useinbandfec') === '1',
    useDtx: values.get('usedtx') === '1',
    cbr: values.get('cbr') === '1',
    maxAverageBitrate: within('maxaveragebitrate', 6000, 510_000),
    maxPlaybackRate: within('maxplaybackrate', 8000, 48_000) ?? OPUS_DEFAULTS.maxPlaybackRate,
    maxCaptureRate: within('sprop-maxcapturerate', 8000, 48_000) ?? OPUS_DEFAULTS.maxCaptureRate,
  };
}

/** Prints our wishes as a receiver of Opus. In-band FEC is always among them unless it is refused: it costs only whoever needs it. */
export function printOpus(wishes: Partial<OpusFormat>): string {
  const format: OpusFormat = { ...OPUS_DEFAULTS, useInbandFec: true, ...wishes };
  return [
    `useinbandfec=${format.useInbandFec ? 1 : 0}`,
    ...(format.useDtx ? ['usedtx=1'] : []),
    ...(format.cbr ? ['cbr=1'] : []),
    ...(format.maxAverageBitrate === null ? [] : [`maxaveragebitrate=${format.maxAverageBitrate}`]),
    ...(format.maxPlaybackRate === OPUS_DEFAULTS.maxPlaybackRate ? [] : [`maxplaybackrate=${format.maxPlaybackRate}`]),
    ...(format.maxCaptureRate === OPUS_DEFAULTS.maxCaptureRate ? [] : [`sprop-maxcapturerate=${format.maxCaptureRate}`]),
  ].join(';');
}

/** Packets that every path carries unfragmented (1500 bytes of Ethernet, less IPv6, UDP, RTP, SRTP and a tunnel). */
const MOST_PAYLOAD_BYTES = 1300;
/** The durations of one Opus packet that an encoder makes at once (RFC 6716 §3.2.5; 30 ms and the like are not among them). */
const OPUS_TIMES: readonly number[] = [120, 100, 80, 60, 40, 20, 10];

/**
 * ms per packet that we send: the nearest multiple of 10 to what they like, else to what we like, 10 … 120, at most their maxptime,
 * and what codec and network carry. A ptime that was out of all reason is not here any more (`parseSdp`).
 */
export function packetTime(
  { name, rate }: Pick<NamedCodec, 'name' | 'rate'>,
  { ptime, maxptime = 120 }: { readonly ptime: number | undefined; readonly maxptime: number | undefined },
  ours: number,
): number {
  const fits = name === 'L16' ? Math.floor(MOST_PAYLOAD_BYTES / ((2 * rate) / 100)) * 10 : 120;
  const most = Math.max(10, Math.min(fits, Math.floor(maxptime / 10) * 10));
  const wished = Math.min(Math.max(Math.round((ptime ?? ours) / 10) * 10, 10), most);
  return name === 'opus' ? (OPUS_TIMES.find((each) => each <= wished) ?? 10) : wished;
}

/** The clocks of our codecs: events and noise of another clock go with nothing. */
const CLOCKS: ReadonlySet<number> = new Set(FORMATS.map((each) => each.clockRate));

interface Encoding {
  readonly base: string;
  readonly clockRate: number;
  readonly channels: number;
}

const STATIC: ReadonlyMap<number, Encoding> = new Map([
  [0, { base: 'PCMU', clockRate: 8000, channels: 1 }],
  [8, { base: 'PCMA', clockRate: 8000, channels: 1 }],
  [9, { base: 'G722', clockRate: 8000, channels: 1 }],
  [13, { base: 'CN', clockRate: 8000, channels: 1 }],
]);

const UNKNOWN: Encoding = { base: '', clockRate: 0, channels: 1 };

/** A mapped name wins over the static meaning of the number: a=rtpmap:0 that says another codec is believed (RFC 8866 §6.6). */
function encoding(payloadType: number, mapped: string | undefined): Encoding {
  if (mapped === undefined) return STATIC.get(payloadType) ?? UNKNOWN;
  const [, base, clock, channels = '1'] = /^([^/\s]+) *\/ *(\d{1,6})(?: *\/ *(\d{1,2}))?$/.exec(mapped) ?? [];
  return base === undefined ? UNKNOWN : { base: base.toUpperCase(), clockRate: Number(clock), channels: Number(channels) };
}

function codec(payloadType: number, { base, clockRate, channels }: Encoding, config: string | undefined): NamedCodec[] {
  const format = FORMATS.find((each) => each.name.toUpperCase() === base && each.clockRate === clockRate);
  // RFC 7587 §7 wants opus/48000/2 whatever is inside; those who forget the 2 mean the same.
  if (format === undefined || (channels !== 1 && format.name !== 'opus')) return [];
  const { name, rate } = format;
  return [{ name, payloadType, clockRate, rate, ...(name === 'opus' ? { opus: parseOpus(config ?? '') } : {}) }];
}

const payloadTypes = (formats: string): number[] =>
  [
    ...new Set(
      formats
        .split(/ +/)
        .filter((each) => /^\d{1,3}$/.test(each))
        .map(Number)
        .filter((each) => each < 128),
    ),
  ].slice(0, MOST_PAYLOAD_TYPES);

/** `<payload type> <rest>` by payload type; of two with the same number the first counts. */
function byPayloadType(values: readonly string[]): ReadonlyMap<number, string> {
  const found = new Map<number, string>();
  for (const value of values) {
    const [, number, rest] = /^(\d{1,3}) +(.*)$/.exec(value) ?? [];
    if (rest !== undefined && !found.has(Number(number))) found.set(Number(number), rest.trim());
  }
  return found;
}
