import { Empty, ShortId, Status } from '../../../kit/html/dashboard'
import { Card } from '../../../kit/html/parts/card'
import { Input, Select } from '../../../kit/html/parts/fields'
import { ButtonForm, Form, Submit } from '../../../kit/html/parts/form'
import { RelativeTime, SweepTime } from '../../../kit/html/time'
import type { EndpointProps } from '../../endpoints/page/viewer'
import type { EndpointRow } from '../../endpoints/store'
import { type BreakerState, mayPass } from '../../rules/delivering/breaker'
import { countText } from '../messages/views'
import { INTEGRATOR_DAYS, type ReplayFields, SPANS } from './form'
import { MAX_COUNTED, type Progress, type ShownJob } from './progress'
import type { CandidateCount } from './select-messages'

/** Each refresh counts up to 6,000 rows: 2,000 for each of three replays. */
const REFRESH_SECONDS = 15

/** Previews and starts replays, and shows their progress. */
export function ReplayCard({ endpoint, viewer, asked, jobs, now }: EndpointProps) {
  const isEnabled = endpoint.status === 'enabled'
  if (!viewer.isOwner && !isEnabled && jobs.length === 0) return null
  return (
    <Card id="replay" title="Replay messages">
      {isEnabled &&
        (asked ? <ReplayForm {...asked} at={viewer.may.replay} /> : <LastDaysForm at={viewer.may.replay} />)}
      {!isEnabled && viewer.isOwner && <Empty>Enable the endpoint first.</Empty>}
      <LiveJobs {...{ jobs, endpoint, now }} path={viewer.page} />
    </Card>
  )
}

function ReplayForm({ fields, counted, at }: NonNullable<EndpointProps['asked']> & { at: string | undefined }) {
  return (
    <Form action={at}>
      <ReplayInputs fields={fields} />
      {counted && <Preview {...counted} />}
      <Submit name="dry_run" value="true" label="Preview" />
      {counted && counted.count > 0 && <Submit kind="primary" label={`Replay ${countText(counted, 'message')}`} />}
    </Form>
  )
}

function LastDaysForm({ at }: { at: string | undefined }) {
  return (
    <Form action={at}>
      <p>
        Sends messages of the last {INTEGRATOR_DAYS} days again, oldest first, with the same ids. It missed the events
        that happened while it was paused.
      </p>
      <Submit name="only" value="failed" label="What failed" />
      <Submit name="only" value="missing" label="What was missed" />
    </Form>
  )
}

interface JobsProps extends Pick<EndpointProps, 'jobs' | 'endpoint' | 'now'> {
  /** The path of the endpoint's page. */
  path: string
}

/** The progress of replays. While one goes on, dashboard.js keeps it up to date. */
function LiveJobs(props: JobsProps) {
  const live = props.jobs.some(isGoing) ? `${props.path}?part=jobs` : undefined
  return (
    <div data-live={live} data-live-seconds={REFRESH_SECONDS}>
      <JobList {...props} />
    </div>
  )
}

const ONLY = { failed: 'Failed deliveries', missing: 'Missed messages', all: 'All messages' }

function ReplayInputs({ fields: { only, span, event_types } }: { fields: ReplayFields }) {
  const spans = SPANS.map(({ days, label }) => [days, label] as const)
  const label = 'Event types (leave empty for all)'
  return (
    <>
      <Select name="only" label="Which messages" choices={ONLY} value={only} />
      <Select name="span" label="Time range" choices={spans} value={span} />
      <Input id="replay_types" name="event_types" label={label} value={event_types} />
    </>
  )
}

function Preview(counted: CandidateCount) {
  if (counted.count === 0) return <p class="notice">No messages to replay.</p>
  return (
    <div class="notice">
      <p>
        <b>{countText(counted, 'message')}</b> will be sent again with the same ids, so the receiver can recognize
        duplicates. The first messages:
      </p>
      <ul class="ids">
        {counted.first_ids.map((id) => (
          <li>
            <ShortId id={id} href={`/admin/messages/${id}`} />
          </li>
        ))}
      </ul>
    </div>
  )
}

/** The replays alone, which dashboard.js keeps up to date. */
export function JobList({ jobs, ...props }: JobsProps) {
  return (
    <>
      {jobs.map((shown) => (
        <JobProgress shown={shown} {...props} />
      ))}
    </>
  )
}

function isGoing({ job, progress }: ShownJob): boolean {
  return job.state === 'running' || (progress?.waiting ?? 0) > 0
}

/** Why queued messages wait, by the state of the breaker. */
const WAITS: Record<BreakerState, string> = {
  open: 'breaker open, next probe',
  probing: 'one delivery is being tried',
  held: 'the receiver asked for a pause, until',
  draining: 'sent oldest first, at the pace of the endpoint; next page',
  closed: 'they are about to be sent',
}

/** How a replay goes on: nothing is queued or sent while the endpoint is disabled or its breaker is not passing. */
function statusOf({ status, breaker }: EndpointRow) {
  if (status !== 'enabled') return 'paused'
  if (breaker === 'held') return 'held'
  return mayPass(breaker, 'drain') ? 'draining' : 'breaker_open'
}

function JobProgress({ shown, endpoint, path, now }: { shown: ShownJob } & Omit<JobsProps, 'jobs'>) {
  const { job, progress } = shown
  const { id, state, done, counted } = job
  const going = isGoing(shown)
  const rest = { counted_all: job.counted_all === 1 }
  const total = countText({ ...rest, count: counted }, 'message')
  return (
    <article class="job">
      <p>
        <Status value={going ? statusOf(endpoint) : state} /> {ONLY[job.only]}, started{' '}
        <RelativeTime at={job.created_at} now={now} /> <ShortId id={id} />
      </p>
      {going && (
        <progress max={Math.max(counted, done, 1)} value={progress ? progress.delivered + progress.failed : done} />
      )}
      {counted === 0 && job.counted_all === 1 ? (
        <p>There was nothing to replay. Deliveries that already wait are sent without a replay.</p>
      ) : (
        <p>
          {done} of {total} queued{progress ? <Counts {...progress} /> : '.'}
          {state === 'running' && counted > done && (
            <> Still to queue: {countText({ ...rest, count: counted - done }, 'message')}.</>
          )}
        </p>
      )}
      {going && <Waiting endpoint={endpoint} now={now} />}
      {going && <ButtonForm action={`${path}/jobs/${id}/cancel`} label="Cancel" />}
    </article>
  )
}

function Counts({ delivered, failed, waiting }: Progress) {
  return (
    <>
      : <b>{upTo(delivered)}</b> delivered, <b>{upTo(failed)}</b> failed, <b>{upTo(waiting)}</b> waiting.
    </>
  )
}

/** Says why the messages of a replay wait. */
function Waiting({ endpoint, now }: Pick<EndpointProps, 'endpoint' | 'now'>) {
  if (endpoint.status !== 'enabled') return <p class="hint">They wait until the endpoint is enabled.</p>
  const { breaker, resume_at } = endpoint
  return (
    <p class="hint">
      Why they wait: {WAITS[breaker]}{' '}
      {resume_at !== null && breaker !== 'closed' && breaker !== 'probing' && <SweepTime at={resume_at} now={now} />}.
      Reload the page to see the progress.
    </p>
  )
}

function upTo(count: number): string {
  return count < MAX_COUNTED ? String(count) : `${MAX_COUNTED}+`
}
