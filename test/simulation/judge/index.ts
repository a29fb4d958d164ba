import type { Simulation } from '../simulation'
import { judgeCoverage } from './coverage'
import { judgeDeliveries } from './deliveries'
import { judgeEntries } from './entries'
import { judgeErasure } from './erasure'
import { judgeGrowth } from './growth'
import { endRotation } from './keys'
import { judgeRequests } from './requests'
import { judgeStatistics } from './statistics'
import { judgeViews } from './views'
import { judgeWebhooks } from './webhooks'

/** In this order: some judges let more time pass. */
const JUDGES = [
  judgeStatistics,
  endRotation,
  judgeDeliveries,
  judgeRequests,
  judgeCoverage,
  judgeWebhooks,
  judgeEntries,
  judgeViews,
  judgeErasure,
  judgeGrowth,
]

/** @throws Error with everything that is wrong after a run */
export async function judge(simulation: Simulation): Promise<void> {
  for (const one of JUDGES) {
    const faults = await one(simulation)
    if (faults.length > 0) throw new Error(faults.slice(0, 10).join('\n'))
  }
}
