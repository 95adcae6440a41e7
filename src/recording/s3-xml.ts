const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function plain(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|([a-z]{2,4}));/gi, (all, hex: string, decimal: string, name: string) => {
    if (name !== undefined) return ENTITIES[name] ?? all;
    const point = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return point <= 0x10ffff ? String.fromCodePoint(point) : all;
  });
}

/**
 * What stands between every `<name>` and its end. S3's answers are flat lists of elements without attributes of interest and never nest one name in itself,
 * so that no more of XML is needed.
 */
export function elements(xml: string, name: string): readonly string[] {
  const found = xml.matchAll(new RegExp(`<${name}(?:\\s[^>]*)?>([\\s\\S]*?)</${name}>`, 'g'));
  return [...found].map(([, inside = '']) => inside);
}

/** The text of the first `<name>`; undefined where there is none. */
export function textIn(xml: string, name: string): string | undefined {
  const [inside] = elements(xml, name);
  return inside === undefined ? undefined : plain(inside.trim());
}

/** A text as it may stand in XML. */
export const escaped = (text: string): string => text.replace(/[&<>"]/g, (each) => `&#${each.charCodeAt(0)};`);
