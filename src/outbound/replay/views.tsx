import type { EndpointRow } from '../../endpoints/store'
import { Empty, ShortId, Status } from '../../ui/dashboard'
import { RelativeTime } from '../../ui/time'
import { countText } from '../messages/views'
import { type ReplayFields, SPANS } from './form'
import type { CandidateCount } from './select-messages'
import type { JobRow } from './store'

export interface ReplayProps {
  endpoint: EndpointRow
  fields: ReplayFields
  /** The result of a preview. */
  counted: CandidateCount | null
  jobs: JobRow[]
  now: number
}

/** Previews and starts replays, and shows their progress. */
export function ReplayCard({ endpoint, fields, counted, jobs, now }: ReplayProps) {
  return (
    <section class="card" id="replay">
      <h2>Replay messages</h2>
      {endpoint.status === 'enabled' ? (
        <form method="post" action={`/admin/endpoints/${endpoint.id}/replay#replay`}>
          <ReplayInputs fields={fields} />
          {counted && <Preview {...counted} />}
          <button type="submit" name="dry_run" value="true">
            Preview
          </button>
          {counted && counted.count > 0 && (
            <button type="submit" class="primary">
              Replay {countText(counted, 'message')}
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

const ONLY = { failed: 'Failed deliveries', missing: 'Missed messages', all: 'All messages' }

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
      <label for="span">Time range</label>
      <select id="span" name="span">
        {SPANS.map(({ days, label }) => (
          <option value={days} selected={String(days) === fields.span}>
            {label}
          </option>
        ))}
      </select>
      <label for="replay_types">Event types (leave empty for all)</label>
      <input id="replay_types" name="event_types" value={fields.event_types} />
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

function JobProgress({ job, now }: { job: JobRow; now: number }) {
  const { id, state, done, counted, endpoint_id } = job
  const total = countText({ count: counted, counted_all: job.counted_all === 1 }, 'message')
  return (
    <article class="job">
      <p>
        <Status value={state} /> {ONLY[job.only]}, started <RelativeTime at={job.created_at} now={now} />{' '}
        <ShortId id={id} />
      </p>
      {state === 'running' && <progress max={Math.max(counted, done, 1)} value={done} />}
      <p>
        {done} of {total} queued.{state === 'running' && ' Reload the page to see the progress.'}
      </p>
      {state === 'running' && (
        <form method="post" action={`/admin/endpoints/${endpoint_id}/jobs/${id}/cancel`}>
          <button type="submit">Cancel</button>
        </form>
      )}
    </article>
  )
}
