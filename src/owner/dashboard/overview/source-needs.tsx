import { Status } from '../../../kit/html/dashboard'
import { RelativeTime } from '../../../kit/html/time'
import { UserLink } from '../../../kit/html/user-text'
import { DASHBOARD } from '../../../kit/lib/paths'
import { nameReason } from '../../../webhooks/receive/messages/explain-reason'
import { type FailingSource, MAX_RUN } from '../../../webhooks/receive/messages/recent-requests'
import { findProvider } from '../../../webhooks/rules/verifying/providers'
import { Need } from './endpoint-needs'

/** A source whose requests fail: why, how many, since when, and the page that says what helps. */
export function SourceNeed({ source, now }: { source: FailingSource; now: number }) {
  const { id, name, reason, provider, failing, failing_since } = source
  const page = `${DASHBOARD.sources}/${id}`
  return (
    <Need href={page} act="Open the source">
      <Status value="failing" /> <UserLink href={page} text={name} />
      {reason && <div class="answer">{nameReason(reason, findProvider(provider))}</div>}
      <div class="small">
        <a href={`${DASHBOARD.requests}?source=${id}&status=failed&range=week`}>{countOf(failing)}</a> failed
        {failing > 1 && ', the first of them'} <RelativeTime at={failing_since ?? now} now={now} />
      </div>
    </Need>
  )
}

const countOf = (failing: number): string =>
  failing === 1 ? 'The only request' : `The last ${failing}${failing === MAX_RUN ? '+' : ''} requests`
