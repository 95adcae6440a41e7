import type { Clock } from '../../base/index.ts';
import { BINDING_REQUEST, isStun, STUN_ANSWER, StunView } from '../../rtp/index.ts';
import type { DtlsOrder, DtlsReport } from '../dtls/messages.ts';
import type { Counters } from './counters.ts';
import type { Candidate, Ice } from './ice.ts';
import type { Leg } from './leg.ts';
import type { DtlsFailure, IceState, Signal, ThreadWebRtc } from './messages.ts';
import type { PortPair } from './port-pair.ts';
import { PACKET, type Sockets } from './socket-port.ts';

/** A far end that has not checked for so long does not want anything any more, ms (RFC 7675 §5.1). */
const CONSENT = 30_000;
/** From the first check to the keys, ms. */
const HANDSHAKE = 20_000;
/** DTLS datagrams between two ticks; more than thirty browsers send that come at the same moment. */
const SLOTS = 64;
/** First bytes of DTLS, RFC 7983 §7. */
const [FIRST_DTLS, LAST_DTLS] = [20, 63];
/** A record of DTLS (RFC 6347 §4.1): a handshake message in the clear that is a ClientHello. */
const [HANDSHAKE_RECORD, RECORD_HEADER, CLIENT_HELLO] = [22, 13, 1];
const stun = new StunView();

/** What browsers need of their thread. */
export interface BrowsersNeeds {
  readonly clock: Clock;
  readonly sockets: Sockets;
  readonly counters: Counters;
  readonly signals: Signal[];
}

/** The way to the worker that does handshakes; a `MessagePort`. */
export interface DtlsLine {
  postMessage(order: DtlsOrder): void;
  on(event: 'message', listener: (report: DtlsReport) => void): unknown;
  close(): void;
}

/** A browser's leg and the port that it lives on. */
interface Browser {
  readonly leg: Leg;
  readonly ice: Ice;
  readonly pair: PortPair;
}

const isHello = (bytes: Uint8Array): boolean =>
  bytes.length > RECORD_HEADER &&
  bytes[0] === HANDSHAKE_RECORD &&
  bytes[3] === 0 &&
  bytes[4] === 0 &&
  bytes[RECORD_HEADER] === CLIENT_HELLO;

/**
 * What comes on a port besides sound (RFC 7983): checks of ICE, which are answered on the tick, and DTLS, which is put by and handed to a worker behind it.
 * A datagram of DTLS is taken only from where a signed check came from, so that nobody else can get in between (CVE-2023-51443).
 */
export class Browsers {
  readonly #needs: BrowsersNeeds;
  readonly #legs = new Map<Leg, Browser>();
  readonly #associations = new Map<string, Browser>();
  readonly #bytes = new Uint8Array(SLOTS * PACKET);
  readonly #lengths = new Int32Array(SLOTS);
  readonly #from: (Leg | undefined)[] = new Array<undefined>(SLOTS).fill(undefined);
  #count = 0;
  #begun = 0;
  /** To the worker; undefined: there is none. */
  #line: DtlsLine | undefined;

  constructor(needs: BrowsersNeeds) {
    this.#needs = needs;
  }

