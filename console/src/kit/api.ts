/** A refusal of Parley's API (RFC 9457), or a network that is not there (`status` 0). */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;

  constructor(status: number, said: { code?: unknown; type?: unknown; title?: unknown; detail?: unknown }) {
    const [title, detail] = [String(said.title ?? ''), String(said.detail ?? '')];
    super(detail || title || `HTTP ${status}`);
    this.status = status;
    this.title = title;
    this.detail = detail;
    this.code = String(said.code ?? String(said.type ?? '').replace(/^.*[/:#]/, ''));
  }
}

export interface Asked {
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
  /** The same key twice is one command. */
  readonly idempotencyKey?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** `/api/things?of=this`. */
export function address(path: string, query: Asked['query'] = {}): string {
  const said = Object.entries(query).filter((each): each is [string, string | number | boolean] => each[1] !== undefined);
  return said.length === 0 ? path : `${path}?${new URLSearchParams(said.map(([key, value]) => [key, String(value)]))}`;
}

/** One request to Parley; throws a `Problem` for anything but success. The session cookie goes with it by itself. */
export async function ask<T>(method: string, path: string, { query, body, signal, idempotencyKey, headers }: Asked = {}): Promise<T> {
  const response = await fetch(address(path, query), {
    method,
    credentials: 'same-origin',
    // What is true now; browsers keep a 410 for ever otherwise.
    cache: 'no-cache',
    headers: {
      accept: 'application/json',
      ...headers,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  }).catch((cause: unknown) => {
    if (signal?.aborted) throw cause;
    throw new Problem(0, { title: 'no connection', code: 'offline' });
  });
  const text = await response.text();
  const said: unknown = text === '' ? null : parsed(text);
  if (!response.ok) throw new Problem(response.status, typeof said === 'object' && said !== null ? said : {});
  return said as T;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
