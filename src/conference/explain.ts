import type { TracedHappening } from './call-trace.ts';
import type { Participant } from './conference.ts';
import type { ExplainNeeds, Finding, FindingCode, Severity } from './explain-values.ts';
import type { HearingPlan, Source } from './hearing-plan.ts';

type Rule = (needs: ExplainNeeds) => readonly Finding[];

const finding = (
  severity: Severity,
  direction: Finding['direction'],
  told: Pick<Finding, 'code' | 'text' | 'advice' | 'others'>,
): Finding => ({ severity, direction, ...told });

const namesOf = (people: readonly Participant[]): string => {
  const names = people.slice(0, 3).map(({ call }) => call.callerName || call.callerNumber || 'somebody');
  return people.length > 3 ? `${names.join(', ')} and ${people.length - 3} more` : names.join(' and ');
};

const MUTES = {
  self: [
    'muted_by_self',
    'he has muted himself, by his keys, his page, or because his role joins muted',
    'he presses his mute key again, or a moderator unmutes him',
  ],
  moderator: ['muted_by_moderator', 'a moderator has muted him', 'unmute him'],
  room: ['muted_by_room', 'all members of the room are muted', 'lift the mute of the room, unmute him alone, or make him a moderator'],
  hold: ['muted_by_hold', 'his telephone holds the line', 'he takes the call off hold; nobody else can'],
} as const;

const waiting: Rule = ({ participant }) =>
  participant === undefined
    ? [finding('cause', 'both', { code: 'waiting', text: 'he waits to be admitted and is not in the room yet', advice: 'admit him' })]
    : [];

const muted: Rule = ({ participant }) =>
  (participant?.muted ?? []).map((reason): Finding => {
    const [code, text, advice] = MUTES[reason];
    return finding('cause', reason === 'hold' ? 'both' : 'speaks', { code, text, advice });
  });

const deaf: Rule = ({ participant }) =>
  participant?.deaf === true
    ? [finding('cause', 'hears', { code: 'deaf', text: 'he is deaf: he hears nobody in the room', advice: 'undeaf him' })]
    : [];

/** Whom relations keep from him, or him from them: all is a cause, some a warning. */
const related: Rule = ({ participant, others, heardBy, hears }) => {
  if (participant === undefined || others.length === 0) return [];
  const [not, none] = [
    others.filter((each) => !heardBy.includes(each) && !each.deaf),
    others.filter((each) => !hears.includes(each) && each.muted.length === 0),
  ];
  const findings: Finding[] = [];
  if (participant.muted.length === 0 && not.length > 0) {
    const severity = not.length === others.length ? 'cause' : 'warning';
    findings.push(
      finding(severity, 'speaks', {
        code: 'relation_mute',
        text: `by a relation ${namesOf(not)} cannot hear him`,
        advice: 'clear the relation in the matrix of who hears whom',
        others: not,
      }),
    );
  }
  if (!participant.deaf && none.length > 0) {
    const severity = none.length === others.length ? 'cause' : 'warning';
    findings.push(
      finding(severity, 'hears', {
        code: 'relation_deaf',
        text: `by a relation he cannot hear ${namesOf(none)}`,
        advice: 'clear the relation in the matrix of who hears whom',
        others: none,
      }),
    );
  }
  return findings;
};

const alone: Rule = ({ participant, others }) => {
  if (participant === undefined) return [];
  if (others.length === 0)
    return [finding('cause', 'both', { code: 'alone', text: 'nobody else is in the room', advice: 'wait for others, or call them in' })];
  if (others.every((each) => each.deaf))
    return [finding('cause', 'speaks', { code: 'deaf', text: 'everybody else is deaf', advice: 'undeaf them', others })];
  if (others.every((each) => each.muted.length > 0))
    return [
      finding('warning', 'hears', {
        code: 'alone',
        text: 'everybody else is muted: there is nobody to be heard',
        advice: 'unmute whoever is to speak',
        others,
      }),
    ];
  return [];
};

/** The last word on a question; undefined: none was said, or it was settled since. */
const lastOf = (happenings: readonly TracedHappening[], types: readonly TracedHappening['type'][]): TracedHappening | undefined =>
  happenings.findLast(({ type }) => types.includes(type));

const browser: Rule = ({ leg, happenings }) => {
  if (leg?.isBrowser !== true) return [];
  const last = lastOf(happenings, ['ice-connected', 'ice-moved', 'dtls-failed']);
  if (last?.type === 'dtls-failed') {
    return [
      finding('cause', 'both', {
        code: 'dtls_failed',
        text: `his browser and the server agreed on no keys (DTLS): ${last.text}`,
        advice: 'he reloads the page; if it stays so, a proxy between changes the description or the certificate',
      }),
    ];
  }
  if (last === undefined) {
    return [
      finding('cause', 'both', {
        code: 'ice_failed',
        text: 'his browser has not reached the server (ICE): UDP does not get through',
        advice: 'open UDP to the media ports, set media.advertise behind a translator, or configure a TURN server',
      }),
    ];
  }
  return [];
};

