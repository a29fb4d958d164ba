import { isRotating, RESEAL_QUERIES, resealSecrets } from './dashboard/reseal'
import { removeOldKeys } from './http/idempotency'
import { sweepInbound } from './inbound/sweep'
import { sweepDeliveries } from './outbound/sweep'
import { openBudget, upTo } from './queue/subrequest-budget'

/** Calls that inbound messages may use before deliveries get theirs. */
const INBOUND_CALLS = 25
/** Idempotency keys that one sweep removes. */
const OLD_KEYS = 500

/** The cron job: finds what is due, stuck, lost or old, within the budget of one invocation. Runs each minute. */
export async function sweep(env: Env, now: number): Promise<void> {
  const budget = openBudget(env)
  // Reserved for what comes last, however much the others find.
  budget.take(1 + (isRotating(env) ? RESEAL_QUERIES : 0))
  await sweepInbound(env, now, upTo(INBOUND_CALLS, budget))
  await sweepDeliveries(env, now, budget)
  await removeOldKeys(env, now, OLD_KEYS)
  if (isRotating(env)) await resealSecrets(env)
}
