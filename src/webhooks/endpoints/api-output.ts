import * as z from 'zod'
import type { Sight } from '../../access/rights'
import { iso } from '../../kit/http/pagination'
import { spanOf } from '../../kit/lib/time'
import { BREAKER_STATES } from '../rules/delivering/breaker'
import { isUnstable, STABLE_AFTER_MS } from '../rules/delivering/endpoint-health'
import { formerUntil } from '../rules/signing/rotation'
import { ENDPOINT_FIELDS, SCHEMAS } from './fields'
import { shownPace } from './new-pace'
import type { SigningSecrets } from './secrets'
import type { EndpointRow } from './store'
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
    ...SCHEMAS,
    url: z
      .string()
      .describe(
        '`guesthook:receiver/{source id}` for the built-in receiver, which only the dashboard can register. Without the scope `secrets`, tokens in the URL are hidden.'
      ),
    status: z.enum(['enabled', 'disabled']),
    disabled_reason: z.string().nullable(),
    disabled_at: z.string().nullable(),
    registered_by: z.enum(['owner', 'integrator']),
    pull: z.boolean().describe('Whether the endpoint has a pull token.'),
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
    ...ENDPOINT_FIELDS.valuesIn(row),
    ...shownPace(row),
    url: urlFor(row, sight),
    status: row.status === 'enabled' ? 'enabled' : 'disabled',
    disabled_reason: row.disabled_reason,
    disabled_at: iso(row.disabled_at),
    registered_by: row.manage_token_hash === null ? 'owner' : 'integrator',
    pull: row.pull_token_hash !== null,
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
