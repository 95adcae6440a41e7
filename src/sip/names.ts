/** Canonical spellings by lower-case name (RFC 3261 §20 and the extensions that we meet). */
const known: ReadonlyMap<string, string> = new Map(
  `Accept Accept-Contact Accept-Encoding Accept-Language Alert-Info Allow Allow-Events Authentication-Info Authorization Call-ID Call-Info
  Contact Content-Disposition Content-Encoding Content-Language Content-Length Content-Type CSeq Date Diversion Error-Info Event Expires
  Flow-Timer From History-Info Identity Identity-Info In-Reply-To Join Max-Forwards MIME-Version Min-Expires Min-SE Organization
  P-Access-Network-Info P-Asserted-Identity P-Preferred-Identity Path Priority Privacy Proxy-Authenticate Proxy-Authorization Proxy-Require
  RAck Reason Record-Route Refer-Sub Refer-To Referred-By Reject-Contact Remote-Party-ID Replaces Reply-To Request-Disposition Require
  Retry-After Route RSeq Server Service-Route Session-Expires SIP-ETag SIP-If-Match Subject Subscription-State Supported Target-Dialog
  Timestamp To Unsupported User-Agent User-to-User Via Warning WWW-Authenticate`
    .split(/\s+/)
    .map((name) => [name.toLowerCase(), name]),
);

const compact: ReadonlyMap<string, string> = new Map(
  Object.entries({
    a: 'Accept-Contact',
    b: 'Referred-By',
    c: 'Content-Type',
    d: 'Request-Disposition',
    e: 'Content-Encoding',
    f: 'From',
    i: 'Call-ID',
    j: 'Reject-Contact',
    k: 'Supported',
    l: 'Content-Length',
    m: 'Contact',
    n: 'Identity-Info',
    o: 'Event',
    r: 'Refer-To',
    s: 'Subject',
    t: 'To',
    u: 'Allow-Events',
    v: 'Via',
    x: 'Session-Expires',
    y: 'Identity',
  }),
);

const exact: ReadonlyMap<string, string> = new Map([...known.values()].map((name) => [name, name]));

/** The one spelling under which a header is kept: the RFC's, or Each-Word-Capital where no RFC is known. */
export function canonicalName(name: string): string {
  const same = exact.get(name);
  if (same !== undefined) return same;
  const lower = name.toLowerCase();
  return (
    compact.get(lower) ?? known.get(lower) ?? lower.replace(/(^|-)([a-z])/g, (_, dash: string, first: string) => dash + first.toUpperCase())
  );
}

/** Headers whose values are lists, so that one line with commas equals several lines (RFC 3261 §7.3.1). */
export const listHeaders: ReadonlySet<string> = new Set(
  `Accept Accept-Encoding Accept-Language Alert-Info Allow Allow-Events Call-Info Contact Content-Encoding Content-Language Diversion
  Error-Info History-Info In-Reply-To P-Asserted-Identity P-Preferred-Identity Path Proxy-Require Reason Record-Route Require Route
  Service-Route Supported Unsupported Via Warning`.split(/\s+/),
);

/** Headers that may stand only once. */
export const singleHeaders: ReadonlySet<string> = new Set(
  'Call-ID Content-Length Content-Type CSeq Expires From Max-Forwards Min-Expires Min-SE Session-Expires To'.split(' '),
);
