import type { FastifyInstance } from 'fastify';
import { contentPolicy, PAGE_HEADERS } from '../pages.ts';

const PAGE = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>Parley API</title>
<link rel="stylesheet" href="docs/docs.css"><script type="module" src="docs/docs.js"></script></head>
<body><nav id="contents" aria-label="Contents"></nav><main id="main"><h1>Parley API</h1><p>Reading the document …</p></main></body></html>`;

const STYLE = `
:root { --ground: #f7f8fa; --sheet: #fff; --ink: #1b2530; --soft: #5a6875; --line: #dfe4e9; --link: #1f5fbf; --code: #eef2f6; }
@media (prefers-color-scheme: dark) { :root { --ground: #12161b; --sheet: #1a2027; --ink: #e4e9ee; --soft: #9aa7b3; --line: #2d3640; --link: #85b4f5; --code: #232b34; } }
* { box-sizing: border-box; } html { scroll-behavior: smooth; }
body { margin: 0; display: grid; grid-template-columns: minmax(14rem, 20rem) 1fr; color: var(--ink); background: var(--ground); font: 16px/1.55 system-ui, "Segoe UI", sans-serif; }
nav { position: sticky; top: 0; height: 100vh; overflow: auto; padding: 1.2rem; border-right: 1px solid var(--line); font-size: .85rem; }
nav h2 { margin: 1rem 0 .3rem; font-size: .78rem; letter-spacing: .06em; text-transform: uppercase; color: var(--soft); }
nav a { display: block; padding: .15rem 0; overflow-wrap: anywhere; color: var(--ink); text-decoration: none; } nav a:hover { color: var(--link); text-decoration: underline; }
main { max-width: 62rem; padding: 2rem; } h1 { margin-top: 0; } a { color: var(--link); }
section { margin: 0 0 1.2rem; padding: 1rem 1.3rem; background: var(--sheet); border: 1px solid var(--line); border-radius: 10px; }
section h3 { margin: 0 0 .4rem; font: 600 .95rem/1.5 ui-monospace, monospace; overflow-wrap: anywhere; }
.method { display: inline-block; min-width: 4.2rem; margin-right: .6rem; padding: .05rem .5rem; border-radius: 5px; text-align: center; color: #fff; background: #4a5a69; font-size: .8rem; }
.get { background: #1f6f43; } .post { background: #1f5fbf; } .put, .patch { background: #8a5a00; } .delete { background: #b3261e; }
table { width: 100%; border-collapse: collapse; font-size: .88rem; } td, th { padding: .25rem .6rem .25rem 0; border-top: 1px solid var(--line); text-align: left; vertical-align: top; }
th { color: var(--soft); font-weight: 600; } code { font: .86em ui-monospace, monospace; background: var(--code); padding: .05em .3em; border-radius: 4px; overflow-wrap: anywhere; }
pre { overflow: auto; padding: .7rem; background: var(--code); border-radius: 6px; font: .8rem/1.45 ui-monospace, monospace; }
summary { cursor: pointer; color: var(--soft); } p { margin: .4rem 0; }
@media (max-width: 52rem) { body { display: block; } nav { position: static; height: auto; max-height: 40vh; border-right: 0; border-bottom: 1px solid var(--line); } main { padding: 1rem; } }
`;

const SCRIPT = `
const make = (name, attributes = {}, ...children) => {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children.filter((each) => each !== undefined && each !== ''));
  return node;
};
const typeOf = (schema) => {
  if (schema === undefined) return '';
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((each) => JSON.stringify(each)).join(' | ');
  const some = schema.anyOf ?? schema.oneOf;
  if (some) return some.map(typeOf).join(' | ');
  if (schema.type === 'array') return typeOf(schema.items) + '[]';
  return [schema.type ?? 'any'].flat().join(' | ') + (schema.format ? ' (' + schema.format + ')' : '');
};
const partsOf = (schema) => schema?.properties ?? (schema?.items ? partsOf(schema.items) : (schema?.anyOf ?? []).map(partsOf).find((each) => each)) ?? undefined;
const fields = (schema, depth = 0) => {
  const parts = partsOf(schema);
  if (!parts || depth > 5) return make('p', {}, make('code', {}, typeOf(schema)), ' ' + (schema?.description ?? ''));
  const needed = new Set(schema.required ?? schema.items?.required ?? []);
  return make('table', {}, make('tbody', {}, ...Object.entries(parts).map(([name, part]) =>
    make('tr', {}, make('td', {}, make('code', {}, name), needed.has(name) ? '' : ' ?'), make('td', {}, make('code', {}, typeOf(part))),
      make('td', {}, part.description ?? '', partsOf(part) && depth < 4 ? make('details', {}, make('summary', {}, 'fields'), fields(part, depth + 1)) : '')))));
};
const part = (title, ...inside) => make('details', {}, make('summary', {}, title), ...inside);
const sample = (media) => media?.example === undefined ? '' : make('pre', {}, JSON.stringify(media.example, null, 2));
const operation = (path, method, it) => {
  const id = method + path.replace(/[^a-z]+/gi, '-');
  const asked = it.requestBody?.content?.['application/json'];
  const body = asked?.schema;
  const parameters = it.parameters ?? [];
  return [id, make('section', { id }, make('h3', {}, make('span', { class: 'method ' + method }, method.toUpperCase()), path),
    it.summary ? make('p', {}, make('strong', {}, it.summary)) : '', it.description ? make('p', {}, it.description) : '',
    parameters.length ? part('Parameters', make('table', {}, make('tbody', {}, ...parameters.map((each) =>
      make('tr', {}, make('td', {}, make('code', {}, each.name)), make('td', {}, each.in), make('td', {}, make('code', {}, typeOf(each.schema))), make('td', {}, each.description ?? '')))))) : '',
    body ? part('Body', fields(body), sample(asked)) : '',
    ...Object.entries(it.responses ?? {}).map(([status, answer]) => part('Answer ' + status, make('p', {}, answer.description ?? ''), fields(Object.values(answer.content ?? {})[0]?.schema ?? { type: '' }), sample(Object.values(answer.content ?? {})[0]))))];
};
const document_ = await (await fetch(new URL('openapi.json', location.href.replace(/docs\\/?$/, '')))).json();
const main = document.getElementById('main');
const contents = document.getElementById('contents');
const groups = new Map();
for (const [path, methods] of Object.entries(document_.paths)) for (const [method, it] of Object.entries(methods)) {
  const tag = it.tags?.[0] ?? 'other';
  groups.set(tag, [...(groups.get(tag) ?? []), [path, method, it]]);
}
main.replaceChildren(make('h1', {}, document_.info.title + ' API ' + document_.info.version), make('p', {}, document_.info.description ?? ''),
  make('p', {}, 'Refusals are problem details (RFC 9457). Commands take an ', make('code', {}, 'Idempotency-Key'), '. The document itself: ', make('a', { href: 'openapi.json' }, 'openapi.json'), '.'));
for (const [tag, all] of groups) {
  main.append(make('h2', {}, tag));
  contents.append(make('h2', {}, tag));
  for (const each of all) {
    const [id, section] = operation(...each);
    main.append(section);
    contents.append(make('a', { href: '#' + id }, each[1].toUpperCase() + ' ' + each[0].replace('/api', '')));
  }
}
`;

/** `/api/docs`: the document as people read it; made here, with nothing from elsewhere. */
export function docsRoutes(server: FastifyInstance): void {
  for (const [path, type, text] of [
    ['/docs', 'text/html', PAGE],
    ['/docs/docs.css', 'text/css', STYLE],
    ['/docs/docs.js', 'text/javascript', SCRIPT],
  ] as const) {
    server.get(path, { schema: { hide: true } }, async (request, reply) => {
      reply.headers({ ...PAGE_HEADERS, 'content-security-policy': contentPolicy(request.host), 'cache-control': 'no-cache' });
      return reply.type(`${type}; charset=utf-8`).serializer(String).send(text);
    });
  }
}
