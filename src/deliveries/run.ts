import { mayPass } from '../core/breaker'
import type { DeliveryRef } from '../env'
import { attemptDelivery } from './attempt'
import { BEGIN_WITHIN_MS } from './lease'
import { shelveDeliveries } from './load'
import type { Sending } from './sending'
import { openSettler, type Settler } from './settle'

/** The platform holds a seventh open connection back, while its deadline already runs. */
export const CONNECTIONS = 6

/**
 * Steps 3 and 4 for one work order: attempts, at most six at a time, each settled as it comes. Those of one endpoint go one after the other, in their order, and
 * stop when its breaker opens: the rest is parked.
 */
export async function attemptAll(env: Env, sendings: Sending[]): Promise<void> {
  const beginUntil = Date.now() + BEGIN_WITHIN_MS
  const settler = openSettler(env)
  const queue = [...Map.groupBy(sendings, ({ endpoint }) => endpoint.id).values()]
  const stopped: Sending[] = []
  const work = async () => {
    for (let own = queue.shift(); own; own = queue.shift())
      stopped.push(...(await attemptInOrder(env, own, settler, beginUntil)))
  }
  try {
    await Promise.all(Array.from({ length: Math.min(CONNECTIONS, queue.length) }, work))
  } finally {
    await settler.close()
  }
  // After the health that stopped them has been written, so that the breaker is seen to be open.
  if (stopped.length > 0) await shelveDeliveries(env, stopped.map(toRef), Date.now())
}

/** @returns what was not attempted: the endpoint takes no more, or the order has no time left */
async function attemptInOrder(
  env: Env,
  sendings: Sending[],
  settler: Settler,
  beginUntil: number
): Promise<Sending[]> {
  for (const [i, sending] of sendings.entries()) {
    if (!mayGo(sending, settler) || Date.now() > beginUntil) return sendings.slice(i)
    const { endpoint, message, state } = sending
    const attempt = await attemptDelivery(env, { endpoint, message, trigger: state.trigger })
    settler.add({ sending, attempt })
  }
  return []
}

function mayGo({ endpoint, release }: Sending, settler: Settler): boolean {
  const health = settler.current(endpoint)
  return health !== false && mayPass(health.breaker.state, release)
}

function toRef({ endpoint, message, state }: Sending): DeliveryRef {
  return {
    endpoint_id: endpoint.id,
    message_id: message.id,
    attempt_count: state.attemptCount,
    lease: state.nextAttemptAt ?? 0,
  }
}
