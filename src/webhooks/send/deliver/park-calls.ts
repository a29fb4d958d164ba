import { batch } from '../../../kit/db/statements'
import { beginCalls } from '../../endpoints/health'
import type { DeliveryRef } from '../../work/orders'
import { sendResumes } from '../../work/send-orders'
import { parkStatement } from './store'

/**
 * Parks deliveries to paced endpoints, which are released one at a time: see webhooks/rules/delivering/pace.ts. If the
 * process dies, the sweep finds the deliveries by their leases, or the endpoints. @param refs may be empty
 */
export async function parkCalls(env: Env, refs: DeliveryRef[], now: number): Promise<void> {
  if (refs.length === 0) return
  const ids = [...new Set(refs.map(({ endpoint_id }) => endpoint_id))]
  // In one batch, so that nothing is parked behind a closed breaker.
  const [begun] = await batch(env, [beginCalls(env, ids, now), parkStatement(env, refs, now)])
  const due = begun.results.map(({ id }) => id)
  await sendResumes(env, due)
}
