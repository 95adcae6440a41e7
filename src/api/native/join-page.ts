import type { InvitationText } from '../../conference/index.ts';

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const text = (value: string): string => value.replace(/[&<>"']/g, (each) => ENTITIES[each] ?? '');

const STYLE = `
body { margin: 0; color: #1d2733; background: #f4f6f8; font: 16px/1.5 system-ui, "Segoe UI", sans-serif; }
main { max-width: 36rem; margin: 2rem auto; padding: 1.5rem 2rem; background: #fff; border: 1px solid #b9c3cc; border-radius: 10px; }
h1 { margin: 0 0 .8rem; font-size: 1.4rem; overflow-wrap: anywhere; } pre { font: inherit; white-space: pre-wrap; overflow-wrap: anywhere; }
`;

/** An invitation as a page; without scripts, and without anything from elsewhere. */
export function invitationPage({ subject, text: body, ics }: InvitationText, link: string): string {
  const links = [...(ics === undefined ? [] : ['invitation.ics']), 'keypad'].map(
    (each) => `<a href="${text(`${link}/${each}`)}">${each}</a>`,
  );
  return (
    `<!doctype html><html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${text(subject)}</title>` +
    `<style>${STYLE}</style></head><body><main><h1>${text(subject)}</h1><pre dir="auto">${text(body)}</pre><p>${links.join(' · ')}</p></main></body></html>`
  );
}
