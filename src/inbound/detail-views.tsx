import { type BodyView, viewBody } from '../core/body-view'
import { decodeUtf8, toBase64 } from '../core/bytes'
import { forwardedHeaders, HTTP_METHODS } from '../core/forward'
import { headerOf } from '../core/inbound-request'
import type { Check } from '../core/verify'
import { quote } from '../deliveries/curl'
import { CopyButton, Dashboard, ShortId, Status } from '../ui/dashboard'
import { PreciseTime, RelativeTime } from '../ui/time'
import type { Explanation } from './explain'
import { readLog } from './history'
import type { SentOut } from './inbound-schemas'
import { formatBytes, SECTION } from './inspector-views'
import type { LoadedInbound } from './load'
import { explainReason } from './reasons'
import { hasSecretQuery, isCredential } from './request'

/** What was typed into the form that sends it somewhere. */
export interface Edited {
  to: string
  method: string
  headers: string
  body: string | null
  isEdited: boolean
  credentials: boolean
}

interface DetailProps {
  loaded: LoadedInbound
  explanation: Explanation
  notice?: string | undefined
  error?: string | undefined
  sent?: SentOut | undefined
  edited?: Edited | undefined
  now: number
}

export function DetailPage(props: DetailProps) {
  const { loaded, explanation, now } = props
  const { row, source, request } = loaded
  const type = headerOf(request, 'content-type')
  return (
    <Dashboard title="Inbound message" section={SECTION} notice={props.notice} error={props.error}>
      <p class="lead">
        <Status value={row.status} /> {row.eventType && <code>{row.eventType}</code>} at{' '}
        <a href={`/admin/sources/${row.sourceId}`}>{source.row.name}</a> ({source.provider.name})
      </p>
      <p>
        <ShortId id={row.id} /> · <RelativeTime at={row.receivedAt} now={now} /> (
        <PreciseTime at={row.receivedAt} />)
        {row.externalId && (
          <>
            {' '}
            · delivery id <code>{row.externalId}</code>
          </>
        )}
        {row.repeats > 0 && <> · came {row.repeats + 1} times, kept once</>}
        {row.sampleKey !== null && <> · a sample of ours</>}
      </p>
      {row.reason && <p class="notice bad">{explainReason(row.reason)}</p>}
      <form method="post" action={`${SECTION}/${row.id}/process`}>
        <button class={row.status === 'failed' ? 'primary' : ''} type="submit">
          Process again
        </button>
      </form>
      <Results loaded={loaded} />
      <Log loaded={loaded} now={now} />
      <VerificationSection explanation={explanation} isSample={row.sampleKey !== null} />
      <section>
        <h2>Request</h2>
        <pre>
          {row.method} /in/{loaded.secrets.token}
          {shownQuery(loaded)}
        </pre>
        <Pairs title="Query" pairs={[...new URLSearchParams(shownQuery(loaded))]} />
        <Headers loaded={loaded} />
      </section>
      <Body loaded={loaded} view={viewBody(request.body, type)} />
      <SendForm {...props} />
      <Curl loaded={loaded} />
    </Dashboard>
  )
}

/** Where the secret is sent in the query, it is not shown unasked. */
function shownQuery({ request, source }: LoadedInbound): string {
  if (request.query === '') return ''
  return hasSecretQuery(source.provider) ? '?(a secret, kept sealed)' : `?${request.query}`
}

function Results({ loaded: { row } }: { loaded: LoadedInbound }) {
  if (row.messageId === null && row.commentId === null) return null
  return (
    <p>
      Became{' '}
      {row.commentId && (
        <>
          the entry <ShortId id={row.commentId} href={`/comments/${row.commentId}`} />{' '}
        </>
      )}
      {row.commentId && row.messageId && 'and '}
      {row.messageId && (
        <>
          the message <ShortId id={row.messageId} href={`/admin/messages/${row.messageId}`} />
        </>
      )}
    </p>
  )
}

function Log({ loaded: { row }, now }: { loaded: LoadedInbound; now: number }) {
  return (
    <section>
      <h2>Log</h2>
      <ol class="log">
        {readLog(row).map(({ at, event, detail }) => (
          <li>
            <b>{event}</b> <RelativeTime at={Date.parse(at)} now={now} />: {detail}
          </li>
        ))}
      </ol>
      {row.status === 'new' && (
        <p class="hint">
          {row.nextAttemptAt === null
            ? 'Its source is paused: it is dealt with when the source goes on.'
            : 'It is dealt with in a moment. Reload to see.'}
        </p>
      )}
    </section>
  )
}

interface VerificationProps {
  explanation: Explanation
  isSample: boolean
}

/** As of now, with the secret as it is now: what it was when it was processed, the log says. */
function VerificationSection({ explanation, isSample }: VerificationProps) {
  const { verified, reason, checks } = explanation
  return (
    <section>
      <h2>Verification, step by step</h2>
      <p>
        {verified ? (
          <>
            <Status value="verified" /> with the secret as it is now.
          </>
        ) : (
          <>
            <Status value="unverified" />{' '}
            {explanation.explanation ?? 'Nothing is signed here; it is let pass all the same.'}
          </>
        )}{' '}
        {isSample && 'A sample is verified with the key that was made up for it, if there is one.'}
      </p>
      {reason !== 'body_removed' && checks.map((check) => <CheckView check={check} />)}
    </section>
  )
}

