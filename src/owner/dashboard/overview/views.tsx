import { Dashboard } from '../../../kit/html/dashboard'
import type { Quota } from '../../rules/stats/quotas'
import type { Stats } from '../../stats/read'
import { StatsSection } from '../../stats/views'
import type { Usage } from '../../storage/database-size'
import type { FirstSteps } from '../first-run/steps'
import { FirstStepsCard } from '../first-run/views'
import type { Activity } from './activity'
import { ActivityList } from './activity-views'
import type { Attention } from './attention'
import { Limits, Needs } from './attention-views'

interface OverviewProps {
  /** Null if they are hidden. */
  steps: FirstSteps | null
  attention: Attention
  waiting: number
  usage: Usage
  quotas: Quota[]
  stats: Stats
  activity: Activity[]
  now: number
}

export function OverviewPage(props: OverviewProps) {
  return (
    <Dashboard title="Overview" section="/admin">
      <Needs {...props} />
      {props.steps && <FirstStepsCard steps={props.steps} />}
      <ActivityList activity={props.activity} now={props.now} />
      <StatsSection stats={props.stats} now={props.now} />
      <Limits {...props} />
    </Dashboard>
  )
}
