import { Confirm } from '../../kit/html/confirm'
import { CopyButton } from '../../kit/html/dashboard'
import { GraceSelect } from '../../kit/html/grace-select'
import { Card } from '../../kit/html/parts/card'
import { Input } from '../../kit/html/parts/fields'
import { Form, Submit } from '../../kit/html/parts/form'
import { ExactTime } from '../../kit/html/time'
import { UserCode } from '../../kit/html/user-text'
import { DASHBOARD } from '../../kit/lib/paths'
import type { Provider, ProviderTexts } from '../rules/verifying/scheme'
import type { SourceOut } from './schemas'

interface SecretProps {
  source: SourceOut
  provider: Provider
  texts: ProviderTexts
  secret: string | undefined
}

/** Whether the owner has to enter it. */
export const lacksSecret = ({ has_secret }: SourceOut, { secret }: Provider) => !has_secret && secret.by !== 'nobody'

/** How sentences call the secret of a provider: by the provider's own word, without its format. */
export function wordFor({ secret }: ProviderTexts): string {
  const [name = secret] = secret.split(/,| \(/)
  return name.replace(/^[A-Z](?=[a-z]+(?!-)\b)/, (first) => first.toLowerCase())
}

export function SourceSecretCard({ source, provider, texts, secret }: SecretProps) {
  const path = `${DASHBOARD.sources}/${source.id}`
  const [word, isRotation] = [wordFor(texts), source.has_secret]
  const label = isRotation ? `New ${word}` : texts.secret
  return (
    <Card title={texts.secret} id="secret">
      <p>
        {texts.where}.{' '}
        {secret !== undefined ? (
          <span class="secret">
            <UserCode text={secret} /> <CopyButton text={secret} label={`Copy the ${word}`} />
          </span>
        ) : (
          isRotation && <a href={`${path}?secret=show`}>Show {word}</a>
        )}
      </p>
      {source.previous_secret_expires_at && (
        <p class="hint">
          The old one remains valid until <ExactTime at={Date.parse(source.previous_secret_expires_at)} />.
        </p>
      )}
      <Form action={`${path}/secret`}>
        <Input id="new-secret" name="secret" label={label} required autocomplete="off" />
        {isRotation && <GraceSelect label="Keep the old one valid for" />}
        <Submit
          kind={lacksSecret(source, provider) ? 'primary' : undefined}
          label={`${isRotation ? 'Rotate' : 'Save'} ${word}`}
        />
      </Form>
      {isRotation && (
        <Confirm action={`${path}/forget-secret`} label={`Remove ${word}`}>
          <WithoutSecret {...provider} />
        </Confirm>
      )}
    </Card>
  )
}

/** Says what happens to requests while their source has no secret. */
export const WithoutSecret = ({ secret }: Provider) => (
  <>
    {secret.optional
      ? 'Without it, requests from anyone who knows the URL are accepted.'
      : 'Without it, requests are stored but cannot be verified.'}
  </>
)
