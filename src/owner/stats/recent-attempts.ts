import type { MiddlewareHandler } from 'hono'
import type { HonoEnv } from '../../env'
import type { Parts } from '../../kit/html/parts/sparkline'
import { countAttempts, type Figures } from '../rules/stats/figures'
import { periodsOf } from '../rules/stats/periods'
import { listPeriods } from './store'

/** Lets the list of endpoints read the outcomes of the last 24 hours' attempts. This reads one row for each hour. */
export const recentAttempts: MiddlewareHandler<HonoEnv> = (c, next) => {
  c.set('recentAttempts', async () => {
    const starts = periodsOf('24h', c.get('now'))
    const hours = await listPeriods(c.env, '24h', starts[0] ?? 0)
    const known = new Map(hours.map(({ start, figures }) => [start, figures]))
    const ids = new Set(hours.flatMap(({ figures }) => Object.keys(figures.endpoints)))
    return new Map([...ids].map((id) => [id, starts.map((start) => partOf(known.get(start), id))]))
  })
  return next()
}

function partOf(figures: Figures | undefined, id: string): Parts[number] {
  const attempts = figures?.endpoints[id]
  const good = attempts?.outcomes.delivered ?? 0
  return { good, bad: attempts ? countAttempts(attempts) - good : 0 }
}
