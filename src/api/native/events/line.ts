import type { JsonObject } from '../../../base/index.ts';
import type { Entry } from '../../../conference/index.ts';
import { factBody, signalBody } from './event-body.ts';
import type { ToldSignal } from './event-types.ts';

/** One message, written once for as many readers as there are. */
export class Line {
  readonly #body: JsonObject;
  readonly #position: number | undefined;
  readonly #isComment: boolean;
  #json: string | undefined;
  #text: Uint8Array | undefined;
  #event: Uint8Array | undefined;

  /** `position`: where to come back to after it. `isComment`: server-sent events keep it from the page, which takes note of the position all the same. */
  constructor(body: JsonObject, { position, isComment = false }: { position?: number; isComment?: boolean } = {}) {
    this.#body = body;
    this.#position = position;
    this.#isComment = isComment;
  }

  get json(): string {
    this.#json ??= JSON.stringify(this.#body);
    return this.#json;
  }

  /** For a websocket: UTF-8. */
  get text(): Uint8Array {
    this.#text ??= Buffer.from(this.json);
    return this.#text;
  }

  /** As a server-sent event (WHATWG HTML §9.2.5): an `id` without `data` moves the reader's last event id and shows him nothing. */
  get event(): Uint8Array {
    const id = this.#position === undefined ? '' : `id: ${this.#position}\n`;
    this.#event ??= Buffer.from(this.#isComment ? `: ${this.#body['type']}\n${id}\n` : `${id}data: ${this.json}\n\n`);
    return this.#event;
  }
}

/** The lines of what happened, kept as long as the bus keeps it. */
export class Lines {
  readonly #known = new WeakMap<Entry | ToldSignal, Line>();

  ofEntry(entry: Entry): Line {
    return this.#get(entry, () => new Line(factBody(entry), { position: entry.position }));
  }

  ofSignal(signal: ToldSignal): Line {
    return this.#get(signal, () => new Line(signalBody(signal)));
  }

  #get(key: Entry | ToldSignal, make: () => Line): Line {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const line = make();
    this.#known.set(key, line);
    return line;
  }
}
