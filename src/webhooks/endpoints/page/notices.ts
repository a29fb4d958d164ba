import { formatOf } from '../../rules/events/formats'
import { answerInWords } from '../health/last-answers'
import type { EndpointRow } from '../store'
import { shownStatus } from '../views'
import type { Health } from './health'

export type Notices = { notice?: string | undefined; error?: string }

/** What the page of an endpoint says after an act, unless help.json does. It must be true after a late reload, too. */
export function noticesFor(done: string | undefined, endpoint: EndpointRow, health: Health): Notices {
  return done === 'tried' ? triedNotices(endpoint, health) : { notice: noticeFor(done, endpoint, health.parked.count) }
}

function triedNotices(endpoint: EndpointRow, { last, watch }: Health): Notices {
  if (last === null || last.started_at < watch.at) return shownStatus(endpoint) === 'enabled' ? {} : { notice: TRIED }
  if (last.outcome === 'delivered') return { notice: `Delivered.${endpoint.breaker === 'draining' ? FOLLOWING : ''}` }
  return last.trigger === 'manual' ? { error: `Tried: failed again (${answerInWords(last)}).` } : {}
}

const TRIED = 'We are trying one delivery. The result will appear here, or after a reload.'
const FOLLOWING = ' The waiting deliveries follow.'

function noticeFor(done: string | undefined, endpoint: EndpointRow, parked: number): string | undefined {
  const isEnabled = endpoint.status === 'enabled'
  if (done === 'enabled') return isEnabled ? `Enabled. ${parkedNotice(parked)}` : undefined
  if (done === 'resumed') return isEnabled ? `Resumed. ${parkedNotice(parked)}` : undefined
  if (done === 'disabled') return isEnabled ? undefined : 'Disabled.'
  if (done === 'paused') return isEnabled ? undefined : 'Paused.'
  if (done === 'proposed') return proposedNotice(endpoint)
  return undefined
}

function parkedNotice(parked: number): string {
  return parked > 0 ? 'Waiting deliveries are being sent, oldest first.' : 'Nothing was waiting.'
}

/** The format was chosen from the URL. */
function proposedNotice({ format, min_interval_minutes }: EndpointRow): string {
  const { isPaced, isEmail, service: chat = 'a chat' } = formatOf(format)
  if (isPaced) return `Registered. This looks like a build hook. ${paceOf(min_interval_minutes)}`
  if (isEmail) return 'Registered. We will send e-mails to this address. Send a test to see one.'
  return `Registered. This looks like ${chat}, so we will send ${chat} messages. You can change the format under Settings. Send a test to see a message.`
}

/** How often a build hook is called. */
function paceOf(minutes: number | null): string {
  const often = minutes ? `It is called at most once every ${minutes === 1 ? 'minute' : `${minutes} minutes`}.` : ''
  return `${often || 'It is called for every event.'} You can change this under Settings. A test starts a build.`
}
