import * as z from 'zod'
import { NO_GRANT } from '../../access/rights'
import type { Context } from '../../kit/context'
import { batch } from '../../kit/db/statements'
import { freshToken, hashToken } from '../../kit/db/tokens'
import { parseFields } from '../../kit/http/form'
import { Refusal, refuseIfNull, tooMany } from '../../kit/http/problem'
import { IN_ONE_PERIOD, WAIT, withinLimit } from '../../kit/http/rate-limit'
import { log } from '../../log'
import { ENDPOINT_FIELDS } from '../endpoints/fields'
import { booksIn } from '../endpoints/inputs'
import { planEndpoint } from '../endpoints/manage'
import { endpointIn } from '../endpoints/schemas'
import { AWAITING, findRoom } from '../endpoints/self-registered'
import { type ChallengeShown, challengeEndpoint } from './challenge'
import { type Mode, REGISTRATION } from './mode'
import { sendRenewal } from './renew'

/** The event types whose content is public anyway. */
export const PUBLIC_TYPES = ['comment.published', 'comment.updated', 'comment.removed'] as const

/** The fields of the public form, as the integrator typed them. */
export type RegistrationFields = { url: string; description: string; event_types: string[]; books: string }

export function readRegistrationFields(form: URLSearchParams): RegistrationFields {
  return {
    url: form.get('url')?.trim() ?? '',
    description: form.get('description')?.trim() ?? '',
    event_types: form.getAll('event_types'),
    books: form.get('books')?.trim() ?? '',
  }
}

/** @param given types that the owner has added to the endpoint. The integrator keeps them */
export function publicTypes(given: string[] = []) {
  const allowed = new Set<string>([...PUBLIC_TYPES, ...given])
  return ENDPOINT_FIELDS.rows.event_types.schema.refine(
    (types) => types.every((type) => allowed.has(type)),
    `Choose from ${PUBLIC_TYPES.join(', ')}.`
  )
}

/** @throws Refusal 404 if registration is off */
export async function requireOpenRegistration(env: Env): Promise<Exclude<Mode, 'off'>> {
  const mode = await REGISTRATION.read(env)
  if (mode === 'off') throw new Refusal(404, 'not_found', 'This guestbook is not open for registration.')
  return mode
}

export interface Registration {
  url: string
  /** Whether the URL is registered already. */
  isTaken: boolean
  /** The token of the private link, in plain text. */
  token: string
  /** The signing secret in plain text. */
  secret: string
  /** What the URL was sent, and how it answered; null if it was not asked. */
  challenge: ChallengeShown | null
  /** Stores the endpoint. @returns false if its URL has been registered in the meantime. @throws Refusal 409 */
  store: () => Promise<boolean>
}

/**
 * Stores nothing until the URL has answered a challenge.
 * @throws Refusal 404 if registration is off, 422 for bad input or a failed challenge, 429 or 409 at a limit
 */
export async function prepare(asked: Context, fields: RegistrationFields): Promise<Registration> {
  const { env } = asked
  const mode = await requireOpenRegistration(env)
  const token = freshToken('link')
  await requireAttempt(asked)
  const { row: endpoint, secret, statements } = await plan(asked, fields, mode, token)
  const room = await findRoom(env, endpoint)
  const prepared = { url: endpoint.url, isTaken: room === 'taken', secret, token, challenge: null, store }
  if (prepared.isTaken) return prepared
  if (room === 'full') throw full()
  const challenge = await challengeEndpoint(env, endpoint, asked.now)
  await requireTurn(asked)
  return { ...prepared, challenge }

  async function store(): Promise<boolean> {
    try {
      await refuseIfNull({ 'endpoints.url': full }, () => batch(env, statements))
    } catch (cause) {
      if (cause instanceof Refusal && (await findRoom(env, endpoint)) === 'taken') return false
      throw cause
    }
    log('endpoint.registered', { endpoint_id: endpoint.id, mode })
    return true
  }
}

/** Counts every form, even an invalid one: to check it, and to call its URL, costs more. @throws Refusal 429 */
export async function requireAttempt({ env, visitor }: Context): Promise<void> {
  const { key } = await visitor()
  if (await withinLimit(env.TEST_LIMIT, `register ${key}`)) return
  throw tooMany(`Too many attempts. ${WAIT}, then try again.`)
}

/** Failed attempts do not use up this limit, so a URL that was not verified does not count. @throws Refusal 429 */
async function requireTurn({ env, visitor }: Context): Promise<void> {
  const { key } = await visitor()
  if (await withinLimit(env.REGISTER_LIMIT, key)) return
  throw tooMany(`Too many registrations ${IN_ONE_PERIOD}. ${WAIT}, then submit the form again.`)
}

/**
 * A URL that is registered already gets an event with a link: answering a challenge would not prove who asks. This
 * counts as a registration, so that nobody can probe many URLs. @throws Refusal 409 or 429
 */
export async function refuseTaken(asked: Context, url: string): Promise<never> {
  await requireTurn(asked)
  const failure = await sendRenewal(asked.env, url, asked.linkOrigin(), asked.now)
  const result = failure === null ? SENT : `We tried to send the URL a link that creates a new private link. ${failure}`
  const detail = `This URL is registered already. Use its private link. Have you lost it? ${result}`
  throw new Refusal(409, 'url_registered', detail)
}

const SENT = 'We have just sent endpoint.link_requested to this URL. Its link creates a new private link.'

function full(): Refusal {
  const detail = 'No more endpoints can be registered at the moment. Ask the owner.'
  return new Refusal(409, 'registration_full', detail)
}

async function plan({ env, origin, now }: Context, fields: RegistrationFields, mode: Mode, token: string) {
  parseFields(z.object({ event_types: publicTypes() }), fields)
  const input = parseFields(endpointIn, { ...fields, books: booksIn(fields.books), enabled: mode === 'open' })
  const more = {
    manage_token_hash: await hashToken(token),
    ...(mode === 'approve' && { disabled_reason: AWAITING }),
  }
  return planEndpoint(env, input, origin, now, NO_GRANT, more)
}