  /** There is a worker for handshakes, perhaps after another one that died in the middle of some. */
  connect(line: DtlsLine): void {
    this.#line?.close();
    this.#line = line;
    line.on('message', (report) => this.#hear(report, this.#needs.clock.now()));
    for (const browser of this.#associations.values()) {
      browser.ice.association = null;
      if (browser.leg.security === null) this.#fail(browser, 'worker-died');
    }
    this.#associations.clear();
  }

  close(): void {
    this.#line?.close();
  }

  /** A leg that was just opened, or comes from another thread. */
  add(leg: Leg, pair: PortPair, { now, state }: { readonly now: number; readonly state: IceState | null | undefined }): void {
    const { ice } = leg;
    if (ice === null) return;
    const browser = { leg, ice, pair };
    this.#legs.set(leg, browser);
    if (state === undefined || state === null) return;
    ice.resume(state, now, this.#needs.sockets);
    for (const { to } of ice.candidates) pair.meet(leg, to);
    if (ice.home !== null) leg.reach(ice.home.to);
    if (ice.association === null) return;
    this.#associations.set(ice.association, browser);
    this.#line?.postMessage({ do: 'adopt', id: ice.association });
  }

  /** It ends, or goes to another thread, where its association is needed. */
  remove(leg: Leg, { goesOn }: { readonly goesOn: boolean }): void {
    const browser = this.#legs.get(leg);
    if (browser === undefined) return;
    this.#legs.delete(leg);
    const { association } = browser.ice;
    if (association === null) return;
    this.#associations.delete(association);
    if (!goesOn) this.#line?.postMessage({ do: 'end', id: association });
  }

  /** What the descriptions say of ICE and DTLS. */
  agree(leg: Leg, change: ThreadWebRtc, now: number): void {
    const browser = this.#legs.get(leg);
    if (browser === undefined) return;
    const before = browser.ice.association;
    if (!browser.ice.agree(change, now)) return;
    this.#drop(before);
    // Its old keys are of no use to anybody, and what is sent waits for the new ones.
    leg.agree({ crypto: null }, now);
    leg.reach(null);
  }

  /** On the tick: one of the packets that have just come and are no sound. False: it is nothing that we know. */
  read(pair: PortPair, index: number): boolean {
    const { bytes, offset, length } = this.#needs.sockets.arrivals;
    const at = offset[index]!;
    const first = bytes[at]!;
    if (first >= FIRST_DTLS && first <= LAST_DTLS) return this.#putBy(pair, index);
    if (!stun.read(bytes, at, length[index]!)) return isStun(bytes, at, length[index]!);
    // Telephones keep their way open by requests without a name, and by indications.
    if (stun.type === BINDING_REQUEST && stun.usernameLength > 0) this.#check(pair, index);
    return true;
  }

  #check(pair: PortPair, index: number): void {
    const { sockets, counters } = this.#needs;
    for (let n = 0; n < pair.legs.length; n++) {
      const leg = pair.legs[n]!;
      const hmac = leg.ice === null ? null : leg.ice.hmacFor(stun);
      if (hmac === null) continue;
      if (!stun.isSigned(hmac)) break;
      const candidate = leg.ice!.find(sockets.arrivals.source[index]!) ?? this.#meet(leg, pair, index);
      if (candidate === null) break;
      this.#answer(leg, pair, candidate, sockets.arrivals.at[index]!);
      return;
    }
    counters.checksRefused += 1;
  }

  /** Somebody who knows the password is at a new place; null: somebody else is there. */
  #meet(leg: Leg, pair: PortPair, index: number): Candidate | null {
    const to = this.#needs.sockets.sender(index);
    if (!pair.meet(leg, to)) return null;
    const { met, forgotten } = leg.ice!.meet(to);
    if (forgotten !== undefined) pair.leave(leg, forgotten.to);
    return met;
  }

