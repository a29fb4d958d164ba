import * as z from 'zod'
import type { Sight } from '../../access/rights'
import { iso } from '../../kit/http/pagination'
import { spanOf } from '../../kit/lib/time'
import { BREAKER_STATES } from '../rules/delivering/breaker'
import { isUnstable, STABLE_AFTER_MS } from '../rules/delivering/endpoint-health'
import { FORMATS } from '../rules/events/formats'
import { formerUntil } from '../rules/signing/rotation'
import type { SigningSecrets } from './secrets'
import type { EndpointRow } from './store'
import { readTexts } from './texts/column'
import { urlFor } from './url'

/* What the API shows of an endpoint. */

const health = z.object({
  breaker: z
    .enum(BREAKER_STATES)
    .describe(
      '`closed`: deliveries are sent immediately. `open`: too many attempts have failed; deliveries wait, and one will be sent as a probe at ' +
        '`resume_at`. `probing`: the probe is being sent. `held`: the receiver has asked for a pause until `resume_at`. ' +
        '`draining`: waiting deliveries are being sent, oldest first. For an endpoint with a minimum interval, `held` ' +
        'can also mean that the next call waits until `resume_at`, and `draining` means that a call is being made.'
    ),
  resume_at: z.string().nullable(),
  probes: z.int().describe('How many probes have failed since the breaker opened.'),
  failing_since: z.string().nullable(),
  consecutive_failures: z.int(),
  slow_until: z.string().nullable(),
  unstable: z
    .boolean()
    .describe(
      `Whether the endpoint has worked again after an outage, but its backlog is not through, or an attempt has failed in the last ${spanOf(STABLE_AFTER_MS)}.`
    ),
})

export const endpointOut = z
  .object({
    id: z.string(),
    url: z
      .string()
      .describe(
        '`guesthook:receiver/{source id}` for the built-in receiver, which only the dashboard can register. Without the scope `secrets`, tokens in the URL are hidden.'
      ),
    description: z.string(),
    event_types: z.array(z.string()),
    books: z.array(z.string()).nullable(),
    format: z.enum(FORMATS),
    legacy_signature: z.enum(['hub']).nullable(),
    headers: z.record(z.string(), z.string()),
    status: z.enum(['enabled', 'disabled']),
    disabled_reason: z.string().nullable(),
    disabled_at: z.string().nullable(),
    registered_by: z.enum(['owner', 'integrator']),
    pull: z.boolean().describe('Whether the endpoint has a pull token.'),
    rate_limit: z.int(),
    min_interval_minutes: z.int().nullable(),
    digest: z.enum(['off', 'daily']),
    digest_hour: z.int().nullable(),
    when: z.string().nullable(),
    texts: z.record(z.string(), z.string()),
    moderation_links: z.boolean(),
    health,
    created_at: z.string(),
    updated_at: z.string(),
  })
  .meta({ id: 'Endpoint' })

export const newEndpointOut = endpointOut.and(z.object({ secret: z.string() })).meta({ id: 'NewEndpoint' })

export const secretOut = z
  .object({
    secret: z.string(),
    previous_secret_expires_at: z.string().nullable(),
  })
  .meta({ id: 'SigningSecret' })

export function toSecret(secrets: SigningSecrets, now: number): z.infer<typeof secretOut> {
  return { secret: secrets.current, previous_secret_expires_at: iso(formerUntil(secrets, now)) }
}

export function toEndpoint(row: EndpointRow, sight: Sight): z.infer<typeof endpointOut> {
  return {
    id: row.id,
    url: urlFor(row, sight),
    description: row.description,
    event_types: JSON.parse(row.event_types),
    books: row.books === null ? null : JSON.parse(row.books),
    format: row.format,
    legacy_signature: row.legacy_signature,
    headers: row.headers === null ? {} : JSON.parse(row.headers),
    status: row.status === 'enabled' ? 'enabled' : 'disabled',
    disabled_reason: row.disabled_reason,
    disabled_at: iso(row.disabled_at),
    registered_by: row.manage_token_hash === null ? 'owner' : 'integrator',
    pull: row.pull_token_hash !== null,
    rate_limit: row.rate_limit,
    min_interval_minutes: row.digest_hour === null ? row.min_interval_minutes : null,
    digest: row.digest_hour === null ? 'off' : 'daily',
    digest_hour: row.digest_hour,
    when: row.when,
    texts: readTexts(row.texts),
    moderation_links: row.moderation_links === 1,
    health: {
      breaker: row.breaker,
      // While it waits for nothing, the clock may still have to end its outage.
      resume_at: row.breaker === 'closed' ? null : iso(row.resume_at),
      probes: row.probes,
      failing_since: iso(row.failing_since),
      consecutive_failures: row.consecutive_failures,
      slow_until: iso(row.slow_until),
      unstable: isUnstable(row),
    },
    created_at: iso(row.created_at),
    updated_at: iso(row.updated_at),
  }
}
