import { Confirm } from '../../../kit/html/confirm'
import { Dashboard, ShortId, Status } from '../../../kit/html/dashboard'
import { Section } from '../../../kit/html/parts/card'
import { ButtonForm } from '../../../kit/html/parts/form'
import { PreciseTime, RelativeTime } from '../../../kit/html/time'
import { UserCode, UserText } from '../../../kit/html/user-text'
import { DASHBOARD } from '../../../kit/lib/paths'
import { requestTitle } from '../../rules/events/request-title'
import type { LoadedInbound } from '../messages/load'
import { readLog } from '../messages/log'
import { isHandshake } from '../messages/repeats'
import { whyNotAgain } from '../process/reprocess'
import { CompareForm } from './compare-views'
import type { Explanation } from './explain'
import { ForwardSection } from './forward-views'
import { remedyFor } from './remedy'
import { BodySection, CurlSection, RequestSection } from './request-views'
import type { Edited, SentOut } from './schemas'
import { VerificationSection } from './verification-views'
import { SourceName } from './views'

interface DetailProps {
  loaded: LoadedInbound
  /** The origin of this guestbook. */
  origin: string
  explanation: Explanation
  /** What the `reason` of the request means, or null. */
  why: string | null
  /** Why the body is not whole, or null. */
  whyCut: string | null
  /** Where webhooks have been forwarded to. */
  destinations: string[]
  /** The message before this one from the same source. */
  earlier: string | null
  sent?: SentOut | undefined
  edited?: Edited | undefined
  now: number
}

export function DetailPage(props: DetailProps) {
  const { loaded, explanation, now } = props
  const { row, source } = loaded
  const title = requestTitle(row)
  const isVerifiable = source.row.status !== 'deleted' && !isHandshake(row)
  return (
    <Dashboard
      title={title}
      pageTitle={`${title} from ${source.row.name} · ${row.status}`}
      section={DASHBOARD.requests}
    >
      <Lead loaded={loaded} />
      <Facts row={row} now={now} />
      <Reason loaded={loaded} why={props.why} />
      <CopyNote row={row} />
      <Acts loaded={loaded} isVerified={explanation.verified} />
      <Results row={row} />
      <Log row={row} now={now} />
      {isVerifiable && <VerificationSection {...{ explanation, row }} provider={source.provider} />}
      <BodySection loaded={loaded} whyCut={props.whyCut} />
      <RequestSection loaded={loaded} />
      <ForwardSection {...props} />
      <CurlSection loaded={loaded} origin={props.origin} />
      <CompareForm id={row.id} earlier={props.earlier} />
      <Confirm
        action={`${DASHBOARD.requests}/${row.id}/delete`}
        label="Delete request"
        summary="Delete"
        isCard
        help={
          <>
            This permanently deletes the request and its body. An entry that it created is kept. An event that it
            published is erased, and no longer sent. If the provider sends the webhook again, it will count as new.
          </>
        }
      />
    </Dashboard>
  )
}

function Lead({ loaded: { row, source } }: { loaded: LoadedInbound }) {
  return (
    <p class="lead">
      <Status value={row.status} /> from <SourceName source={source.row} /> · {source.provider.name}
    </p>
  )
}

type RowProps = { row: LoadedInbound['row'] }

function Facts({ row, now }: RowProps & { now: number }) {
  return (
    <p>
      <ShortId id={row.id} /> · <RelativeTime at={row.received_at} now={now} /> (
      <PreciseTime at={row.received_at} />)
      {row.external_id && (
        <>
          {' '}
          · delivery ID <UserCode text={row.external_id} />
        </>
      )}
      {row.repeats > 0 && <> · received {row.repeats + 1} times, stored once</>}
      {row.sample_key !== null && ' · sample'}
    </p>
  )
}

function Reason({ loaded: { row }, why }: Pick<DetailProps, 'loaded' | 'why'>) {
  if (why === null) return null
  return (
    <p class="notice bad">
      {why}
      {row.reason === 'template_error' && (
        <>
          {' '}
          <UserText text={readLog(row).at(-1)?.detail ?? ''} />
        </>
      )}
    </p>
  )
}

/** The earlier message may have been removed by now. */
function CopyNote({ row }: RowProps) {
  if (!row.copy_of) return null
  return (
    <p class="notice bad">
      An earlier request has the same body and signature, but a different delivery ID or event type. The signature
      covers neither, so someone may have copied that request and sent it again:{' '}
      <ShortId id={row.copy_of} href={`${DASHBOARD.requests}/${row.copy_of}`} />
    </p>
  )
}

/** What helps comes first: a request whose secret was wrong fails again until the secret is changed. */
function Acts({ loaded, isVerified }: { loaded: LoadedInbound; isVerified: boolean }) {
  const { row } = loaded
  const remedy = remedyFor(loaded, isVerified)
  const isFirst = remedy === null && row.status === 'failed'
  return (
    <div class="inline">
      {remedy && (
        <a class="button primary" href={`${DASHBOARD.sources}/${row.source_id}#${remedy.at}`}>
          {remedy.label}
        </a>
      )}
      {whyNotAgain(loaded) === null && (
        <ButtonForm
          action={`${DASHBOARD.requests}/${row.id}/process`}
          label="Reprocess"
          kind={isFirst ? 'primary' : undefined}
        />
      )}
    </div>
  )
}

function Results({ row }: RowProps) {
  if (row.message_id === null && row.comment_id === null) return null
  return (
    <p>
      Created{' '}
      {row.comment_id && (
        <>
          entry <ShortId id={row.comment_id} href={`/comments/${row.comment_id}`} />{' '}
        </>
      )}
      {row.comment_id && row.message_id && 'and '}
      {row.message_id && (
        <>
          event <ShortId id={row.message_id} href={`${DASHBOARD.messages}/${row.message_id}`} />
        </>
      )}
    </p>
  )
}

function Log({ row, now }: RowProps & { now: number }) {
  return (
    <Section title="Log">
      <ol class="log">
        {readLog(row).map(({ at, event, detail }) => (
          <li>
            <b>{event}</b> <RelativeTime at={Date.parse(at)} now={now} />: <UserText text={detail} />
          </li>
        ))}
      </ol>
      {row.status === 'new' && (
        <p class="hint">
          {row.next_attempt_at === null
            ? 'The source is paused. This request will be processed when you resume the source.'
            : 'Waiting to be processed. Reload the page to see the result.'}
        </p>
      )}
    </Section>
  )
}
