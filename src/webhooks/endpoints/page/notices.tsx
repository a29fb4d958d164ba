import type { Child } from '#jsx'
import { Help } from '../../../kit/html/help'
import { minutesOf } from '../../rules/delivering/pace'
import { formatOf } from '../../rules/events/formats'
import { answerInWords } from '../health/last-answers'
import type { EndpointRow } from '../store'
import { shownStatus } from '../views'
import type { Health } from './health'

export type Notices = { notice?: Child; error?: string }

/** What the page of an endpoint says after an act, unless help.json does. It must be true after a late reload, too. */
export function noticesFor(done: string | undefined, endpoint: EndpointRow, health: Health): Notices {
  return done === 'tried' ? triedNotices(endpoint, health) : { notice: noticeFor(done, endpoint, health.parked.count) }
}

function triedNotices(endpoint: EndpointRow, { last, watch }: Health): Notices {
  if (last === null || last.started_at < watch.at)
    return shownStatus(endpoint) === 'enabled' ? {} : { notice: <Help of="tried.going" /> }
  const rest = endpoint.breaker === 'draining' && <Help of="resumed.sending" />
  if (last.outcome === 'delivered') return { notice: ['Delivered. ', rest] }
  return last.trigger === 'manual' ? { error: `Tried: failed again (${answerInWords(last)}).` } : {}
}

function noticeFor(done: string | undefined, endpoint: EndpointRow, parked: number): Child {
  const isEnabled = endpoint.status === 'enabled'
  if (done === 'enabled' && isEnabled) return ['Enabled. ', parkedNotice(parked)]
  if (done === 'approved' && isEnabled) return <Help of="approved" />
  if (done === 'resumed' && isEnabled) return ['Resumed. ', parkedNotice(parked)]
  if (done === 'disabled' && !isEnabled) return 'Disabled.'
  if (done === 'paused' && !isEnabled) return 'Paused.'
  if (done === 'unapproved') return isEnabled ? undefined : <Help of="saved.unapproved" />
  return done === 'proposed' ? proposedNotice(endpoint) : undefined
}

const parkedNotice = (parked: number) => (parked > 0 ? <Help of="resumed.sending" /> : <Help of="resumed.nothing" />)

/** The format was chosen from the URL. */
function proposedNotice({ format, min_interval_minutes }: EndpointRow): Child {
  const { isPaced, isEmail, service: chat = 'a chat' } = formatOf(format)
  if (isEmail) return <Help of="proposed.email" />
  if (!isPaced) return <Help of="proposed.chat" chat={chat} />
  if (!min_interval_minutes) return <Help of="proposed.hook" />
  return <Help of="proposed.paced" minutes={minutesOf(min_interval_minutes)} />
}
