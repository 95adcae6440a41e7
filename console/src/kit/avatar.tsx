import { hueOf, initials } from './person.ts';

/** A round sign for a person; decoration beside the name. */
export function Avatar({ name, talking = false }: { readonly name: string; readonly talking?: boolean }) {
  return (
    <span class={talking ? 'avatar talking' : 'avatar'} style={{ '--hue': hueOf(name) }} aria-hidden="true">
      {initials(name)}
    </span>
  );
}
