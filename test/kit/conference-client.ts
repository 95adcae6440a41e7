import assert from 'node:assert/strict';

/** One element of an XML document. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** Of the element itself. */
  readonly text: string;
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Resolves references; anything that looks like one and is none is an error, as it is to every parser. */
const unescaped = (text: string): string => {
  assert.doesNotMatch(text, /</);
  return text.replace(/&([^;]*;?)/g, (_, body: string) => {
    const [, decimal, name] = /^(?:#(\d+)|(\w+));$/.exec(body) ?? [];
    const value = decimal === undefined ? NAMED[name ?? ''] : String.fromCodePoint(Number(decimal));
    assert.ok(value !== undefined, `&${body} is no reference`);
    return value;
  });
};

/** Reads one XML document as strictly as a phone might; throws at what is not well-formed. A second opinion, not built on `src`. */
export function parseXml(text: string): XmlElement {
  // XML 1.0 §2.2: these characters are forbidden however they are written.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these are looked for.
  assert.doesNotMatch(text, /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])/);
  const source = text.replace(/^<\?xml [^>]*\?>\s*/, '').trim();
  let at = 0;
  const element = (): XmlElement => {
    const open = /^<([A-Za-z][\w-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/.exec(source.slice(at));
    assert.ok(open, `an element was expected at ${source.slice(at, at + 40)}`);
    at += open[0].length;
    const pairs = [...open[2]!.matchAll(/([\w:-]+)="([^"]*)"/g)].map(([, key, value]) => [key!, unescaped(value!)]);
    const name = open[1]!;
    assert.equal(new Set(pairs.map(([key]) => key)).size, pairs.length, 'an attribute stands once');
    const attributes = Object.fromEntries(pairs) as Record<string, string>;
    const children: XmlElement[] = [];
    let inner = '';
    if (open[3] === '/') return { name, attributes, children, text: inner };
    for (;;) {
      const next = source.indexOf('<', at);
      assert.ok(next >= 0, `${name} is not closed`);
      inner += unescaped(source.slice(at, next));
      at = next;
      if (source.startsWith(`</${name}>`, at)) break;
      children.push(element());
    }
    at += `</${name}>`.length;
    return { name, attributes, children, text: inner };
  };
  const root = element();
  assert.equal(at, source.length, 'one element is the document');
  return root;
}

/** The first child of that name. */
export const child = (of: XmlElement | undefined, name: string): XmlElement | undefined => of?.children.find((each) => each.name === name);

/** A telephone that follows a conference as RFC 4575 §4 tells it to. */
export class ConferenceClient {
  version = 0;
  state: 'nothing' | 'known' | 'deleted' = 'nothing';
  readonly users = new Map<string, XmlElement>();
  readonly parts = new Map<string, XmlElement>();

  /** Takes a document; `newest`: versions rise by one. */
  take(text: string): void {
    const root = parseXml(text);
    const { state, version, xmlns } = root.attributes;
    assert.deepEqual([root.name, xmlns], ['conference-info', 'urn:ietf:params:xml:ns:conference-info']);
    assert.equal(Number(version), this.version + 1, 'versions rise by one');
    this.version += 1;
    if (state === 'deleted') this.state = 'deleted';
    else {
      assert.ok(state === 'full' || this.state === 'known', 'a partial document needs a full one before');
      if (state === 'full') {
        this.users.clear();
        this.parts.clear();
      }
      this.state = 'known';
      for (const each of root.children) if (each.name !== 'users') this.parts.set(each.name, each);
      this.#users(child(root, 'users'));
    }
  }

  /** What it shows. */
  get shown(): unknown {
    return {
      parts: [...this.parts.values()].toSorted((a, b) => a.name.localeCompare(b.name)),
      users: [...this.users].toSorted(([a], [b]) => a.localeCompare(b)),
    };
  }

  #users(users: XmlElement | undefined): void {
    if (users === undefined) return;
    if (users.attributes['state'] === 'full') this.users.clear();
    for (const each of users.children) {
      const { entity = '', state } = each.attributes;
      if (state === 'deleted') assert.ok(this.users.delete(entity), 'only who is known is deleted');
      else this.users.set(entity, each);
    }
  }
}
