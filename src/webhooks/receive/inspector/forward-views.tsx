import { Status } from '../../../kit/html/dashboard'
import { Pairs } from '../../../kit/html/pairs'
import { Card, Section } from '../../../kit/html/parts/card'
import { Check, Input, Select, TextArea } from '../../../kit/html/parts/fields'
import { Fold, Submit } from '../../../kit/html/parts/form'
import { UserBlock } from '../../../kit/html/user-text'
import { decodeUtf8 } from '../../../kit/lib/bytes'
import { DASHBOARD } from '../../../kit/lib/paths'
import { forwardedHeaders, HTTP_METHODS } from '../../rules/delivering/connection-headers'
import { hasSecretBody } from '../../rules/verifying/credentials'
import type { LoadedInbound } from '../messages/load'
import { isCredential, shownBody } from '../messages/stored-request'
import type { Edited, SentOut } from './schemas'

interface ForwardProps {
  loaded: LoadedInbound
  sent?: SentOut | undefined
  edited?: Edited | undefined
  /** Where webhooks have been forwarded to. */
  destinations: string[]
}

export function ForwardSection({ loaded, sent, edited, destinations }: ForwardProps) {
  const { row, request, source } = loaded
  const isInBody = hasSecretBody(source.provider.schemes)
  const hasCredentials = isInBody || request.headers.some(([name]) => isCredential(name, loaded))
  return (
    <Section id="send" title="Forward">
      <Card action={`${DASHBOARD.requests}/${row.id}/send`}>
        <Input
          name="to"
          label="Destination URL"
          type="url"
          required
          placeholder="https://"
          value={edited?.to ?? destinations[0] ?? ''}
          list="destinations"
          suggestions={destinations}
        />
        {hasCredentials && (
          <Check
            name="credentials"
            checked={edited?.credentials}
            label={isInBody ? 'Include the secret' : WITH_SECRETS}
          />
        )}
        <Submit label="Forward as received" />
        <EditInputs loaded={loaded} edited={edited} />
      </Card>
      {sent && <Sent sent={sent} />}
    </Section>
  )
}

const WITH_SECRETS = 'Include headers that contain a secret'

function EditInputs({ loaded, edited }: Pick<ForwardProps, 'loaded' | 'edited'>) {
  const text = editableBody(loaded)
  const method = edited?.method ?? loaded.row.method
  const headers = edited?.headers ?? headerLines(loaded)
  return (
    <Fold summary="Edit the request…" open={edited?.isEdited}>
      <Select name="method" label="Method" choices={HTTP_METHODS.map((one) => [one, one] as const)} value={method} />
      <TextArea name="headers" label="Headers, one per line" rows={6} class="code" value={headers} />
      {text === null ? (
        <p class="hint">This body cannot be edited here. It will be sent unchanged.</p>
      ) : (
        <TextArea name="body" label="Body" rows={8} class="code" value={edited?.body ?? text} />
      )}
      <Submit name="edited" value="on" label="Forward edited request" />{' '}
      <span class="hint">If you edit signed content, the signature will no longer match.</span>
    </Fold>
  )
}

const MAX_EDITABLE_BYTES = 64 * 1_024

/** @returns null if the body cannot be edited in a form because it is large, binary or removed */
function editableBody(loaded: LoadedInbound): string | null {
  if (loaded.whyIncomplete !== null || loaded.request.body.length > MAX_EDITABLE_BYTES) return null
  const text = decodeUtf8(shownBody(loaded))
  return text?.includes('\0') ? null : text
}

function headerLines(loaded: LoadedInbound): string {
  return forwardedHeaders(loaded.request.headers)
    .filter(([name]) => !isCredential(name, loaded))
    .map((pair) => pair.join(': '))
    .join('\n')
}

function Sent({ sent }: { sent: SentOut }) {
  return (
    <article class="attempt" role="status" tabindex={-1} autofocus>
      <p>
        <Status value={sent.outcome} /> {sent.status_code !== null && <code>{sent.status_code}</code>} in{' '}
        {sent.duration_ms} ms
        {sent.error_class && (
          <>
            {' '}
            · <code>{sent.error_class}</code>
          </>
        )}
      </p>
      <Pairs title="Response headers" pairs={sent.headers} />
      {sent.body && <UserBlock text={sent.body} />}
    </article>
  )
}
