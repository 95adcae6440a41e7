import { canonicalName, type Headers, header, printMessage, type SipMessage } from '../../sip/index.ts';

/** What stands in the place of a secret. */
export const MASK = '***';

/** Headers whose names say that nobody is to see what they carry; challenges and capabilities carry nothing. */
const SECRET_NAME =
  /^(?!(www|proxy)-authenticate$).*(authorization|auth|password|passwd|secret|token|cookie|credential|api-?key|passcode|(^|-)pin(-|$))/i;
/** Their scheme is kept: `Digest ***`. */
const WITH_SCHEME = /^\s*([A-Za-z][\w-]*)\s+\S/;

/** `;pin=`, `?X-PIN=`, `&password=` … of URIs, whatever stands before the name. */
const SECRET_PARAMETER =
  /([;?&,\s][\w.%-]*(?:pin|pwd|passw?o?r?d|passcode|secret|token|credential|postd|digits|dtmf)[\w.%-]*\s*=\s*)("[^"]*"|[^;?&,>\s"]*)/gi;
/** `sip:user:password@`. */
const PASSWORD = /\b(sips?:[^\s:@<>"]*):[^\s@<>"]*@/gi;
/** Keys that are pressed after a number, as `3000*1234#`, `3000,,1234`, `3000w1234`, also written as %2C. */
const KEYS_AFTER = /\b((?:sips?|tel):\+?[\w.-]*?\d)((?:[*#,;pPwW]|%2[CAac3]|%3[Bb])+\d[\d*#,pPwW%]*)(?=[@;>?\s"]|$)/g;
/** `Digits` of what a digest or an answer to it is made of, should it stand anywhere else. */
const DIGEST_PARTS = /\b(response|cnonce|rspauth)\s*=\s*("[^"]*"|[^,\s]+)/gi;

const maskUris = (value: string): string =>
  value.replace(PASSWORD, `$1:${MASK}@`).replace(KEYS_AFTER, `$1${MASK}`).replace(SECRET_PARAMETER, `$1${MASK}`);

function maskValue(name: string, value: string): string {
  if (SECRET_NAME.test(canonicalName(name))) {
    const scheme = WITH_SCHEME.exec(value)?.[1];
    return scheme === undefined ? MASK : `${scheme} ${MASK}`;
  }
  return maskUris(value).replace(DIGEST_PARTS, `$1=${MASK}`);
}

/** Keys of SRTP, passwords of ICE, and whatever else a description lets its reader in by (RFC 4568, RFC 8839, RFC 8866 §5.12, RFC 4567). */
const maskSdp = (body: string): string =>
  body
    .replace(/inline:[^\s;|]+/gi, `inline:${MASK}`)
    .replace(/^(a=(?:ice-pwd|key-mgmt):).*$/gim, `$1${MASK}`)
    .replace(/^(k=).*$/gim, `$1${MASK}`);

/** Bodies that may be read; everything else may be keys that somebody pressed, or words that somebody wrote. */
function maskBody(message: SipMessage, method: string): string {
  const body = Buffer.from(message.body).toString('utf8');
  if (body === '') return '';
  const type = (header(message, 'Content-Type') ?? '').toLowerCase();
  if (method === 'INFO' || method === 'MESSAGE') return MASK;
  if (/^application\/sdp\b/.test(type)) return maskSdp(body);
  if (/^multipart\//.test(type)) return maskUris(maskSdp(body)).replace(/^(\s*(?:signal|digits?)\s*[=:]\s*).*$/gim, `$1${MASK}`);
  if (/^(message\/sipfrag|application\/(conference-info|dialog-info|reginfo|pidf)\+xml)\b/.test(type))
    return maskUris(body).replace(DIGEST_PARTS, `$1=${MASK}`);
  return MASK;
}

const methodOf = (message: SipMessage): string =>
  message.type === 'request' ? message.method : (/\s([A-Z]+)\s*$/i.exec(header(message, 'CSeq') ?? '')?.[1]?.toUpperCase() ?? '');

/** A message as it may be shown and kept: Authorization, SDES keys, ICE passwords, PINs and digits are masked. Never throws. */
export function maskedText(message: SipMessage): string {
  const headers: Headers = message.headers.map(([name, value]) => [name, maskValue(name, value)]);
  const body = Buffer.from(maskBody(message, methodOf(message)));
  const masked: SipMessage =
    message.type === 'request' ? { ...message, uri: maskUris(message.uri), headers, body } : { ...message, headers, body };
  return Buffer.from(printMessage(masked)).toString('utf8');
}
