/** What is known of something: a name and a value each. */
export function Values({ rows }: { readonly rows: readonly (readonly [name: string, value: string])[] }) {
  return (
    <dl class="values small">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt class="soft">{name}</dt>
          <dd dir="auto">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
