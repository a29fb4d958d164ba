import type { Context } from 'hono'
import * as z from 'zod'
import { DELIVERY_STATUSES } from '../../core/delivering/delivery-state'
import { EVENT_TYPES } from '../../core/events/catalogue'
import type { Format } from '../../core/events/formats'
import { unknownFilters } from '../../core/events/suggest'
import { revealSecrets } from '../../endpoints/manage'
import type { EndpointRow } from '../../endpoints/store'
import type { HonoEnv } from '../../env'
import { listOwnTypes } from '../../event-types/store'
import { readFlash } from '../../http/flash'
import { expectRefusal, explain } from '../../http/form'
import { readCursor } from '../../http/pagination'
import type { Refusal } from '../../http/problem'
import { currentPublicKey } from '../../signing-keys/store'
import { renderForm, renderRows } from '../../ui/render'
import { DeliveryRows } from '../messages/delivery-table'
import { listDeliveries } from '../messages/list-deliveries'
import { countParked, listAttempts } from '../messages/queries'
import { NO_REPLAY, type ReplayFields } from '../replay/form'
import { listShownJobs } from '../replay/progress'
import { type CandidateCount, countCandidates } from '../replay/select-messages'
import { JobList } from '../replay/views'
import { missedScope } from './lifecycle'
import { EndpointPage } from './views'

const PAGE_SIZE = 20

/** What is shown once, after a redirect. */
const FLASH = z.object({ pull_token: z.string() })

/** The results of an action, shown in its response. */
interface Results {
  fields?: ReplayFields
  counted?: CandidateCount
  refusal?: Refusal
}

/** Renders `/admin/endpoints/{id}`. */
export async function showEndpoint(c: Context<HonoEnv>, endpoint: EndpointRow, results: Results = {}) {
  const now = Date.now()
  const part = await renderPart(c, endpoint, now)
  if (part) return part
  const { fields = NO_REPLAY, counted = null } = results
  const flash = await readFlash(c, FLASH, now)
  const shown = c.req.query('secret') === 'show' ? await openSecret(c.env, endpoint.id) : {}
  const { jobs, ...state } = await readState(c, endpoint, now)
  const refusal = results.refusal ?? shown.refusal
  const view = (
    <EndpointPage
      endpoint={endpoint}
      {...state}
      secret={shown.secret ?? null}
      replay={{ fields, counted, jobs }}
      pullToken={flash?.pull_token ?? null}
      notice={noticeFor(c.req.query('done'), endpoint)}
      error={refusal && explain(refusal)}
      now={now}
    />
  )
  return renderForm(c, view, refusal)
}

/** A list that updates by itself asks for its rows alone, every few seconds, so nothing else is read for it. */
async function renderPart(c: Context<HonoEnv>, endpoint: EndpointRow, now: number) {
  const part = c.req.query('part')
  if (part === 'rows') {
    const { data } = await readDeliveries(c, endpoint.id).page
    return renderRows(c, <DeliveryRows deliveries={data} now={now} show="message" />)
  }
  if (part !== 'jobs') return null
  return renderRows(c, <JobList jobs={await listShownJobs(c.env, endpoint.id)} endpoint={endpoint} now={now} />)
}

/** The query string selects the deliveries. */
function readDeliveries({ env, req }: Context<HonoEnv>, id: string) {
  const status = DELIVERY_STATUSES.find((known) => known === req.query('status'))
  const before = readCursor('msg', req.query('cursor'))
  return { status, page: listDeliveries(env, id, { before, status, limit: PAGE_SIZE }) }
}

/** The rest of the page is still useful if SECRETS_KEY is wrong. */
async function openSecret(env: Env, id: string): Promise<{ secret?: string; refusal?: Refusal }> {
  try {
    return { secret: (await revealSecrets(env, id)).current }
  } catch (cause) {
    return { refusal: expectRefusal(cause) }
  }
}

/** Reads what the page shows. The query string also selects the test whose result is shown. */
async function readState(c: Context<HonoEnv>, endpoint: EndpointRow, now: number) {
  const { env } = c
  const { id } = endpoint
  const tested = c.req.query('tested')
  const { status, page } = readDeliveries(c, id)
  const [deliveries, parked, jobs, publicKey, ownTypes, missed, attempts] = await Promise.all([
    page,
    countParked(env, id),
    listShownJobs(env, id),
    currentPublicKey(env, now),
    listOwnTypes(env),
    endpoint.status === 'disabled' ? countCandidates(env, missedScope(endpoint, now)) : null,
    tested ? listAttempts(env, { endpoint_id: id, message_id: tested }) : [],
  ])
  const types = [...EVENT_TYPES, ...ownTypes].map(({ name }) => name)
  return {
    unknown: unknownFilters(JSON.parse(endpoint.event_types), types),
    deliveries,
    status,
    parked,
    jobs,
    publicKey,
    types,
    missed,
    test: attempts[0] ?? null,
  }
}

const DONE: Record<string, string> = {
  registered: 'Registered. Give the receiver its signing secret, then send a test.',
  receiver: 'Registered. Send a test, or sign the guestbook, to see a webhook arrive.',
  saved: 'Saved.',
  rotated:
    'Rotated. Give the receiver the new secret. Until the old one expires, requests are signed with both secrets.',
  replaced: 'Replaced. Give the receiver the new secret now, because the old one is no longer valid.',
  allowed: 'The receiver has given permission. If it asked for a lower rate, we have lowered the rate limit.',
  not_allowed:
    'The receiver did not give permission: its response to OPTIONS has no WebHook-Allowed-Origin header. Deliveries will continue unless you disable the endpoint.',
  enabled: 'Enabled. Parked deliveries are being sent, oldest first.',
  disabled: 'Disabled.',
  revoked: 'Pull token revoked.',
  canceled: 'Canceled. What had not been sent is canceled, too.',
}

const CHATS: Partial<Record<Format, string>> = {
  slack: 'Slack',
  discord: 'Discord',
  teams: 'Microsoft Teams',
  ntfy: 'ntfy',
  telegram: 'Telegram',
  matrix: 'Matrix',
}

/** How often a build hook is called. */
function paceOf(minutes: number | null): string {
  const often = minutes ? `It is called at most once every ${minutes === 1 ? 'minute' : `${minutes} minutes`}.` : ''
  return `${often || 'It is called for every event.'} You can change this under Edit. A test starts a build.`
}

/** @param done the action that was just taken, from the URL of the redirect */
function noticeFor(
  done: string | undefined,
  { format, rate_limit, min_interval_minutes }: EndpointRow
): string | undefined {
  if (done === 'replaying')
    return `Replay started. Messages are being sent oldest first, up to ${rate_limit} per minute.`
  if (done !== 'proposed') return DONE[done ?? '']
  if (format === 'build-hook') return `Registered. This looks like a deploy hook. ${paceOf(min_interval_minutes)}`
  if (format === 'email') return 'Registered. We will send e-mails to this address. Send a test to see one.'
  const chat = CHATS[format] ?? 'a chat'
  return `Registered. This looks like ${chat}, so we will send ${chat} messages. You can change the format under Edit. Send a test to see a message.`
}
