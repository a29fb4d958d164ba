import { Empty, ShortId, Status } from '../../../kit/html/dashboard'
import { Card } from '../../../kit/html/parts/card'
import { Input, Select } from '../../../kit/html/parts/fields'
import { ButtonForm, Form, Hidden, Submit } from '../../../kit/html/parts/form'
import { ExactTime, RelativeTime, SweepTime } from '../../../kit/html/time'
import { UserLink } from '../../../kit/html/user-text'
import { timeOfId } from '../../../kit/lib/ids'
import { DASHBOARD } from '../../../kit/lib/paths'
import { MINUTE_MS } from '../../../kit/lib/time'
import { UnknownType } from '../../endpoints/page/settings-card'
import type { Viewed } from '../../endpoints/page/viewer'
import type { EndpointRow } from '../../endpoints/store'
import { nothingUntil } from '../../endpoints/views'
import type { BreakerState } from '../../rules/delivering/breaker'
import { mayPass } from '../../rules/delivering/breaker'
import { countText } from '../messages/views'
import { INTEGRATOR_DAYS, RESEND_SPANS, type ReplayFields } from './form'
import type { ResendPreview } from './preview'
import { MAX_PROGRESS_COUNTED, type ShownJob } from './progress'

/** Each refresh counts up to 6,000 rows: 2,000 for each of three replays. */
const REFRESH_SECONDS = 15

interface ReplayProps extends Viewed {
  jobs: ShownJob[]
  fields: ReplayFields
  /** What a replay with these fields would send, if that was asked. */
  preview: ResendPreview | null
  /** The event types that the form suggests. */
  types: readonly string[]
}

/** Previews and starts replays, and shows their progress. */
export function ReplayCard(props: ReplayProps) {
  const { endpoint, viewer } = props
  return (
    <Card id="replay">
      {endpoint.status === 'enabled' ? (
        <ReplayForms {...props} />
      ) : (
        <Empty>{nothingUntil(endpoint, viewer.isOwner)}</Empty>
      )}
      <LiveJobs {...props} path={viewer.page} />
    </Card>
  )
}

/** The preview is a page with an address of its own. What it has counted, a second form sends. */
function ReplayForms({ fields, preview, viewer, types }: ReplayProps) {
  return (
    <>
      {viewer.isOwner ? (
        <p>
          Resends messages, the oldest first. They keep their IDs. Missed messages were never sent to this endpoint, for
          example because it was disabled. The preview only counts the messages.
        </p>
      ) : (
        <p>
          Resends messages from the last {INTEGRATOR_DAYS} days, for example those that the endpoint missed while it was
          paused. The oldest are sent first. They keep their IDs. The preview only counts the messages.
        </p>
      )}
      <Form method="get" action={viewer.page} hasErrors>
        <Hidden fields={{ tab: 'replay', preview: 'true' }} />
        <ReplayInputs {...{ fields, types }} isOwner={viewer.isOwner} />
        <Submit label="Preview" />
      </Form>
      {preview && <PreviewNote {...preview} isOwner={viewer.isOwner} />}
      {preview && preview.count > 0 && (
        <ButtonForm
          action={viewer.may.replay}
          hidden={{ ...fields }}
          kind="primary"
          label={`Replay ${countText(preview, 'message')}`}
        />
      )}
    </>
  )
}

interface JobsProps extends Pick<ReplayProps, 'jobs' | 'endpoint' | 'now'> {
  /** The path of the endpoint's page. */
  path: string
}

/** The progress of replays. While one goes on, dashboard.js keeps it up to date. */
function LiveJobs(props: JobsProps) {
  const live = props.jobs.some((job) => isGoing(job, props.now)) ? `${props.path}?part=jobs` : undefined
  return (
    <div data-live={live} data-live-seconds={REFRESH_SECONDS}>
      <JobList {...props} />
    </div>
  )
}

const ONLY = { failed: 'Failed deliveries', missing: 'Missed messages', all: 'All messages' }

type InputsProps = Pick<ReplayProps, 'fields' | 'types'> & { isOwner: boolean }

function ReplayInputs({ fields: { only, span, event_types: value }, types, isOwner }: InputsProps) {
  const choices = Object.entries(ONLY).filter(([name]) => isOwner || name !== 'all')
  const spans = RESEND_SPANS.filter(({ days }) => isOwner || days <= INTEGRATOR_DAYS)
  const typed = {
    value,
    suggestions: types,
    list: 'types',
    hint: (
      <>
        Leave this empty for all event types, or enter some, such as <code>comment.published</code> or{' '}
        <code>comment.*</code>.
      </>
    ),
  }
  return (
    <>
      <Select name="only" label="Which messages" choices={choices} value={only} />
      <Select
        name="span"
        label="Time range"
        choices={spans.map(({ days, label }) => [days, label] as const)}
        value={span}
      />
      <Input id="replay_types" name="event_types" label="Event types" {...typed} />
    </>
  )
}

