import { attemptDelivery } from './attempt'
import type { Job } from './job'
import { openSettler } from './settle'

/** The platform holds a seventh open connection back, while its deadline already runs. */
export const CONNECTIONS = 6

/** Steps 3 and 4 for one work order: attempts, at most six at a time, each settled as it comes. */
export async function runJobs(env: Env, jobs: Job[]): Promise<void> {
  const settler = openSettler(env)
  const queue = [...jobs]
  const work = async () => {
    for (let job = queue.shift(); job; job = queue.shift()) {
      const { endpoint, message, state } = job
      const attempt = await attemptDelivery(env, { endpoint, message, trigger: state.trigger })
      settler.add({ job, attempt })
    }
  }
  try {
    await Promise.all(Array.from({ length: Math.min(CONNECTIONS, jobs.length) }, work))
  } finally {
    await settler.close()
  }
}
