import { useSignal } from '@preact/signals';
import { Problem } from '../../kit/api.ts';
import { Button } from '../../kit/button.tsx';
import { TextField } from '../../kit/field.tsx';
import { Mark } from '../../kit/mark.tsx';
import { wordsOf } from '../act.ts';
import { Look } from '../parts/look.tsx';
import { logIn } from '../session.ts';
import { t } from '../words.ts';

function refusal(error: unknown): string {
  if (error instanceof Problem && error.status === 401) return t.value.login.wrong;
  if (error instanceof Problem && error.status === 429) return t.value.login.many;
  return wordsOf(error);
}

/** Where somebody says who he is. */
export function Login() {
  const { login } = t.value;
  const wrong = useSignal('');
  const isBusy = useSignal(false);
  const named = useSignal(false);
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const said = new FormData(event.currentTarget as HTMLFormElement);
    const account = String(said.get('account') ?? '').trim();
    isBusy.value = true;
    wrong.value = '';
    try {
      const [username, password] = [String(said.get('username')), String(said.get('password'))];
      await logIn({ username, password, ...(account === '' ? {} : { account }) });
    } catch (error) {
      wrong.value = refusal(error);
    } finally {
      isBusy.value = false;
    }
  };
  return (
    <div class="login">
      <main class="card">
        <div class="welcome">
          <Mark />
          <div>
            <h1>{t.value.app}</h1>
            <p class="soft">{login.intro}</p>
          </div>
        </div>
        <form onSubmit={(event) => void submit(event)}>
          <TextField label={login.username} name="username" autocomplete="username" autocapitalize="none" required autofocus />
          <TextField label={login.password} name="password" type="password" autocomplete="current-password" required />
          {named.value ? (
            <TextField label={login.account} name="account" hint={login.accountHint} autocomplete="organization" />
          ) : (
            <button
              type="button"
              class="plain-link"
              onClick={() => {
                named.value = true;
              }}
            >
              {login.other}
            </button>
          )}
          <p class="notice bad" role="alert" hidden={wrong.value === ''}>
            {wrong.value}
          </p>
          <Button type="submit" kind="primary" size="large" wide busy={isBusy.value}>
            {login.submit}
          </Button>
        </form>
      </main>
      <Look />
    </div>
  );
}
