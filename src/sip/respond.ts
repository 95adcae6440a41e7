import { header, headerAll, to } from './headers.ts';
import { type Headers, noBody, type SipRequest, type SipResponse } from './message.ts';

const phrases: Readonly<Record<number, string>> = {
  100: 'Trying',
  180: 'Ringing',
  181: 'Call Is Being Forwarded',
  182: 'Queued',
  183: 'Session Progress',
  200: 'OK',
  202: 'Accepted',
  300: 'Multiple Choices',
  301: 'Moved Permanently',
  302: 'Moved Temporarily',
  305: 'Use Proxy',
  380: 'Alternative Service',
  400: 'Bad Request',
  401: 'Unauthorized',
  402: 'Payment Required',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  407: 'Proxy Authentication Required',
  408: 'Request Timeout',
  410: 'Gone',
  412: 'Conditional Request Failed',
  413: 'Request Entity Too Large',
  414: 'Request-URI Too Long',
  415: 'Unsupported Media Type',
  416: 'Unsupported URI Scheme',
  420: 'Bad Extension',
  421: 'Extension Required',
  422: 'Session Interval Too Small',
  423: 'Interval Too Brief',
  429: 'Provide Referrer Identity',
  480: 'Temporarily Unavailable',
  481: 'Call/Transaction Does Not Exist',
  482: 'Loop Detected',
  483: 'Too Many Hops',
  484: 'Address Incomplete',
  485: 'Ambiguous',
  486: 'Busy Here',
  487: 'Request Terminated',
  488: 'Not Acceptable Here',
  489: 'Bad Event',
  491: 'Request Pending',
  493: 'Undecipherable',
  494: 'Security Agreement Required',
  500: 'Server Internal Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Server Time-out',
  505: 'Version Not Supported',
  513: 'Message Too Large',
  580: 'Precondition Failure',
  600: 'Busy Everywhere',
  603: 'Decline',
  604: 'Does Not Exist Anywhere',
  606: 'Not Acceptable',
};

const families = ['', 'Trying', 'OK', 'Redirected', 'Request Failure', 'Server Failure', 'Global Failure'];

/** The default reason phrase of a status. */
export const reasonPhrase = (status: number): string => phrases[status] ?? families[Math.floor(status / 100)] ?? 'Unknown';

/** What an answer holds besides what it copies. */
export interface Answer {
  /** Default: the RFC's phrase. */
  readonly reason?: string;
  /** Set on To unless it has a tag already; never on a 100. */
  readonly toTag?: string;
  /** Added behind the copied ones. */
  readonly headers?: Headers;
  readonly body?: Uint8Array;
}

/** Record-Route goes into answers that make a dialog (RFC 3261 §12.1.1). */
const opensDialog = (request: SipRequest, status: number): boolean =>
  status > 100 && status < 300 && ['INVITE', 'SUBSCRIBE', 'REFER', 'NOTIFY', 'UPDATE'].includes(request.method);

/** Via, Record-Route, From, To, Call-ID and CSeq as the answer repeats them. */
function copied(request: SipRequest, status: number, toTag: string | undefined): Headers {
  const headers = request.headers.filter(([name]) => name === 'Via');
  if (opensDialog(request, status)) for (const each of headerAll(request, 'Record-Route')) headers.push(['Record-Route', each]);
  const tag = status === 100 || toTag === undefined || to(request)?.params.has('tag') ? '' : `;tag=${toTag}`;
  for (const name of ['From', 'To', 'Call-ID', 'CSeq']) {
    const value = header(request, name);
    if (value !== undefined) headers.push([name, name === 'To' ? value + tag : value]);
  }
  return headers;
}

/** Makes the answer to a request, RFC 3261 §8.2.6. Works on `Malformed.answerable` too. */
export function respond(request: SipRequest, status: number, answer: Answer = {}): SipResponse {
  const timestamp = status === 100 ? header(request, 'Timestamp') : undefined;
  return {
    type: 'response',
    status,
    reason: answer.reason ?? reasonPhrase(status),
    headers: [
      ...copied(request, status, answer.toTag),
      ...(timestamp === undefined ? [] : [['Timestamp', timestamp] as const]),
      ...(answer.headers ?? []),
    ],
    body: answer.body ?? noBody,
  };
}