/** What the port saw of packets that could not be heard, by the words of the engine. */
const WORDS: readonly (readonly [RegExp, FindingCode, string])[] = [
  [
    /is not the far end|packets may be another call|address translator/,
    'wrong_address',
    'switch NAT support on in his telephone or router (STUN, symmetric RTP), or switch a SIP ALG off',
  ],
  [/payload type/, 'wrong_payload', 'his telephone sends a codec that was not agreed on: set its codecs to those of the server'],
  [
    /SRTP|authenti/,
    'not_decrypted',
    'his telephone encrypts with another key: hang up and call again; if it stays so, switch SRTP off on one side',
  ],
  [/is no RTP/, 'malformed', 'what sends there is no telephone: look who uses this port'],
];

const FLOWS = 1;

const isListening = (direction: string | null): boolean => direction === 'sendonly' || direction === 'inactive';

const packets: Rule = ({ leg, happenings }) => {
  if (leg === undefined || (leg.isBrowser && lastOf(happenings, ['ice-connected', 'ice-moved']) === undefined)) return [];
  const isFlowing = (leg.perSecondIn ?? leg.packetsIn) >= FLOWS;
  if (isFlowing) return [];
  if (leg.codec === null)
    return [
      finding('cause', 'both', {
        code: 'codec_mismatch',
        text: 'no codec is agreed on with his telephone',
        advice: 'let its codecs and those of the account have one in common',
      }),
    ];
  if (isListening(leg.direction))
    return [
      finding('cause', 'speaks', {
        code: 'not_sending',
        text: `his telephone said that it sends nothing (${leg.direction})`,
        advice: 'he takes the call off hold, or calls again',
      }),
    ];
  const said = lastOf(happenings, ['silent'])?.text ?? '';
  const known = WORDS.find(([words]) => words.test(said));
  if (known !== undefined) return [finding('cause', 'speaks', { code: known[1], text: said, advice: known[2] })];
  if (leg.packetsIn > 0)
    return [
      finding('cause', 'speaks', {
        code: 'not_sending',
        text: 'his telephone has stopped sending: packets came before, none come now',
        advice: 'look at his network; if he is silent, his telephone may send nothing in silence (switch off silence suppression)',
      }),
    ];
  const out = leg.packetsOut > 0;
  return [
    finding('cause', 'speaks', {
      code: out ? 'one_way' : 'no_rtp',
      text: `no packet of sound has come from his telephone${out ? ', while we send to it: the sound goes one way' : ''}${said === '' ? '' : `; ${said}`}`,
      advice:
        'a firewall or a wrong address in the SDP is in the way: open the media ports, set media.advertise to the public address, switch a SIP ALG off',
    }),
  ];
};

/** Mean sample values below which a microphone gives nothing, and below which people ask whether he is there. */
const SILENCE = 4;
const QUIET = 60;

const level: Rule = ({ participant, leg, energy, talking, happenings }) => {
  if (participant === undefined || leg === undefined || participant.muted.length > 0) return [];
  const isFlowing = (leg.perSecondIn ?? leg.packetsIn) >= FLOWS;
  if (!isFlowing || talking) return [];
  // A packet for each frame of 60 ms at most: what comes more rarely is comfort noise.
  if (leg.perSecondIn !== undefined && leg.perSecondIn < 12)
    return [
      finding('cause', 'speaks', {
        code: 'comfort_noise_only',
        text: `only ${Math.round(leg.perSecondIn)} packets come in a second: comfort noise and no voice`,
        advice: 'his telephone thinks that he is silent: let him speak up, unmute it, or switch off silence suppression (VAD)',
      }),
    ];
  if (energy === undefined || energy < SILENCE)
    return [
      finding('cause', 'speaks', {
        code: 'silent_mic',
        text: 'packets come, but all they carry is silence',
        advice: 'his microphone is off: he unmutes his telephone or headset, or chooses another microphone',
      }),
    ];
  if (energy < QUIET && lastOf(happenings, ['silent']) === undefined)
    return [
      finding('hint', 'speaks', {
        code: 'quiet',
        text: 'he is very quiet just now',
        advice: 'let him speak, or raise his volume (gain_in)',
      }),
    ];
  return [];
};