  /** Positional, because it runs on the tick. */
  #answer(leg: Leg, pair: PortPair, candidate: Candidate, at: number): void {
    const ice = leg.ice!;
    const { rtp } = pair;
    const place = rtp.reserve();
    const { out } = rtp;
    if (place + STUN_ANSWER > out.length) return;
    if (stun.unknown !== 0) rtp.commit(candidate.to, stun.refuse(out, place, 420));
    else if (stun.isControlled) rtp.commit(candidate.to, stun.refuse(out, place, 487));
    else {
      const moves = ice.checked(candidate, stun.usesCandidate, at);
      rtp.commit(candidate.to, stun.succeed(out, place, candidate.mapped));
      if (moves || ice.isLost) this.#settle(leg, candidate, at);
    }
    pair.hasAnswers = true;
  }

  /** The far end is sent to there from now on. */
  #settle(leg: Leg, { to }: Candidate, at: number): void {
    const ice = leg.ice!;
    const had = leg.destination !== null;
    ice.isLost = false;
    if (leg.security === null) return;
    leg.reach(ice.home?.to ?? to);
    if (had && ice.tellsMove(at))
      this.#needs.signals.push({ type: 'pair-moved', leg: leg.id, from: { address: to.address, port: to.port } });
  }

  /** A port knows a browser's place only from a signed check. */
  #putBy(pair: PortPair, index: number): boolean {
    const { sockets, counters } = this.#needs;
    const { bytes, offset, length, source, at } = sockets.arrivals;
    const leg = pair.legAt(source[index]!);
    const ice = leg?.ice ?? null;
    if (ice === null || this.#count === SLOTS || !ice.takesDatagram(at[index]!)) {
      counters.dtlsIgnored += 1;
      return true;
    }
    const from = offset[index]!;
    const place = this.#count * PACKET;
    for (let n = 0; n < length[index]!; n++) this.#bytes[place + n] = bytes[from + n]!;
    this.#lengths[this.#count] = length[index]!;
    this.#from[this.#count] = leg;
    this.#count += 1;
    return true;
  }

  /** Behind the tick: hands over what was put by. */
  forward(): void {
    if (this.#count === 0) return;
    for (let n = 0; n < this.#count; n++) {
      const browser = this.#legs.get(this.#from[n]!);
      const place = n * PACKET;
      if (browser !== undefined) this.#hand(browser, this.#bytes.slice(place, place + this.#lengths[n]!));
      this.#from[n] = undefined;
    }
    this.#count = 0;
  }

  #hand(browser: Browser, bytes: Uint8Array): void {
    const { leg, ice } = browser;
    const line = this.#line;
    if (line === undefined || ice.fingerprints.length === 0 || ice.hasFailed) return;
    const isNew = isHello(bytes);
    // Who restarted ICE may begin anew; of who did not, a hello in the clear can be anybody's.
    if (isNew && leg.security !== null && ice.generation === ice.securedIn) {
      this.#needs.counters.dtlsIgnored += 1;
      return;
    }
    if (isNew && leg.security !== null && ice.association !== null && ice.generation > ice.securedIn) {
      ice.securedIn = ice.generation;
      this.#drop(ice.association);
      leg.agree({ crypto: null }, ice.checkedAt);
      leg.reach(null);
      ice.association = null;
    }
    if (ice.association === null) {
      if (!isNew || ice.home === null) return;
      this.#begun += 1;
      ice.association = `${leg.id} ${ice.generation}.${this.#begun}`;
      this.#associations.set(ice.association, browser);
      line.postMessage({ do: 'begin', id: ice.association, address: ice.home.to.address, fingerprints: ice.fingerprints });
    }
    line.postMessage({ do: 'datagram', id: ice.association, bytes });
  }

  /** What the worker says; never during a tick. */
  #hear(report: DtlsReport, now: number): void {
    const browser = this.#associations.get(report.id);
    if (browser === undefined) return;
    const { leg, ice } = browser;
    if (report.say === 'datagram') this.#send(browser, report.bytes);
    else if (report.say === 'keys') this.#secure(browser, report, now);
    else if (report.say === 'closed') this.#needs.signals.push({ type: 'dtls-closed', leg: leg.id });
    else {
      this.#associations.delete(report.id);
      ice.association = null;
      if (report.say === 'failed') this.#fail(browser, report.why);
    }
  }

  #send({ pair, ice }: Browser, bytes: Uint8Array): void {
    if (ice.home === null || bytes.length > PACKET) return;
    const { rtp } = pair;
    const place = rtp.reserve();
    rtp.out.set(bytes, place);
    rtp.commit(ice.home.to, bytes.length);
    this.#needs.counters.sendFailures += rtp.flush();
  }

  #secure({ leg, ice }: Browser, { suite, ourKey, theirKey }: Extract<DtlsReport, { say: 'keys' }>, now: number): void {
    if (ice.home === null) return;
    const wasThere = leg.security !== null;
    leg.agree({ crypto: { suite, ourKey, theirKey } }, now);
    leg.reach(ice.home.to);
    ice.securedIn = ice.generation;
    if (wasThere) return;
    leg.diary.begin(now);
    const { address, port } = ice.home.to;
    this.#needs.signals.push({ type: 'connected', leg: leg.id, suite, from: { address, port } });
  }

  #fail({ leg, ice }: Browser, why: DtlsFailure): void {
    ice.hasFailed = true;
    this.#needs.signals.push({ type: 'dtls-failed', leg: leg.id, why });
  }

  #drop(association: string | null): void {
    if (association === null) return;
    this.#associations.delete(association);
    this.#line?.postMessage({ do: 'end', id: association });
  }

  /** Ten times a second: who has not checked for long, and who has no keys yet. */
  look(now: number): void {
    for (const browser of this.#legs.values()) {
      const { leg, ice } = browser;
      if (ice.remote === null) continue;
      const silentMs = now - ice.checkedAt;
      if (silentMs >= CONSENT && !ice.isLost) {
        ice.isLost = true;
        leg.reach(null);
        this.#needs.signals.push({
          type: 'media-lost',
          leg: leg.id,
          silentMs: Math.round(silentMs),
          why: ice.hasChecked ? 'no-consent' : 'no-check',
        });
      }
      if (leg.security !== null || ice.hasFailed || ice.isLost || ice.foundAt < 0 || now - ice.foundAt < HANDSHAKE) continue;
      this.#drop(ice.association);
      ice.association = null;
      this.#fail(browser, 'timeout');
    }
  }
}
