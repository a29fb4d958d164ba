import { Status } from '../../../../kit/html/dashboard'
import { Pairs } from '../../../../kit/html/pairs'
import { UserBlock } from '../../../../kit/html/user-text'
import { decodeUtf8 } from '../../../../kit/lib/bytes'
import { forwardedHeaders, HTTP_METHODS } from '../../../rules/delivering/connection-headers'
import type { LoadedInbound } from '../../messages/load'
import { isCredential } from '../../messages/stored-request'
import type { Edited, SentOut } from '../schemas'
import { SECTION } from '../views'

interface ForwardProps {
  loaded: LoadedInbound
  sent?: SentOut | undefined
  edited?: Edited | undefined
  /** Where webhooks have been forwarded to. */
  destinations: string[]
}

export function ForwardSection({ loaded, sent, edited, destinations }: ForwardProps) {
  const { row, request, source } = loaded
  const hasCredentials = request.headers.some(([name]) => isCredential(name, source.provider))
  return (
    <section id="send">
      <h2>Forward</h2>
      <form class="card" method="post" action={`${SECTION}/${row.id}/send#send`}>
        <label for="to">Destination URL</label>
        <input
          id="to"
          name="to"
          type="url"
          required
          placeholder="https://"
          value={edited?.to ?? destinations[0] ?? ''}
          list="destinations"
        />
        <datalist id="destinations">
          {destinations.map((url) => (
            <option value={url} />
          ))}
        </datalist>
        {hasCredentials && (
          <label class="check">
            <input type="checkbox" name="credentials" checked={edited?.credentials} /> Include headers that contain a
            secret
          </label>
        )}
        <button type="submit">Forward as received</button>
        <EditInputs loaded={loaded} edited={edited} />
      </form>
      {sent && <Sent sent={sent} />}
    </section>
  )
}

function EditInputs({ loaded, edited }: Pick<ForwardProps, 'loaded' | 'edited'>) {
  const text = editableBody(loaded)
  return (
    <details open={edited?.isEdited}>
      <summary>Edit the request…</summary>
      <label for="method">Method</label>
      <select id="method" name="method">
        {HTTP_METHODS.map((method) => (
          <option selected={method === (edited?.method ?? loaded.row.method)}>{method}</option>
        ))}
      </select>
      <label for="headers">Headers, one per line</label>
      <textarea id="headers" name="headers" rows={6} class="code">
        {edited?.headers ?? headerLines(loaded)}
      </textarea>
      {text === null ? (
        <p class="hint">This body cannot be edited here. It will be sent unchanged.</p>
      ) : (
        <>
          <label for="body">Body</label>
          <textarea id="body" name="body" rows={8} class="code">
            {edited?.body ?? text}
          </textarea>
        </>
      )}
      <button type="submit" name="edited" value="on">
        Forward edited request
      </button>{' '}
      <span class="hint">If you edit signed content, the signature will no longer match.</span>
    </details>
  )
}

const MAX_EDITABLE_BYTES = 64 * 1_024

/** @returns null if the body cannot be edited in a form because it is large, binary or removed */
function editableBody({ request, whyIncomplete }: LoadedInbound): string | null {
  if (whyIncomplete !== null || request.body.length > MAX_EDITABLE_BYTES) return null
  const text = decodeUtf8(request.body)
  return text?.includes('\0') ? null : text
}

function headerLines({ request, source }: LoadedInbound): string {
  return forwardedHeaders(request.headers)
    .filter(([name]) => !isCredential(name, source.provider))
    .map((pair) => pair.join(': '))
    .join('\n')
}

function Sent({ sent }: { sent: SentOut }) {
  return (
    <article class="attempt" role="status">
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
