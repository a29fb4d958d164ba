import { forwardedHeaders } from '../../core/delivering/forwarded-request'
import { decodeUtf8, toBase64 } from '../../core/lib/bytes'
import { type BodyView, viewBody } from '../../core/lib/pretty-body'
import { headerOf } from '../../core/verifying/request'
import { quote } from '../../outbound/http/curl'
import { CopyButton, Dashboard, ShortId, Status } from '../../ui/dashboard'
import { PreciseTime, RelativeTime } from '../../ui/time'
import { explainReason } from '../messages/explain-reason'
import type { LoadedInbound } from '../messages/load'
import { readLog } from '../messages/log'
import { hasSecretQuery, isCredential } from '../messages/stored-request'
import { isHandshake, whyNotAgain } from '../process/reprocess'
import type { Explanation } from './explain'
import { type Edited, SendForm } from './forward-views'
import { Pairs } from './pairs-view'
import type { SentOut } from './schemas'
import { VerificationSection } from './verification-views'
import { formatBytes, SECTION } from './views'

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
  const isJudged = source.row.status !== 'deleted' && !isHandshake(row)
  return (
    <Dashboard title="Inbound message" section={SECTION} notice={props.notice} error={props.error}>
      <Lead loaded={loaded} />
      <Facts row={row} now={now} />
      <Reason loaded={loaded} />
      {whyNotAgain(loaded) === null && <ProcessForm row={row} />}
      <Results loaded={loaded} />
      <Log loaded={loaded} now={now} />
      {isJudged && <VerificationSection explanation={explanation} row={row} />}
      <Request loaded={loaded} />
      <Body loaded={loaded} view={viewBody(request.body, headerOf(request, 'content-type'))} />
      <SendForm {...props} />
      <Curl loaded={loaded} />
      <Remove row={row} />
    </Dashboard>
  )
}

function Lead({ loaded: { row, source } }: { loaded: LoadedInbound }) {
  return (
    <p class="lead">
      <Status value={row.status} /> {row.event_type && <code>{row.event_type}</code>} at{' '}
      {source.row.status === 'deleted' ? (
        <>{source.row.name}, deleted</>
      ) : (
        <a href={`/admin/sources/${row.source_id}`}>{source.row.name}</a>
      )}{' '}
      ({source.provider.name})
    </p>
  )
}

interface RowProps {
  row: LoadedInbound['row']
}

function Facts({ row, now }: RowProps & { now: number }) {
  return (
    <p>
      <ShortId id={row.id} /> · <RelativeTime at={row.received_at} now={now} /> (
      <PreciseTime at={row.received_at} />)
      {row.external_id && (
        <>
          {' '}
          · delivery id <code>{row.external_id}</code>
        </>
      )}
      {row.repeats > 0 && <> · came {row.repeats + 1} times, kept once</>}
      {row.sample_key !== null && <> · a sample of ours</>}
    </p>
  )
}

function Reason({ loaded: { row, source } }: { loaded: LoadedInbound }) {
  if (!row.reason) return null
  const isMendable = source.row.status !== 'deleted' && /(secret|signature)/.test(row.reason)
  const detail = row.reason === 'template_error' ? ` ${readLog(row).at(-1)?.detail}` : ''
  return (
    <p class="notice bad">
      {explainReason(row.reason)}
      {detail}
      {isMendable && (
        <>
          {' '}
          <a href={`/admin/sources/${row.source_id}`}>To the secret of the source</a>
        </>
      )}
    </p>
  )
}

function ProcessForm({ row }: RowProps) {
  return (
    <form method="post" action={`${SECTION}/${row.id}/process`}>
      <button class={row.status === 'failed' ? 'primary' : ''} type="submit">
        Process again
      </button>
    </form>
  )
}

function Remove({ row }: RowProps) {
  return (
    <details class="card">
      <summary>Delete…</summary>
      <form method="post" action={`${SECTION}/${row.id}/delete`}>
        <p>
          It is gone for good, its body too. What became of it stays; if it is sent again, it is
          new.
        </p>
        <button class="danger" type="submit">
          Delete this message
        </button>
      </form>
    </details>
  )
}

function Request({ loaded }: { loaded: LoadedInbound }) {
  return (
    <section>
      <h2>Request</h2>
      <pre>
        {loaded.row.method} {loaded.path}
        {shownQuery(loaded)}
      </pre>
      <Pairs title="Query" pairs={[...new URLSearchParams(shownQuery(loaded))]} />
      <Headers loaded={loaded} />
    </section>
  )
}

/** Where the secret is sent in the query, it is not shown unasked. */
function shownQuery({ request, source }: LoadedInbound): string {
  if (request.query === '') return ''
  return hasSecretQuery(source.provider) ? '?(a secret, kept sealed)' : `?${request.query}`
}

function Results({ loaded: { row } }: { loaded: LoadedInbound }) {
  if (row.message_id === null && row.comment_id === null) return null
  return (
    <p>
      Became{' '}
      {row.comment_id && (
        <>
          the entry <ShortId id={row.comment_id} href={`/comments/${row.comment_id}`} />{' '}
        </>
      )}
      {row.comment_id && row.message_id && 'and '}
      {row.message_id && (
        <>
          the message <ShortId id={row.message_id} href={`/admin/messages/${row.message_id}`} />
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
          {row.next_attempt_at === null
            ? 'Its source is paused: it is processed when the source is resumed.'
            : 'It is dealt with in a moment. Reload to see.'}
        </p>
      )}
    </section>
  )
}

function Headers({ loaded }: { loaded: LoadedInbound }) {
  const pairs = loaded.request.headers.map(([name, value]): [string, string] => [
    name,
    isCredential(name, loaded.source.provider) ? '(a secret, kept sealed)' : value,
  ])
  return <Pairs title="Headers" pairs={pairs} />
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
  const { row, request, path, source } = loaded
  const query = hasSecretQuery(source.provider) ? '?<secret>' : shownQuery(loaded)
  const url = quote(`${row.origin}${path}${query}`)
  const headers = forwardedHeaders(request.headers).map(([name, value]) => {
    const shown = isCredential(name, source.provider) ? '<secret>' : value
    return `-H ${quote(`${name}: ${shown}`)}`
  })
  const lines = (before: string, data: string[]) =>
    [`${before}curl -X ${row.method} ${url}`, ...headers, ...data].join(' \\\n  ')
  if (row.size === 0) return lines('', [])
  if (row.size > IN_COMMAND) return lines('', ['--data-binary @body  # downloaded from above'])
  const text = decodeUtf8(request.body)
  const isText = text !== null && !text.includes('\0')
  if (isText) return lines('', [`--data-binary ${quote(text)}`])
  return lines(`echo ${toBase64(request.body)} | base64 -d | `, ['--data-binary @-'])
}
