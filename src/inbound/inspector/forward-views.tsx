import { forwardedHeaders, HTTP_METHODS } from '../../core/delivering/forwarded-request'
import { decodeUtf8 } from '../../core/lib/bytes'
import { Status } from '../../ui/dashboard'
import type { LoadedInbound } from '../messages/load'
import { isCredential } from '../messages/stored-request'
import { Pairs } from './pairs-view'
import type { SentOut } from './schemas'
import { SECTION } from './views'

/** What was typed into the form that sends it somewhere. */
export interface Edited {
  to: string
  method: string
  headers: string
  body: string | null
  isEdited: boolean
  credentials: boolean
}

interface SendProps {
  loaded: LoadedInbound
  sent?: SentOut | undefined
  edited?: Edited | undefined
}

/** A text in a form of a browser cannot hold everything that a body can. */
const EDITABLE = 64 * 1_024

export function SendForm({ loaded, sent, edited }: SendProps) {
  const { row, request, hasBody, source } = loaded
  const text = request.body.length <= EDITABLE ? decodeUtf8(request.body) : null
  const isText = hasBody && text !== null && !text.includes('\0')
  const headers = forwardedHeaders(request.headers)
    .filter(([name]) => !isCredential(name, source.provider))
    .map((pair) => pair.join(': '))
    .join('\n')
  return (
    <section id="send">
      <h2>Send it somewhere</h2>
      <form class="card" method="post" action={`${SECTION}/${row.id}/send#send`}>
        <label for="to">To</label>
        <input
          id="to"
          name="to"
          type="url"
          required
          maxlength={2_000}
          placeholder="https://"
          value={edited?.to ?? ''}
        />
        {request.headers.some(([name]) => isCredential(name, source.provider)) && (
          <label class="check">
            <input type="checkbox" name="credentials" checked={edited?.credentials} /> Send its
            secret headers along, too
          </label>
        )}
        <details open={edited?.isEdited}>
          <summary>Edit it first…</summary>
          <label for="method">Method</label>
          <select id="method" name="method">
            {HTTP_METHODS.map((method) => (
              <option selected={method === (edited?.method ?? row.method)}>{method}</option>
            ))}
          </select>
          <label for="headers">Headers, a line each</label>
          <textarea id="headers" name="headers" rows={6} class="code">
            {edited?.headers ?? headers}
          </textarea>
          {isText ? (
            <>
              <label for="body">Body</label>
              <textarea id="body" name="body" rows={8} class="code">
                {edited?.body ?? text}
              </textarea>
            </>
          ) : (
            <p class="hint">The body cannot be edited here; it goes along as it was.</p>
          )}
          <button type="submit" name="edited" value="on">
            Send the edited request
          </button>{' '}
          <span class="hint">The signature will not match what was edited.</span>
        </details>
        <button type="submit">Send it as it came</button>
      </form>
      {sent && <Sent sent={sent} />}
    </section>
  )
}

function Sent({ sent }: { sent: SentOut }) {
  return (
    <article class="attempt" role="status">
      <p>
        <Status value={sent.outcome} />{' '}
        {sent.status_code !== null && <code>{sent.status_code}</code>} in {sent.duration_ms} ms
        {sent.error_class && (
          <>
            {' '}
            · <code>{sent.error_class}</code>
          </>
        )}
      </p>
      <Pairs title="Headers of the answer" pairs={sent.headers} />
      {sent.body && <pre>{sent.body}</pre>}
    </article>
  )
}
