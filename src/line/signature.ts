import { createHmac, timingSafeEqual } from 'node:crypto';

/** Whether LINE has signed these bytes: base64 of HMAC-SHA256 with the channel's secret (header X-Line-Signature). Without a secret nothing is. */
export function isSigned(secret: string, body: Uint8Array, signature: string): boolean {
  if (secret === '') return false;
  const right = createHmac('sha256', secret).update(body).digest();
  const given = Buffer.from(signature, 'base64');
  return given.length === right.length && timingSafeEqual(given, right);
}
