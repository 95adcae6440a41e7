import { callId, contacts, cseq, from, headerAll, to } from './headers.ts';
import { type Headers, noBody, type SipRequest, type SipResponse } from './message.ts';
import { parseNameAddr, parseUri, printUri } from './uri.ts';

/** One party's view of a dialog, RFC 3261 §12, as plain JSON. */
export interface Dialog {
  readonly callId: string;
  readonly localTag: string;
  /** Empty when the far end is older than RFC 3261 and set none. */
  readonly remoteTag: string;
  readonly localUri: string;
  readonly remoteUri: string;
  /** CSeq of the last request that we sent; 0 before the first. */
  readonly localSequence: number;
  /** CSeq of the last request that we received; -1 before the first. */
  readonly remoteSequence: number;
  /** Route values, nearest hop first. */
  readonly routeSet: readonly string[];
  /** The URI of the far end's Contact. */
  readonly remoteTarget: string;
  /** True when every hop must be TLS. */
  readonly secure: boolean;
  readonly role: 'uas' | 'uac';
}

/** What a request in a dialog holds besides what the dialog says. */
export interface InDialog {
  /** The whole Via value with a new branch. */
  readonly via: string;
  /** The whole Contact value. */
  readonly contact?: string;
  readonly headers?: Headers;
  readonly body?: Uint8Array;
  /** The number of the INVITE that an ACK acknowledges. Default: the last one sent. */
  readonly sequence?: number;
}

/** The first Contact's URI. */
function target(message: SipRequest | SipResponse): string | undefined {
  const list = contacts(message);
  const first = list === '*' ? undefined : list?.[0];
  return first === undefined ? undefined : printUri(first.uri);
}

/** The called party's dialog, RFC 3261 §12.1.1; undefined when a Contact or our tag is missing. */
export function dialogFromInvite(request: SipRequest, response: SipResponse): Dialog | undefined {
  const [caller, called, number, id, remoteTarget] = [from(request), to(response), cseq(request)?.number, callId(request), target(request)];
  const localTag = called?.params.get('tag');
  if (!caller || !called || number === undefined || !id || !remoteTarget || !localTag) return undefined;
  return {
    callId: id,
    localTag,
    remoteTag: caller.params.get('tag') ?? '',
    localUri: printUri(called.uri),
    remoteUri: printUri(caller.uri),
    localSequence: 0,
    remoteSequence: number,
    routeSet: headerAll(request, 'Record-Route'),
    remoteTarget,
    secure: /^sips:/i.test(request.uri),
    role: 'uas',
  };
}

/** The caller's dialog, RFC 3261 §12.1.2; undefined when a Contact or our tag is missing. */
export function dialogFromResponse(request: SipRequest, response: SipResponse): Dialog | undefined {
  const [caller, called, number, id, remoteTarget] = [
    from(request),
    to(response),
    cseq(request)?.number,
    callId(request),
    target(response),
  ];
  const localTag = caller?.params.get('tag');
  if (!caller || !called || number === undefined || !id || !remoteTarget || !localTag) return undefined;
  return {
    callId: id,
    localTag,
    remoteTag: called.params.get('tag') ?? '',
    localUri: printUri(caller.uri),
    remoteUri: printUri(called.uri),
    localSequence: number,
    remoteSequence: -1,
    routeSet: headerAll(response, 'Record-Route').toReversed(),
    remoteTarget,
    secure: /^sips:/i.test(request.uri),
    role: 'uac',
  };
}

/** The URI of the first hop when it is a strict router, that is, without `lr` (RFC 3261 §12.2.1.1). */
function strictRouter(dialog: Dialog): string | undefined {
  const first = dialog.routeSet[0];
  const uri = first === undefined ? undefined : parseNameAddr(first)?.uri;
  return uri === undefined || uri.params.has('lr') ? undefined : printUri(uri);
}

