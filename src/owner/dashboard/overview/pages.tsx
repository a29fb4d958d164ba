import { Hono } from 'hono'
import type { HonoEnv } from '../../../env'
import { all } from '../../../kit/db/statements'
import { Dashboard } from '../../../kit/html/dashboard'
import { notices } from '../../../kit/html/notices'
import { renderPage } from '../../../kit/html/render'
import { DASHBOARD } from '../../../kit/lib/paths'
import { findFailing } from '../../../webhooks/receive/messages/recent-requests'
import { noFigures } from '../../rules/stats/figures'
import { type ChartRange, isBehind, RANGE_NAMES, startOf } from '../../rules/stats/periods'
import { estimateQuotas } from '../../rules/stats/quotas'
import { readStats } from '../../stats/read'
import { findPeriods, toRollup } from '../../stats/store'
import { NAMED_ENDPOINTS, StatsSection } from '../../stats/views'
import { readUsage } from '../../storage/database-size'
import { readFirstSteps } from '../first-run/steps'
import { FirstStepsCard } from '../first-run/views'
import { listActivity } from './activity'
import { ActivityList } from './activity-views'
import { findAttention } from './attention'
import { Limits, Needs } from './attention-views'

notices(DASHBOARD.overview, {
  receiver: 'Registered. From now on, the built-in receiver gets the events about entries.',
  steps_hidden: 'Hidden. You can show the first steps again under General.',
})

/** `/admin`: what needs the owner, what happened, and the latest activity. */
export const overviewPages = new Hono<HonoEnv>()

overviewPages.get('/', async (c) => {
  const now = c.get('now')
  const [steps, attention, stats, activity, failing, usage, quotas, waiting] = await Promise.all([
    readFirstSteps(c.env),
    findAttention(c.env, now),
    readStats(c.env, rangeOf(c.req.query('range')), now, NAMED_ENDPOINTS),
    listActivity(c.env, now),
    findFailing(c.env, now),
    readUsage(c.env),
    readQuotas(c.env, now),
    c.get('countWaiting')?.() ?? 0,
  ])
  // Until everything has been counted, an estimate would be far too low.
  const isComplete = !isBehind(stats.counted_to, now) && (stats.missing_before ?? 0) <= startOf('day', now)
  const state = { attention, failing, stats, usage, quotas: isComplete ? quotas : [], waiting, now }
  return renderPage(
    c,
    <Dashboard title="Overview" section={DASHBOARD.overview}>
      <div data-live={`${DASHBOARD.messages}?part=rows`} data-page={DASHBOARD.overview} data-live-seconds="30">
        <Needs {...state} />
        {steps && <FirstStepsCard steps={steps} />}
        <ActivityList activity={activity} now={now} />
      </div>
      <StatsSection stats={stats} now={now} />
      <Limits {...state} />
    </Dashboard>
  )
})

const rangeOf = (text: string | undefined): ChartRange => RANGE_NAMES.find((name) => name === text) ?? '24h'

/** @returns nothing on the Paid plan, which has no daily limits */
async function readQuotas(env: Env, now: number) {
  if (env.FREE_PLAN === 'false') return []
  const [today] = await all(findPeriods(env, [{ span: 'day', start: startOf('day', now) }]))
  return estimateQuotas(today ? toRollup(today).figures : noFigures())
}
