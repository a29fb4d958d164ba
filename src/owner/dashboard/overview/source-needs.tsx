import { Status } from '../../../kit/html/dashboard'
import { RelativeTime } from '../../../kit/html/time'
import { UserLink } from '../../../kit/html/user-text'
import { nameReason } from '../../../webhooks/receive/messages/explain-reason'
import type { ListedInbound } from '../../../webhooks/receive/messages/queries'
import { RECENT_MS } from '../../../webhooks/receive/messages/recent'
import { findProvider } from '../../../webhooks/rules/verifying/providers'
import { Need } from './endpoint-needs'

/** The latest requests of a source, of which all have failed: the newest first. */
export type FailingSource = [ListedInbound, ListedInbound, ...ListedInbound[]]

/** @param rows the requests of the latest activity, so that nothing else is read. One failure alone may be an accident */
export function findFailing(rows: ListedInbound[], now: number): FailingSource[] {
  const recent = rows.filter(({ status, source_status, received_at }) => {
    return source_status === 'active' && status !== 'new' && received_at > now - RECENT_MS
  })
  const sources = [...Map.groupBy(recent, ({ source_id }) => source_id).values()]
  return sources.filter((one): one is FailingSource => one.length > 1 && one.every(({ status }) => status === 'failed'))
}

/** A source whose requests fail: why, how many, since when, and the page that says what helps. */
export function SourceNeed({ source: requests, now }: { source: FailingSource; now: number }) {
  const [{ source_id, source_name, reason, provider }] = requests
  const page = `/admin/sources/${source_id}`
  return (
    <Need href={page} act="Open the source">
      <Status value="failed" /> <UserLink href={page} text={source_name} />
      {reason && <div class="answer">{nameReason(reason, findProvider(provider))}</div>}
      <div class="small">
        <a href={`/admin/inbound?source=${source_id}&status=failed&range=week`}>The last {requests.length} requests</a>{' '}
        failed, the first of them <RelativeTime at={requests.at(-1)?.received_at ?? now} now={now} />
      </div>
    </Need>
  )
}
