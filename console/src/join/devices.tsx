import { Button } from '../kit/button.tsx';
import { SelectField } from '../kit/field.tsx';
import { Icon } from '../kit/icons.tsx';
import { fill } from '../kit/languages.ts';
import { Meter } from '../kit/meter.tsx';
import type { Device, NoMicrophone } from './microphone.ts';
import { applyOutput, chooseOutput, microphone } from './page.ts';
import { t } from './texts/index.ts';

/** Two soft notes, as a doorbell. */
async function playTest(): Promise<void> {
  const context = new AudioContext();
  const out = context.createMediaStreamDestination();
  const player = new Audio();
  player.srcObject = out.stream;
  await applyOutput(player);
  for (const [at, frequency] of [
    [0.05, 660],
    [0.4, 523],
  ] as const) {
    const tone = new OscillatorNode(context, { frequency });
    const loud = new GainNode(context, { gain: 0 });
    const start = context.currentTime + at;
    loud.gain.setValueAtTime(0, start);
    loud.gain.linearRampToValueAtTime(0.25, start + 0.02);
    loud.gain.exponentialRampToValueAtTime(0.001, start + 0.7);
    tone.connect(loud).connect(out);
    tone.start(start);
    tone.stop(start + 0.75);
  }
  await player.play().catch(() => undefined);
  setTimeout(() => void context.close(), 1800);
}

function Choice({
  label,
  devices,
  chosen,
  choose,
}: {
  readonly label: string;
  readonly devices: readonly Device[];
  readonly chosen: string;
  readonly choose: (id: string) => void;
}) {
  const words = t.value;
  const isThere = devices.some(({ id }) => id === chosen);
  return (
    <SelectField label={label} value={isThere ? chosen : ''} onChange={(event) => choose(event.currentTarget.value)}>
      <option value="">{words.systemDefault}</option>
      {devices.map(({ id, label: called }, at) => (
        <option key={id} value={id}>
          {called === '' ? fill(words.deviceNumber, { number: at + 1 }) : called}
        </option>
      ))}
    </SelectField>
  );
}

const isTrouble = (state: string): state is NoMicrophone => ['insecure', 'denied', 'none', 'busy', 'failed'].includes(state);

function Trouble({ trouble }: { readonly trouble: NoMicrophone }) {
  const words = t.value;
  const text = { insecure: words.insecure, denied: words.micDenied, none: words.micNone, busy: words.micBusy, failed: words.micFailed }[
    trouble
  ];
  return (
    <div class="notice warn" role="alert">
      <Icon name={trouble === 'insecure' ? 'warning' : 'mic-off'} />
      <div class="stack">
        <p>
          <strong>{text}</strong>
        </p>
        {trouble === 'denied' && <p>{words.micDeniedHow}</p>}
        {trouble !== 'insecure' && (
          <p>
            <Button size="small" onClick={() => void microphone.open()}>
              {words.tryAgain}
            </Button>
          </p>
        )}
      </div>
    </div>
  );
}

function Level() {
  return <Meter level={microphone.level.value} label={t.value.micLevel} />;
}

function Input() {
  const words = t.value;
  const state = microphone.state.value;
  if (isTrouble(state)) return <Trouble trouble={state} />;
  if (state !== 'on') {
    return (
      <div class="notice" role="status">
        {state === 'asking' ? <span class="spinner" /> : <Icon name="mic" />}
        <p>{words.micAsking}</p>
      </div>
    );
  }
  return (
    <div class="stack">
      <Choice
        label={words.microphone}
        devices={microphone.inputs.value}
        chosen={microphone.input.value}
        choose={(id) => void microphone.choose(id)}
      />
      <Level />
      <p class="hint soft small">{words.micTry}</p>
    </div>
  );
}

/** Which microphone, which speaker, and whether they work. */
export function Devices() {
  const words = t.value;
  return (
    <>
      <Input />
      <div class="speaker">
        {microphone.canChooseOutput && microphone.outputs.value.length > 0 && (
          <Choice label={words.speaker} devices={microphone.outputs.value} chosen={microphone.output.value} choose={chooseOutput} />
        )}
        <Button icon="speaker" onClick={() => void playTest()}>
          {words.testSound}
        </Button>
      </div>
    </>
  );
}
