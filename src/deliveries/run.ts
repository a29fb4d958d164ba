import { attemptDelivery } from './attempt'
import type { Sending } from './sending'
import { openSettler } from './settle'

/** The platform holds a seventh open connection back, while its deadline already runs. */
export const CONNECTIONS = 6

/** Steps 3 and 4 for one work order: attempts, at most six at a time, each settled as it comes. */
export async function attemptAll(env: Env, sendings: Sending[]): Promise<void> {
  const settler = openSettler(env)
  const queue = [...sendings]
  const work = async () => {
    for (let sending = queue.shift(); sending; sending = queue.shift()) {
      const { endpoint, message, state } = sending
      const attempt = await attemptDelivery(env, { endpoint, message, trigger: state.trigger })
      settler.add({ sending, attempt })
    }
  }
  try {
    await Promise.all(Array.from({ length: Math.min(CONNECTIONS, sendings.length) }, work))
  } finally {
    await settler.close()
  }
}