/** Makes the next request of a dialog, RFC 3261 §12.2.1.1. ACK and CANCEL take no new number. */
export function requestInDialog(
  dialog: Dialog,
  method: string,
  { via, contact, headers = [], body = noBody, sequence }: InDialog,
): { readonly dialog: Dialog; readonly request: SipRequest } {
  const fresh = method !== 'ACK' && method !== 'CANCEL';
  const number = sequence ?? dialog.localSequence + (fresh ? 1 : 0);
  const strict = strictRouter(dialog);
  const routes = strict === undefined ? dialog.routeSet : [...dialog.routeSet.slice(1), `<${dialog.remoteTarget}>`];
  const remoteTag = dialog.remoteTag === '' ? '' : `;tag=${dialog.remoteTag}`;
  const request: SipRequest = {
    type: 'request',
    method,
    uri: strict ?? dialog.remoteTarget,
    headers: [
      ['Via', via],
      ['Max-Forwards', '70'],
      ...routes.map((route) => ['Route', route] as const),
      ['From', `<${dialog.localUri}>;tag=${dialog.localTag}`],
      ['To', `<${dialog.remoteUri}>${remoteTag}`],
      ['Call-ID', dialog.callId],
      ['CSeq', `${number} ${method}`],
      ...(contact === undefined ? [] : [['Contact', contact] as const]),
      ...headers,
    ],
    body,
  };
  return { dialog: fresh ? { ...dialog, localSequence: Math.max(number, dialog.localSequence) } : dialog, request };
}

const refreshesTarget = (method: string): boolean => ['INVITE', 'UPDATE', 'SUBSCRIBE', 'NOTIFY', 'REFER'].includes(method);

const withTarget = (dialog: Dialog, method: string, message: SipRequest | SipResponse): Dialog => {
  const remoteTarget = refreshesTarget(method) ? target(message) : undefined;
  return remoteTarget === undefined ? dialog : { ...dialog, remoteTarget };
};

/** True when a request from the far end belongs to the dialog, RFC 3261 §12.2.2. */
export const belongsTo = (dialog: Dialog, request: SipRequest): boolean =>
  callId(request) === dialog.callId &&
  (to(request)?.params.get('tag') ?? '') === dialog.localTag &&
  (from(request)?.params.get('tag') ?? '') === dialog.remoteTag;

/** What a request from the far end does to the dialog: order of CSeq and target refresh, RFC 3261 §12.2.2. Feed no resent requests. */
export function receiveInDialog(dialog: Dialog, request: SipRequest): { readonly dialog: Dialog } | { readonly refuse: 481 | 500 } {
  if (!belongsTo(dialog, request)) return { refuse: 481 };
  const number = cseq(request)?.number ?? -1;
  // These repeat the number of the INVITE that they belong to.
  if (request.method === 'ACK' || request.method === 'CANCEL') return { dialog };
  if (number <= dialog.remoteSequence) return { refuse: 500 };
  return { dialog: withTarget({ ...dialog, remoteSequence: number }, request.method, request) };
}

/** What an answer to our request in the dialog does to it: a 2xx may move the far end's target, RFC 3261 §12.2.1.2. */
export const answeredInDialog = (dialog: Dialog, response: SipResponse): Dialog =>
  response.status >= 200 && response.status < 300 ? withTarget(dialog, cseq(response)?.method ?? '', response) : dialog;

/** The URI to send a request to, RFC 3261 §8.1.2; the dialog tells a strict router, which stands in the Request-URI. */
export function nextHop(request: SipRequest, dialog?: Dialog): string {
  if (dialog !== undefined && strictRouter(dialog) !== undefined) return request.uri;
  const first = headerAll(request, 'Route')[0];
  const uri = first === undefined ? undefined : parseNameAddr(first)?.uri;
  return uri?.params.has('lr') ? printUri(uri) : request.uri;
}

/** A key for the far end's requests in a dialog of ours: Call-ID, our tag, their tag. */
export const dialogKey = (dialog: Dialog): string => `${dialog.callId} ${dialog.localTag} ${dialog.remoteTag}`;

/** The dialog that a received request means by its tags, as `dialogKey`; undefined outside of dialogs. */
export function dialogKeyOf(request: SipRequest): string | undefined {
  const localTag = to(request)?.params.get('tag');
  return localTag === undefined ? undefined : `${callId(request)} ${localTag} ${from(request)?.params.get('tag') ?? ''}`;
}

/** True when a string is a URI that a request can be sent to. */
export const isSipUri = (value: string): boolean => ['sip', 'sips'].includes(parseUri(value)?.scheme ?? '');
