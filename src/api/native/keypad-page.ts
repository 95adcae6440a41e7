import type { CardKey, KeypadCard } from '../../conference/index.ts';

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const text = (value: string): string => value.replace(/[&<>"']/g, (each) => ENTITIES[each] ?? '').replace(/[\p{Cc}\p{Cf}]/gu, '\ufffd');

const STYLE = `
:root { color-scheme: light; } * { box-sizing: border-box; }
body { margin: 0; color: #1d2733; font: 15px/1.4 system-ui, "Segoe UI", "Helvetica Neue", sans-serif; }
main { max-width: 34rem; margin: 1.5rem auto; padding: 1.5rem 2rem; border: 1px solid #b9c3cc; border-radius: 10px; }
h1 { margin: 0; font-size: 1.3rem; overflow-wrap: anywhere; } header p { margin: 0 0 .2rem; color: #66727f; }
h2 { margin: 1.2rem 0 .3rem; font-size: 1rem; } table { width: 100%; border-collapse: collapse; }
th { font-weight: 600; text-align: start; white-space: nowrap; width: 6rem; } th, td { padding: .28rem .5rem .28rem 0; border-bottom: 1px solid #dde3e9; vertical-align: top; }
kbd { font: 600 1em ui-monospace, "Cascadia Mono", Menlo, monospace; direction: ltr; unicode-bidi: isolate; }
tr { break-inside: avoid; } @media print { @page { size: A5; margin: 10mm; } main { margin: 0; padding: 0; border: 0; max-width: none; } }
`;

const row = ({ digits, label }: CardKey): string => `<tr><th scope="row"><kbd>${text(digits)}</kbd></th><td>${text(label)}</td></tr>`;

const table = (heading: string, rows: readonly CardKey[]): string =>
  rows.length === 0 ? '' : `<section><h2>${text(heading)}</h2><table>${rows.map(row).join('')}</table></section>`;

/** A card that can be printed and put beside a telephone; without scripts, and without anything from elsewhere. */
export function keypadPage({ name, language, title, heading, member, moderator }: KeypadCard): string {
  const direction = language === 'ar' ? ' dir="rtl"' : '';
  const head = name === '' ? text(title) : `${text(title)} – ${text(name)}`;
  return (
    `<!doctype html><html lang="${language}"${direction}><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
    `<title>${head}</title><style>${STYLE}</style></head><body><main><header>${name === '' ? '' : `<p>${text(name)}</p>`}<h1>${text(title)}</h1></header>` +
    `${table(heading.member, member)}${table(heading.moderator, moderator)}</main></body></html>`
  );
}
