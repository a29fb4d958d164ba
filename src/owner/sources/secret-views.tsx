import { Confirm } from '../../kit/html/confirm'
import { CopyButton } from '../../kit/html/dashboard'
import { Help } from '../../kit/html/help'
import { Card } from '../../kit/html/parts/card'
import { Input, Select } from '../../kit/html/parts/fields'
import { Form, Submit } from '../../kit/html/parts/form'
import { ExactTime } from '../../kit/html/time'
import { UserCode } from '../../kit/html/user-text'
import type { Provider, ProviderTexts } from '../../webhooks/rules/verifying/scheme'
import type { SourceOut } from '../../webhooks/sources/schemas'
import { SECTION } from './views'

interface SecretProps {
  source: SourceOut
  provider: Provider
  texts: Pick<ProviderTexts, 'where'>
  secret: string | undefined
}

export function SecretCard({ source, provider, texts, secret }: SecretProps) {
  const path = `${SECTION}/${source.id}`
  return (
    <Card title="Secret" id="secret">
      <p>
        {provider.secret.what}: {texts.where}.{' '}
        {secret !== undefined ? (
          <span class="secret">
            <UserCode text={secret} /> <CopyButton text={secret} label="Copy the secret" />
          </span>
        ) : (
          source.has_secret && <a href={`${path}?secret=show`}>Show secret</a>
        )}
      </p>
      {source.previous_secret_expires_at && (
        <p class="hint">
          <Help of="source.old" /> <ExactTime at={Date.parse(source.previous_secret_expires_at)} />.
        </p>
      )}
      <SecretForm path={path} isRotation={source.has_secret} />
      {source.has_secret && (
        <Confirm action={`${path}/forget-secret`} label="Remove secret">
          <WithoutSecret {...provider} />
        </Confirm>
      )}
    </Card>
  )
}

const GRACE = [
  [86_400, '1 day'],
  [604_800, '1 week'],
  [0, '0 hours (replace it immediately)'],
] as const

function SecretForm({ path, isRotation }: { path: string; isRotation: boolean }) {
  return (
    <Form action={`${path}/secret`}>
      <Input id="new-secret" name="secret" label={isRotation ? 'New secret' : 'Secret'} required autocomplete="off" />
      {isRotation && <Select name="grace" label="Keep the old secret valid for" choices={GRACE} />}
      <Submit label={isRotation ? 'Rotate secret' : 'Save secret'} />
    </Form>
  )
}

/** Says what happens to requests while their source has no secret. */
export const WithoutSecret = ({ secret }: Provider) => <Help of={`unproven.${secret.optional ? 'taken' : 'kept'}`} />
