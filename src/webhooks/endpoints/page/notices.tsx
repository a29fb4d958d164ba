import type { Child } from '#jsx'
import { minutesOf } from '../../rules/delivering/pace'
import { formatOf } from '../../rules/events/formats'
import { answerInWords } from '../last-answers'
import type { EndpointRow } from '../store'
import { shownEndpointStatus } from '../views'
import type { Health } from './read-health'

export type EndpointNotices = { notice?: Child; error?: string }

/** What the page of an endpoint says after an act, unless `notices` do. It must be true after a late reload, too. */
export function noticesFor(done: string | undefined, endpoint: EndpointRow, health: Health): EndpointNotices {
  return done === 'tried' ? triedNotices(endpoint, health) : { notice: noticeFor(done, endpoint, health.parked.count) }
}

const ARE_SENT = 'Waiting deliveries are being sent, oldest first.'

function triedNotices(endpoint: EndpointRow, { last, watch }: Health): EndpointNotices {
  if (last === null || last.started_at < watch.at)
    return shownEndpointStatus(endpoint) === 'enabled'
      ? {}
      : { notice: 'We are trying one delivery. The result will appear here, or after a reload.' }
  const rest = endpoint.breaker === 'draining' && ARE_SENT
  if (last.outcome === 'delivered') return { notice: ['Delivered. ', rest] }
  return last.trigger === 'manual' ? { error: `Tried: failed again (${answerInWords(last)}).` } : {}
}

function noticeFor(done: string | undefined, endpoint: EndpointRow, parked: number): Child {
  const isEnabled = endpoint.status === 'enabled'
  if (done === 'enabled' && isEnabled) return ['Enabled. ', parkedNotice(parked)]
  if (done === 'approved' && isEnabled) return 'Approved. The endpoint gets each new event from now on.'
  if (done === 'resumed' && isEnabled) return ['Resumed. ', parkedNotice(parked)]
  if (done === 'disabled' && !isEnabled) return 'Disabled.'
  if (done === 'paused' && !isEnabled) return 'Paused.'
  if (done === 'unapproved')
    return isEnabled ? undefined : 'Saved. The owner must approve your endpoint. No events are sent until then.'
  return done === 'proposed' ? proposedNotice(endpoint) : undefined
}

const parkedNotice = (parked: number) => (parked > 0 ? ARE_SENT : 'Nothing was waiting.')

/** The format was chosen from the URL. */
function proposedNotice({ format, min_interval_minutes }: EndpointRow): Child {
  const { isPaced, isEmail, service: chat = 'a chat' } = formatOf(format)
  if (isEmail) return 'Registered. We will send e-mails to this address. Send a test to see one.'
  if (!isPaced)
    return (
      <>
        Registered. This looks like {chat}, so we will send {chat} messages. You can change the format under Settings.
        Send a test to see a message.
      </>
    )
  if (!min_interval_minutes)
    return 'Registered. This looks like a build hook. It is called for every event. You can change this under Settings. A test starts a build.'
  return (
    <>
      Registered. This looks like a build hook. It is called at most once every {minutesOf(min_interval_minutes)}. You
      can change this under Settings. A test starts a build.
    </>
  )
}