const NOTHING = 'Nothing to replay: no message matches. Waiting messages do not need a replay.'

function PreviewNote({ unknown, isOwner, ...preview }: ResendPreview & { isOwner: boolean }) {
  if (unknown.length > 0) return unknown.map((filter) => <UnknownType {...filter} />)
  if (preview.count === 0) return <p class="notice">{NOTHING}</p>
  const { first } = preview
  return (
    <div class="notice">
      <p>
        <b>{countText(preview, 'message')}</b> will be sent again with the same IDs, so the receiver can recognize
        duplicates.
        {first.length > 0 && ' The oldest:'}
      </p>
      <ul class="ids">
        {first.map(({ id, title = 'A message' }) => (
          <li>
            <UserLink href={isOwner ? `${DASHBOARD.messages}/${id}` : undefined} text={title} />,{' '}
            <ExactTime at={timeOfId(id)} />
          </li>
        ))}
      </ul>
    </div>
  )
}

/** The replays alone, which dashboard.js keeps up to date. */
export const JobList = ({ jobs, ...props }: JobsProps) => jobs.map((shown) => <JobProgress shown={shown} {...props} />)

/** What can still be canceled: see `stopReplay`. */
const isWaiting = ({ job, progress }: ShownJob) => job.state === 'running' || (progress?.waiting ?? 0) > 0

/** Right after the last message was queued, deliveries that are being sent are in no count yet. */
function isGoing(shown: ShownJob, now: number): boolean {
  const { job, progress } = shown
  const isNew = job.state === 'done' && now - (job.finished_at ?? 0) < MINUTE_MS
  return isWaiting(shown) || (isNew && progress !== null && progress.delivered + progress.failed < job.done)
}

/** How a replay goes on: nothing is queued or sent while the endpoint is disabled or its breaker is not passing. */
function statusOf({ status, breaker }: EndpointRow) {
  if (status !== 'enabled') return 'paused'
  if (breaker === 'held') return 'throttled'
  return mayPass(breaker, 'drain') ? 'draining' : 'breaker_open'
}

function JobProgress({ shown, endpoint, path, now }: { shown: ShownJob } & Omit<JobsProps, 'jobs'>) {
  const { job, progress } = shown
  const { id, state, done, counted } = job
  const going = isGoing(shown, now)
  const isEmpty = counted === 0 && job.counted_all === 1
  return (
    <article class="job">
      <p>
        <Status value={going ? statusOf(endpoint) : state} /> {ONLY[job.only]}, started{' '}
        <RelativeTime at={job.created_at} now={now} /> <ShortId id={id} />
      </p>
      {going && (
        <progress
          max={Math.max(counted, done, 1)}
          value={progress ? progress.delivered + progress.failed : done}
          aria-label="Sent"
        />
      )}
      {isEmpty ? (
        <p>{NOTHING}</p>
      ) : (
        <p>
          <Counts {...shown} />
        </p>
      )}
      {going && <Waiting endpoint={endpoint} now={now} />}
      {isWaiting(shown) && <ButtonForm action={`${path}/jobs/${id}/cancel`} label="Cancel" />}
    </article>
  )
}

/** Of older replays, only their own columns are shown. */
function Counts({ job: { done, counted, counted_all }, progress }: ShownJob) {
  const total = countText({ count: counted, counted_all: counted_all === 1 }, 'message')
  if (!progress)
    return (
      <>
        {done} of {total} queued.
      </>
    )
  const { delivered, failed, waiting } = progress
  const left = Math.max(counted - done, 0)
  return (
    <>
      Of {total}: <b>{upTo(delivered)}</b> sent, <b>{upTo(failed)}</b> failed, <b>{upTo(waiting + left)}</b> waiting.
    </>
  )
}

const WHY_THEY_WAIT: Record<BreakerState, string> = {
  open: 'They wait until the endpoint works again. We try one delivery',
  probing: 'They wait until the endpoint works again. We are trying one delivery now',
  held: 'The receiver asked for a pause. They continue',
  draining: 'They are sent oldest first, at the rate limit of the endpoint. The next ones are sent',
  closed: 'They are about to be sent',
}

/** Says why the messages of a replay wait, and that the progress updates by itself. */
function Waiting({ endpoint, now }: Pick<ReplayProps, 'endpoint' | 'now'>) {
  const { status, breaker, resume_at } = endpoint
  const hasTime = resume_at !== null && breaker !== 'closed' && breaker !== 'probing'
  return (
    <p class="hint">
      {status === 'enabled' ? WHY_THEY_WAIT[breaker] : 'They wait until the endpoint is enabled'}
      {status === 'enabled' && hasTime && (
        <>
          {' '}
          <SweepTime at={resume_at} now={now} />
        </>
      )}
      . <noscript>Reload the page to see the progress.</noscript>
    </p>
  )
}

const upTo = (count: number): string => (count < MAX_PROGRESS_COUNTED ? String(count) : `${MAX_PROGRESS_COUNTED}+`)
