import { isRotating, RESEAL_QUERIES, resealSecrets } from './dashboard/rotate-secrets-key'
import { removeOldKeys } from './http/idempotency'
import { sweepInbound } from './inbound/sweep'
import { sweepDeliveries } from './outbound/sweep'
import { openBudget, upTo } from './queue/subrequest-budget'

/** How many calls inbound messages may use before deliveries get their share. */
const INBOUND_CALLS = 25
/** The maximum number of idempotency keys that one sweep removes. */
const OLD_KEYS = 500

/** The cron job, run every minute: finds what is due, stuck, lost or old, within the budget of one invocation. */
export async function sweep(env: Env, now: number): Promise<void> {
  const budget = openBudget(env)
  // Reserved for the last steps, no matter how much work the other steps find.
  budget.take(1 + (isRotating(env) ? RESEAL_QUERIES : 0))
  await sweepInbound(env, now, upTo(INBOUND_CALLS, budget))
  await sweepDeliveries(env, now, budget)
  await removeOldKeys(env, now, OLD_KEYS)
  if (isRotating(env)) await resealSecrets(env)
}
