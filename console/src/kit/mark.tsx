/** Parley's sign, as in the tab of the browser: a voice. */
export function Mark() {
  return (
    <span class="mark" aria-hidden="true">
      <svg viewBox="0 0 32 32" aria-hidden="true">
        <path d="M9 13.5v5M13.5 9.5v13M18 12v8M22.5 14.5v3" />
      </svg>
    </span>
  );
}