function CheckView({ check }: { check: Check }) {
  const { scheme, at, received, signed, computed, timestamp, reason } = check
  return (
    <article class="attempt">
      <dl class="steps">
        <dt>Scheme</dt>
        <dd>{scheme}</dd>
        {at && <dt>Looked for in</dt>}
        {at && (
          <dd>
            <code>{at}</code>
          </dd>
        )}
        {signed !== null && <dt>What is signed</dt>}
        {signed !== null && (
          <dd>
            <code>{signed}</code>
          </dd>
        )}
        <Texts title="Received" texts={received} none={at ? 'nothing' : ''} />
        <Texts title="Computed" texts={computed} none="" />
        {timestamp && <dt>Time stamp</dt>}
        {timestamp && (
          <dd>
            <code>{timestamp.text}</code>, {ageOf(timestamp.age)}; {timestamp.tolerance} s are
            allowed
          </dd>
        )}
        <dt>Verdict</dt>
        <dd>{reason === null ? (at ? 'fits' : 'let pass') : reason.replaceAll('_', ' ')}</dd>
      </dl>
    </article>
  )
}

function ageOf(age: number | null): string {
  if (age === null) return 'which is no time'
  return age >= 0 ? `${age} s old when it came` : `${-age} s ahead of our clock`
}

function Texts({ title, texts, none }: { title: string; texts: string[]; none: string }) {
  if (texts.length === 0 && none === '') return null
  return (
    <>
      <dt>{title}</dt>
      <dd>
        {texts.length === 0 && none}
        {texts.map((text) => (
          <div>
            <code>{text}</code>
          </div>
        ))}
      </dd>
    </>
  )
}

function Headers({ loaded }: { loaded: LoadedInbound }) {
  const pairs = loaded.request.headers.map(([name, value]): [string, string] => [
    name,
    isCredential(name, loaded.source.provider) ? '(a secret, kept sealed)' : value,
  ])
  return <Pairs title="Headers" pairs={pairs} />
}

function Pairs({ title, pairs }: { title: string; pairs: [string, string][] }) {
  if (pairs.length === 0) return null
  return (
    <>
      <h3>{title}</h3>
      <table class="pairs">
        <tbody>
          {pairs.map(([name, value]) => (
            <tr>
              <th scope="row">
                <code>{name}</code>
              </th>
              <td>
                <code>{value}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  )
}

const KINDS = {
  json: 'JSON, shown with line breaks',
  form: 'a form',
  xml: 'XML, shown with line breaks',
  text: 'text',
  hex: 'no text, shown in hex',
  empty: 'nothing',
}

function Body({ loaded: { row, hasBody }, view }: { loaded: LoadedInbound; view: BodyView }) {
  return (
    <section>
      <div class="heading">
        <h2>Body</h2>
        {hasBody && row.size > 0 && (
          <a class="button" href={`${SECTION}/${row.id}/body`}>
            Download
          </a>
        )}
      </div>
      {hasBody ? (
        <p class="hint">
          {formatBytes(row.size)}, {KINDS[view.kind]}
          {view.isCut && '. Only how it begins is shown.'}
        </p>
      ) : (
        <p class="hint">It had {formatBytes(row.size)}, and was removed, being old.</p>
      )}
      {view.text && <pre>{view.text}</pre>}
      <Pairs title="Fields" pairs={view.fields} />
    </section>
  )
}

/** A text in a form of a browser cannot hold everything that a body can. */
const EDITABLE = 64 * 1_024

function SendForm({ loaded, sent, edited }: DetailProps) {
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
          <label class="check">
            <input type="checkbox" name="edited" checked={edited?.isEdited} /> Send what stands
            here, instead of what came. A signature then fits no longer.
          </label>
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
        </details>
        <button type="submit">Send</button>
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

/** Longer ones are for a file. */
const IN_COMMAND = 16 * 1_024

function Curl({ loaded }: { loaded: LoadedInbound }) {
  if (!loaded.hasBody) return null
  const command = curlOf(loaded)
  return (
    <section>
      <div class="heading">
        <h2>As a command</h2>
        <CopyButton text={command} label="Copy the command" />
      </div>
      <pre>{command}</pre>
      <p class="hint">
        Posts the same bytes to the source. The provider's id makes it a repeat, and an old time
        stamp is refused.
      </p>
    </section>
  )
}

function curlOf(loaded: LoadedInbound): string {
  const { row, request, secrets, source } = loaded
  const query = hasSecretQuery(source.provider) ? '?<secret>' : shownQuery(loaded)
  const url = quote(`${row.origin}/in/${secrets.token}${query}`)
  const headers = forwardedHeaders(request.headers).map(([name, value]) => {
    const shown = isCredential(name, source.provider) ? '<secret>' : value
    return `-H ${quote(`${name}: ${shown}`)}`
  })
  const text = decodeUtf8(request.body)
  const isText = text !== null && !text.includes('\0')
  const lines = (before: string, data: string[]) =>
    [`${before}curl -X ${row.method} ${url}`, ...headers, ...data].join(' \\\n  ')
  if (row.size === 0) return lines('', [])
  if (row.size > IN_COMMAND) return lines('', ['--data-binary @body  # downloaded from above'])
  if (isText) return lines('', [`--data-binary ${quote(text)}`])
  return lines(`echo ${toBase64(request.body)} | base64 -d | `, ['--data-binary @-'])
}
