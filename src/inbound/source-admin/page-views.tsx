import type { Provider } from '../../core/verifying/scheme'
import { CopyButton, Dashboard, Empty, Status } from '../../ui/dashboard'
import { formatBytes, InboundHead, InboundRows } from '../inspector/views'
import { explainUnusable } from '../messages/explain-reason'
import type { Kept, ListedInbound } from '../messages/queries'
import type { SourceOut } from '../sources/schemas'
import type { SourceFields } from './form'
import { SourceInputs } from './form-views'
import type { Preview } from './preview'

const SECTION = '/admin/sources' as const

interface SourceProps {
  source: SourceOut
  provider: Provider
  /** No signature can be verified with its secret. */
  isUnusable: boolean
  /** When it is to be shown. */
  secret: string | undefined
  fields: SourceFields
  latest: ListedInbound[]
  kept: Kept
  preview?: Preview | undefined
  notice?: string | undefined
  error?: string | undefined
  now: number
}

export function SourcePage(props: SourceProps) {
  const { source, provider, now } = props
  const path = `${SECTION}/${source.id}`
  return (
    <Dashboard title={source.name} section={SECTION} notice={props.notice} error={props.error}>
      <p class="lead">
        <Status value={source.status} /> {provider.name}; what comes{' '}
        {{ keep: 'is kept', publish: 'is published', sign: 'signs the guestbook' }[source.act]}
      </p>
      <section class="card">
        <h2>Its address</h2>
        <p class="secret">
          <code>{source.url}</code> <CopyButton text={source.url} label="Copy the address" />
        </p>
        <p>
          {provider.setup} <a href={provider.docs}>Documentation</a>
        </p>
        <p class="hint">Whoever has the address may post to it: treat it as a secret.</p>
        {props.isUnusable && !props.error && <p class="notice bad">{explainUnusable(provider)}</p>}
        {!source.has_secret && provider.secret.by !== 'nobody' && (
          <p class="notice bad">
            There is no secret yet: what comes is kept, but cannot be verified. Enter it below.
          </p>
        )}
        <form method="post" action={`${path}/sample`}>
          <button class="primary" type="submit">
            Send a sample
          </button>{' '}
          <span class="hint">
            As {provider.name.replace('Custom: ', 'a sender with ')} would sign it. The source does
            with it what it does with any other.
          </span>
        </form>
      </section>
      <Latest {...props} />
      {provider.slug !== 'unsigned' && <SecretCard {...props} path={path} />}
      <ChangeForm {...props} path={path} now={now} />
      <Danger source={source} path={path} />
    </Dashboard>
  )
}

function Latest({ source, latest, kept, now }: SourceProps) {
  const list = `/admin/inbound?source=${source.id}`
  return (
    <section>
      <div class="heading">
        <h2>What came in lately</h2>
        <a href={list}>All of it</a>
      </div>
      {latest.length === 0 ? (
        <Empty>Nothing yet.</Empty>
      ) : (
        <table>
          <InboundHead />
          <tbody>
            <InboundRows rows={latest} now={now} />
          </tbody>
        </table>
      )}
      {kept.messages > 0 && (
        <p class="hint">
          {kept.hasMore ? `The last ${kept.messages} take ` : `${kept.messages} kept: `}
          {formatBytes(kept.bytes)} of bodies, for{' '}
          {source.body_retention_days ?? source.retention_days} days.
        </p>
      )}
      {latest.some(({ status }) => status === 'failed') && (
        <form method="post" action={`${SECTION}/${source.id}/replay`}>
          <button type="submit">Process again all that failed</button>
        </form>
      )}
    </section>
  )
}

function SecretCard({ source, provider, secret, path }: SourceProps & { path: string }) {
  const { what, where } = provider.secret
  return (
    <section class="card">
      <h2>Secret</h2>
      <p>
        {what}: {where}.{' '}
        {secret !== undefined ? (
          <span class="secret">
            <code>{secret}</code> <CopyButton text={secret} label="Copy the secret" />
          </span>
        ) : (
          source.has_secret && <a href={`${path}?secret=show`}>Show it</a>
        )}
      </p>
      {source.previous_secret_expires_at && (
        <p class="hint">
          The previous one is accepted until {source.previous_secret_expires_at.slice(0, 16)} UTC.
        </p>
      )}
      <form method="post" action={`${path}/secret`}>
        <label for="new-secret">{source.has_secret ? 'New secret' : 'Enter it'}</label>
        <input id="new-secret" name="secret" required maxlength={5_000} autocomplete="off" />
        {source.has_secret && (
          <>
            <label for="grace">Keep accepting the old one for</label>
            <select id="grace" name="grace">
              <option value="86400">a day</option>
              <option value="604800">a week</option>
              <option value="0">not at all</option>
            </select>
          </>
        )}
        <button type="submit">Save the secret</button>
      </form>
      {source.has_secret && (
        <details>
          <summary>Remove it…</summary>
          <form method="post" action={`${path}/forget-secret`}>
            <p>What comes is then kept, but cannot be verified.</p>
            <button class="danger" type="submit">
              Remove the secret
            </button>
          </form>
        </details>
      )}
    </section>
  )
}

function ChangeForm({ provider, fields, preview, path }: SourceProps & { path: string }) {
  return (
    <form class="card" method="post" action={path} id="change">
      <h2>What it does</h2>
      <SourceInputs provider={provider} fields={fields} />
      {preview && <PreviewView preview={preview} />}
      <button class="primary" type="submit">
        Save
      </button>
      <button type="submit" formaction={`${path}/preview#preview`}>
        Preview the entry
      </button>
    </form>
  )
}

function PreviewView({ preview }: { preview: Preview }) {
  const { holds, name, body, website, errors, inbound_id: id } = preview
  return (
    <div class="notice" id="preview" role="status">
      <p class="small">
        With {id ? <a href={`/admin/inbound/${id}`}>the latest message</a> : 'the sample'}. Nothing
        was signed, nothing saved.
      </p>
      {!holds && <p>The condition is not met: the guestbook would not be signed.</p>}
      {errors.map((error) => (
        <p class="bad">{error}</p>
      ))}
      {name !== null && (
        <p>
          <b>{name || '(no name)'}</b> {website && <span class="small">{website}</span>}
        </p>
      )}
      {body !== null && <p class="words">{body || '(no words)'}</p>}
    </div>
  )
}

function Danger({ source, path }: { source: SourceOut; path: string }) {
  const isPaused = source.status === 'paused'
  return (
    <section>
      <form method="post" action={`${path}/${isPaused ? 'resume' : 'pause'}`}>
        <button type="submit">{isPaused ? 'Resume' : 'Pause'}</button>{' '}
        <span class="hint">
          {isPaused
            ? 'What was kept meanwhile is processed.'
            : 'What comes is then kept, and processed when you resume.'}
        </span>
      </form>
      <details class="card">
        <summary>Another address…</summary>
        <form method="post" action={`${path}/url`}>
          <p>
            For when this one has leaked: it is dead within a minute. Enter the new one at the
            provider.
          </p>
          <button class="danger" type="submit">
            Give it another address
          </button>
        </form>
      </details>
      <details class="card">
        <summary>Delete…</summary>
        <form method="post" action={`${path}/delete`}>
          <p>
            Its address is dead within a minute, and nothing that comes is acted upon. What it
            received stays in the log until it is old.
          </p>
          <button class="danger" type="submit">
            Delete this source
          </button>
        </form>
      </details>
    </section>
  )
}
