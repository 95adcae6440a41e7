import type { AccountId, Trunk, TrunkId } from '../../accounts/index.ts';
import type { DialRequest } from '../../conference/index.ts';
import { parseUri, type SipRequest } from '../../sip/index.ts';
import type { Flow, TransportName } from '../flow.ts';
import type { Limits } from '../limits.ts';
import type { Calls, CallsOptions } from '../options.ts';
import type { Registrar } from '../registrar.ts';
import type { Surroundings } from '../surroundings.ts';
import type { Switchboard } from '../switchboard.ts';
import type { Transport } from '../transport.ts';
import { TrunkBook } from '../trunk-book.ts';
import { Trunks } from '../trunks.ts';
import { Dialler } from './dialler.ts';
import type { Finding } from './names.ts';
import { incomingNumber } from './numbers.ts';
import { Outgoing } from './outgoing.ts';
import { Places } from './places.ts';
import { DialingRules } from './policy.ts';
import { systemNames } from './system-names.ts';

/** What dialling stands on. */
export interface Beneath {
  readonly around: Surroundings;
  readonly board: Switchboard;
  readonly registrar: Registrar;
  readonly limiting: Limits;
  readonly transport: Transport;
  readonly follow: (work: Promise<unknown>) => void;
}

/** Calls of ours, and the trunks that they may go through. */
export interface OpenedDialling {
  readonly outgoing: Outgoing;
  readonly trunks: Trunks;
  /** The trunk that a request came over. */
  readonly trunkOf: (request: SipRequest, from: Flow) => Promise<Trunk | undefined>;
  /** What of it stands in the door. */
  readonly doors: Pick<Calls, 'dial' | 'dialling' | 'trunkStates' | 'trunksChanged'>;
}

/** Opens what makes calls; trunks are registered at from now on. */
export function openDialling(options: CallsOptions, { around, board, registrar, limiting, transport, follow }: Beneath): OpenedDialling {
  const { clock, chance, log, accounts, address, advertise = address } = options;
  const finding = findingOf(options, transport);
  const book = new TrunkBook({ documents: options.documents, clock, log });
  const callsOf = (trunk: TrunkId): number => outgoing.callsOf(trunk);
  const trunks = new Trunks({ around, book, finding, log, callsOf });
  const rules = new DialingRules({ clock, rules: options.dialRules ?? {}, history: around.cdrs.history });
  const self: Flow = { transport: 'UDP', address, port: transport.port };
  const places = new Places({ accounts, registrar, book, trunks, rules, finding, chance, self, host: advertise });
  const outgoing: Outgoing = new Outgoing({
    around,
    log,
    accounts,
    places,
    rules,
    limiting,
    keysInClear: options.keysInClear === true,
    calls: board.calls,
    inUse: (account) => board.inUse(account),
    hasRoom: () => board.hasRoom(),
    connect: (opening) => board.connect(opening, () => outgoing.over(opening.id)),
  });
  const isTaken = (sipCallId: string): boolean => outgoing.hasCallId(sipCallId) || board.hasCallId(sipCallId);
  const dialling = new Dialler({ accounts, book, outgoing, execute: options.execute, clock, chance, isTaken });
  if (options.documents !== undefined) follow(trunks.follow());
  const doors = {
    dialling,
    dial: (request: DialRequest) => outgoing.dial(request),
    trunkStates: (account?: AccountId) => trunks.states(account),
    trunksChanged: () => follow(trunks.follow()),
  };
  const trunkOf = async (request: SipRequest, from: Flow): Promise<Trunk | undefined> => {
    // What we call ourselves is nobody's trunk.
    if (from.address === self.address && from.port === self.port) return undefined;
    const user = parseUri(request.uri)?.user ?? '';
    return trunks.registeredAs(user, from.address) ?? book.from(from.address, (trunk) => incomingNumber(request, trunk));
  };
  return { outgoing, trunks, trunkOf, doors };
}

function findingOf({ chance, names = systemNames, address, tls }: CallsOptions, transport: Transport): Finding {
  const transports = new Set<TransportName>(['UDP', 'TCP', ...(tls != null && transport.tlsPort !== undefined ? (['TLS'] as const) : [])]);
  const draw = (): number => Buffer.from(chance.bytes(4)).readUInt32BE() / 2 ** 32;
  return { names, transports, chance: draw, family: address.includes(':') ? 6 : 4 };
}
