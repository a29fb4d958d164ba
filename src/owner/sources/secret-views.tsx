import { Confirm } from '../../kit/html/confirm'
import { CopyButton } from '../../kit/html/dashboard'
import { ExactTime } from '../../kit/html/time'
import { UserText } from '../../kit/html/user-text'
import type { Provider, ProviderTexts } from '../../webhooks/rules/verifying/scheme'
import type { SourceOut } from '../../webhooks/sources/schemas'
import { SECTION } from './views'

interface SecretProps {
  source: SourceOut
  provider: Provider
  texts: Pick<ProviderTexts, 'where'>
  /** The secret, if it is to be shown. */
  secret: string | undefined
}

export function SecretCard({ source, provider, texts, secret }: SecretProps) {
  const path = `${SECTION}/${source.id}`
  return (
    <section class="card">
      <h2>Secret</h2>
      <p>
        {provider.secret.what}: {texts.where}.{' '}
        {secret !== undefined ? (
          <span class="secret">
            <code>
              <UserText text={secret} />
            </code>{' '}
            <CopyButton text={secret} label="Copy the secret" />
          </span>
        ) : (
          source.has_secret && <a href={`${path}?secret=show`}>Show secret</a>
        )}
      </p>
      {source.previous_secret_expires_at && (
        <p class="hint">
          Old secrets remain valid until <ExactTime at={Date.parse(source.previous_secret_expires_at)} />.
        </p>
      )}
      <SecretForm path={path} isRotation={source.has_secret} />
      {source.has_secret && (
        <Confirm action={`${path}/forget-secret`} label="Remove secret">
          {withoutSecret(provider)}
        </Confirm>
      )}
    </section>
  )
}

function SecretForm({ path, isRotation }: { path: string; isRotation: boolean }) {
  return (
    <form method="post" action={`${path}/secret`}>
      <label for="new-secret">{isRotation ? 'New secret' : 'Secret'}</label>
      <input id="new-secret" name="secret" required autocomplete="off" />
      {isRotation && (
        <>
          <label for="grace">Keep the old secret valid for</label>
          <select id="grace" name="grace">
            <option value="86400">1 day</option>
            <option value="604800">1 week</option>
            <option value="0">0 hours (replace it immediately)</option>
          </select>
        </>
      )}
      <button type="submit">{isRotation ? 'Rotate secret' : 'Save secret'}</button>
    </form>
  )
}

/** @returns a sentence that says what happens to messages while their source has no secret */
export function withoutSecret({ secret }: Provider): string {
  return secret.optional
    ? 'Without a secret, messages from anyone who knows the URL are accepted.'
    : 'Without a secret, messages are stored but cannot be verified.'
}
