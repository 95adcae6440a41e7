import { Button } from '../../kit/button.tsx';
import { toast } from '../../kit/toasts.tsx';
import { t } from '../words.ts';

/** A text that can be taken along. */
export function Copyable({ text, label }: { readonly text: string; readonly label: string }) {
  const copy = (): void => {
    void navigator.clipboard?.writeText(text).then(() => toast(t.value.copied, 'good', 2000));
  };
  return (
    <span class="copyable">
      <code class="clip" dir="auto">
        {text}
      </code>
      <Button size="small" bare icon="copy" title={t.value.copy} onClick={copy}>
        {`${t.value.copy}: ${label}`}
      </Button>
    </span>
  );
}
