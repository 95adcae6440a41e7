/** How loud something is, 0–1. */
export function Meter({ level, label }: { readonly level: number; readonly label: string }) {
  const now = Math.round(Math.min(1, Math.max(0, level)) * 100);
  return (
    // biome-ignore lint/a11y/useSemanticElements: <meter> looks different in every browser and cannot be styled in all.
    <div class="meter" role="meter" aria-label={label} aria-valuemin={0} aria-valuemax={100} aria-valuenow={now}>
      <span style={{ transform: `scaleX(${now / 100})` }} />
    </div>
  );
}
