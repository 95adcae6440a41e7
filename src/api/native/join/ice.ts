import { createHmac } from 'node:crypto';
import type { Static } from 'typebox';
import type { IceServers } from '../join-shapes.ts';

/** By which servers browsers find a way through firewalls (RFC 8656), as the operator configures it. */
export interface IceSettings {
  /** `stun:`, `turn:` and `turns:` (RFC 7064, RFC 7065). */
  readonly urls: readonly string[];
  /** Of all guests alike. */
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** Shared with the TURN servers: each guest gets a name and password of his own, for a time (coturn's `use-auth-secret`). */
  readonly secret?: string | undefined;
  /** Seconds for which these are good. */
  readonly lifetime: number;
}

type Servers = Static<typeof IceServers>;

/** What a guest is given; `guest` stands in the name of the TURN account, `now` is epoch ms. */
export function iceServers(settings: IceSettings | undefined, guest: string, now: number): Servers {
  if (settings === undefined) return [];
  const isRelay = (url: string): boolean => /^turns?:/i.test(url);
  const open = settings.urls.filter((url) => !isRelay(url));
  const relays = settings.urls.filter(isRelay);
  return [
    ...(open.length === 0 ? [] : [{ urls: open }]),
    ...(relays.length === 0 ? [] : [{ urls: relays, ...credentialsOf(settings, guest, now) }]),
  ];
}

/** `expiry:name`, and its HMAC-SHA1 in base64 (draft-uberti-behave-turn-rest §2.2). */
function credentialsOf({ username, password, secret, lifetime }: IceSettings, guest: string, now: number): Partial<Servers[number]> {
  if (secret !== undefined) {
    const name = `${Math.floor(now / 1000) + lifetime}:${guest}`;
    return { username: name, credential: createHmac('sha1', secret).update(name).digest('base64') };
  }
  return username === undefined || password === undefined ? {} : { username, credential: password };
}
