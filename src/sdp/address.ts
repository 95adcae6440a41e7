/** Where a c= line wants media to go. */
export interface Connection {
  /** Undefined: nowhere that we would send to. */
  readonly address: string | undefined;
  /** 0.0.0.0 or ::, with which older phones say hold (RFC 2543 §B.5). */
  readonly blackhole: boolean;
}

/**
 * Reads what stands behind c=. Only addresses in digits: names are not looked up, because whoever writes the description must not steer
 * our resolver. No group either: one call must not talk to a whole network.
 */
export function parseConnection(value: string | undefined): Connection {
  const [, family, address = ''] = /^IN +IP([46]) +([^\s/]+)(?:\/.*)?$/i.exec(value ?? '') ?? [];
  const usable = family === '6' || address.includes(':') ? sixes(address) : fours(address);
  if (!usable) return { address: undefined, blackhole: false };
  const blackhole = address === '0.0.0.0' || /^[0:]+$/.test(address);
  return { address: blackhole ? undefined : address, blackhole };
}

/** Dotted digits; neither a group (224.0.0.0/4) nor everybody (255.255.255.255). */
function fours(address: string): boolean {
  const parts = address.split('.');
  return parts.length === 4 && parts.every((each) => /^\d{1,3}$/.test(each) && Number(each) < 256) && Number(parts[0]) < 224;
}

/** RFC 4291 §2.2 text forms without a zone; no group (ff00::/8). */
function sixes(address: string): boolean {
  const [, front = '', tail] = /^(.*?:)(\d+(?:\.\d+){3})$/.exec(address) ?? [undefined, address];
  if (tail !== undefined && !fours(tail)) return false;
  // A dotted tail is as long as two groups.
  const whole = tail === undefined ? front : `${front}0:0`;
  const halves = whole.split('::').map((half) => (half === '' ? [] : half.split(':')));
  const groups = halves.flat();
  const counted = halves.length === 1 ? groups.length === 8 : halves.length === 2 && groups.length < 8;
  return counted && groups.every((each) => /^[0-9a-f]{1,4}$/i.test(each)) && !/^ff[0-9a-f]{2}:/i.test(address);
}
