import { createHash, createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Who may come in. */
export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
}

const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Uint8Array, data: string): Buffer => createHmac('sha256', key).update(data).digest();

/** `encodeURIComponent` as Signature Version 4 wants it: everything but unreserved characters of RFC 3986. */
const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`);

function canonicalQuery(search: string): string {
  const pairs = search
    .replace(/^\?/, '')
    .split('&')
    .filter((each) => each !== '')
    .map((each) => {
      const [name = '', value = ''] = each.split('=').map((part) => decodeURIComponent(part));
      return [encoded(name), encoded(value)] as const;
    });
  return pairs
    .sort(([a, b], [c, d]) => (a < c ? -1 : a > c ? 1 : b < d ? -1 : 1))
    .map((pair) => pair.join('='))
    .join('&');
}

/**
 * Why a request does not come from whom it says, in S3's codes; undefined: it does. Written from the description of Signature Version 4 alone
 * (docs.aws.amazon.com, "Signature Calculations for the Authorization Header"), so that it shares no mistake with who signs.
 */
export function signatureFault(
  request: IncomingMessage,
  body: Uint8Array,
  { accessKeyId, secretAccessKey, region }: S3Credentials,
  now: number,
): string | undefined {
  const { authorization = '', 'x-amz-date': date, 'x-amz-content-sha256': claimed } = request.headers;
  const parts =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})$/;
  const [, key, day = '', scopeRegion, signedNames = '', signature] = parts.exec(authorization) ?? [];
  if (key === undefined || typeof date !== 'string') return 'AccessDenied';
  if (key !== accessKeyId) return 'InvalidAccessKeyId';
  if (scopeRegion !== region || !date.startsWith(day)) return 'AuthorizationHeaderMalformed';
  const at = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (!(Math.abs(at - now) <= 900_000)) return 'RequestTimeTooSkewed';
  const names = signedNames.split(';');
  const mustBeSigned = ['host', ...Object.keys(request.headers).filter((each) => each.startsWith('x-amz-'))];
  if (mustBeSigned.some((each) => !names.includes(each))) return 'AccessDenied';
  const url = new URL(request.url ?? '/', 'http://any');
  const path = url.pathname
    .split('/')
    .map((each) => encoded(decodeURIComponent(each)))
    .join('/');
  const headers = names
    .map(
      (name) =>
        `${name}:${String(request.headers[name] ?? '')
          .trim()
          .replace(/\s+/g, ' ')}\n`,
    )
    .join('');
  const canonical = [request.method, path, canonicalQuery(url.search), headers, signedNames, claimed].join('\n');
  const scope = `${day}/${region}/s3/aws4_request`;
  const signing = [day, region, 's3', 'aws4_request'].reduce<string | Uint8Array>((k, each) => hmac(k, each), `AWS4${secretAccessKey}`);
  const right = hmac(signing, ['AWS4-HMAC-SHA256', date, scope, sha256(canonical)].join('\n')).toString('hex');
  if (right !== signature) return 'SignatureDoesNotMatch';
  return claimed === 'UNSIGNED-PAYLOAD' || claimed === sha256(body) ? undefined : 'XAmzContentSHA256Mismatch';
}
