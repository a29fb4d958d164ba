import type { EndpointRow } from '../../endpoints/store'
import { Empty, ShortId, Status } from '../../ui/dashboard'
import { RelativeTime } from '../../ui/time'
import { type ReplayFields, SPANS } from './form'
import type { countCandidates } from './select-messages'
import type { JobRow } from './store'

interface ReplayProps {
  endpoint: EndpointRow
  fields: ReplayFields
  /** How many that would be, when that was asked. */
  counted: Awaited<ReturnType<typeof countCandidates>> | null
  jobs: JobRow[]
  now: number
}

/** Sending many again: first counted, then done, then watched. */
export function ReplayCard({ endpoint, fields, counted, jobs, now }: ReplayProps) {
  return (
    <section class="card" id="replay">
      <h2>Send many again</h2>
      {endpoint.status === 'enabled' ? (
        <form method="post" action={`/admin/endpoints/${endpoint.id}/replay#replay`}>
          <ReplayInputs fields={fields} />
          {counted && <Counted {...counted} />}
          <button type="submit" name="dry_run" value="true">
            Count them
          </button>
          {counted && counted.count > 0 && (
            <button type="submit" class="primary">
              Send them
            </button>
          )}
        </form>
      ) : (
        <Empty>Enable the endpoint first.</Empty>
      )}
      {jobs.map((job) => (
        <JobProgress job={job} now={now} />
      ))}
    </section>
  )
}

const ONLY = {
  failed: 'what failed',
  missing: 'what it never got',
  all: 'everything that does not wait already',
}

function ReplayInputs({ fields }: { fields: ReplayFields }) {
  return (
    <>
      <label for="only">Which messages</label>
      <select id="only" name="only">
        {Object.entries(ONLY).map(([value, label]) => (
          <option value={value} selected={value === fields.only}>
            {label}
          </option>
        ))}
      </select>
      <label for="span">Of the last</label>
      <select id="span" name="span">
        {SPANS.map(({ days, label }) => (
          <option value={days} selected={String(days) === fields.span}>
            {label}
          </option>
        ))}
      </select>
      <label for="replay_types">Event types (all that it asks for, if empty)</label>
      <input id="replay_types" name="event_types" value={fields.event_types} />
    </>
  )
}

function Counted({ count, counted_all: countedAll, first }: NonNullable<ReplayProps['counted']>) {
  if (count === 0) return <p class="notice">There are none. Nothing was sent.</p>
  return (
    <div class="notice">
      <p>
        <b>
          {countedAll ? count : `More than ${count}`} {count === 1 ? 'message' : 'messages'}
        </b>
        , with the same ids as before; the receiver can tell that it knows them. The first:
      </p>
      <ul class="ids">
        {first.map((id) => (
          <li>
            <ShortId id={id} href={`/admin/messages/${id}`} />
          </li>
        ))}
      </ul>
    </div>
  )
}

function JobProgress({ job, now }: { job: JobRow; now: number }) {
  const { id, state, done, counted, counted_all: countedAll } = job
  return (
    <article class="job">
      <p>
        <Status value={state} /> {ONLY[job.only]}, begun{' '}
        <RelativeTime at={job.created_at} now={now} /> <ShortId id={id} />
      </p>
      {state === 'running' && <progress max={Math.max(counted, done, 1)} value={done} />}
      <p>
        {done} of {countedAll ? counted : `more than ${counted}`}{' '}
        {state === 'running' ? 'in line so far. Reload to see how far it is.' : 'put in line.'}
      </p>
      {state === 'running' && (
        <form method="post" action={`/admin/endpoints/${job.endpoint_id}/jobs/${id}/cancel`}>
          <button type="submit">Cancel</button>
        </form>
      )}
    </article>
  )
}