const outgoing: Rule = ({ leg, participant }) => {
  if (leg === undefined || participant === undefined || leg.codec === null) return [];
  if (leg.direction === 'recvonly' || leg.direction === 'inactive')
    return [
      finding('cause', 'hears', {
        code: 'not_receiving',
        text: `his telephone said that it does not want to hear (${leg.direction})`,
        advice: 'he takes the call off hold',
      }),
    ];
  if (leg.packetsOut === 0)
    return [
      finding('cause', 'hears', {
        code: 'no_rtp',
        text: 'nothing is sent to his telephone',
        advice: 'it named no address for sound, or was not found yet: look at the SDP in the trace',
      }),
    ];
  return [];
};

const percent = (part: number, whole: number): number => (whole <= 0 ? 0 : (100 * part) / whole);

const quality: Rule = ({ leg }) => {
  if (leg === undefined || leg.packetsIn === 0) return [];
  const all = leg.packetsIn + leg.lost;
  const [lost, late] = [percent(leg.lost, all), percent(leg.late, all)];
  const findings: Finding[] = [];
  const worse = (at: number, value: number): Severity => (value >= at ? 'warning' : 'hint');
  if (lost >= 1)
    findings.push(
      finding(lost >= 30 ? 'cause' : worse(3, lost), 'speaks', {
        code: 'loss',
        text: `${lost.toFixed(1)} % of his packets are lost on the way`,
        advice: 'look at his network: Wi-Fi, a full line, a bad cable; Opus bears losses best',
      }),
    );
  if (late >= 1)
    findings.push(
      finding(worse(3, late), 'speaks', {
        code: 'late_packets',
        text: `${late.toFixed(1)} % of his packets come too late to be heard`,
        advice: 'his network is uneven: a cable instead of Wi-Fi, or less traffic beside',
      }),
    );
  if ((leg.jitter ?? 0) >= 30)
    findings.push(
      finding(worse(60, leg.jitter ?? 0), 'speaks', {
        code: 'jitter',
        text: `his packets come unevenly (${Math.round(leg.jitter ?? 0)} ms of jitter)`,
        advice: 'a cable instead of Wi-Fi',
      }),
    );
  if ((leg.roundTrip ?? 0) >= 300)
    findings.push(
      finding(worse(600, leg.roundTrip ?? 0), 'both', {
        code: 'delay',
        text: `there and back takes ${Math.round(leg.roundTrip ?? 0)} ms: people talk over each other`,
        advice: 'a nearer server or a shorter way (no VPN)',
      }),
    );
  return findings;
};

const program: Rule = ({ stream }) => {
  if (stream === undefined || stream === 'both') return [];
  const [direction, text] =
    stream === 'in' ? (['hears', 'this program only speaks'] as const) : (['speaks', 'this program only listens'] as const);
  return [finding('cause', direction, { code: 'program_direction', text, advice: 'open its stream the other way, too' })];
};

/** What is decided comes before what is broken, and what is broken before what is bad: so one mends the first and looks again. */
const RULES: readonly Rule[] = [waiting, muted, deaf, program, alone, related, browser, packets, outgoing, level, quality];
const RANK: Readonly<Record<Severity, number>> = { cause: 0, warning: 1, hint: 2, fine: 3 };

/** Why somebody is not heard, or hears nobody: the most likely cause first; never empty. */
export function explain(needs: ExplainNeeds): readonly Finding[] {
  const found = RULES.flatMap((rule) => rule(needs)).sort((a, b) => RANK[a.severity] - RANK[b.severity]);
  if (found.some(({ severity }) => severity === 'cause' || severity === 'warning')) return found;
  const isKnown = needs.leg !== undefined || needs.stream !== undefined;
  const fine: Finding = isKnown
    ? finding('fine', 'both', {
        code: 'healthy',
        text: 'as far as the server can tell he is heard, and hears',
        advice: needs.talking ? '' : 'let him say something and look again',
      })
    : finding('hint', 'both', { code: 'unknown', text: 'nothing is known of his sound just now', advice: 'look again in a moment' });
  return [fine, ...found];
}

/** Whether somebody hears somebody else, by the plan that the mixer obeys. */
export function hearsBy({ sources, listeners }: HearingPlan, listener: Participant, source: Participant): boolean {
  const ear = listeners.find(({ leg }) => leg === listener.call.leg);
  const isSame = ({ source: each }: { readonly source: Source }): boolean =>
    each.id === source.call.leg && (each.kind === 'leg' || each.kind === 'stream');
  const inSum = sources.find(isSame);
  if (ear === undefined || inSum === undefined) return false;
  const own = ear.gains.find(isSame);
  return (own?.gain ?? (inSum.aside === true ? 0 : inSum.gain)) > 0;
}
