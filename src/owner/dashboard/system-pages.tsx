import { Hono } from 'hono'
import type { HonoEnv } from '../../env'
import { formatBytes } from '../../kit/html/bytes'
import { Dashboard, ShortId, Status } from '../../kit/html/dashboard'
import { Steps } from '../../kit/html/pairs'
import { Section } from '../../kit/html/parts/card'
import { type Column, Table } from '../../kit/html/parts/table'
import { renderPage } from '../../kit/html/render'
import { ExactTime, RelativeTime } from '../../kit/html/time'
import { UserText } from '../../kit/html/user-text'
import { pageOrigin } from '../../kit/http/origin'
import { DASHBOARD } from '../../kit/lib/paths'
import { isBehind } from '../rules/stats/periods'
import { CONFIGURED, type ConfigurationFault } from '../self-check/configuration'
import { checkConfiguration } from '../self-check/schema-check'
import { findTotal } from '../stats/store'
import { readUsage, type Usage } from '../storage/database-size'

/** `/admin/system`: whether the configuration is complete, and what is running. */
export const systemPages = new Hono<HonoEnv>()

systemPages.get('/', async (c) => {
  const [faults, usage, total] = await Promise.all([checkConfiguration(c.env), readUsage(c.env), findTotal(c.env)])
  const { VERSION, FREE_PLAN } = c.env
  const running = { version: VERSION, isFree: FREE_PLAN !== 'false', origin: pageOrigin(c) }
  return renderPage(
    c,
    <SystemPage {...{ ...running, faults, usage, countedTo: total?.counted_to, now: c.get('now') }} />
  )
})

interface SystemProps {
  faults: ConfigurationFault[]
  version: Env['VERSION']
  isFree: boolean
  origin: string
  usage: Usage
  /** Until when the figures of the overview have been counted; missing before the first count. */
  countedTo: number | null | undefined
  now: number
}

function SystemPage({ faults, ...running }: SystemProps) {
  return (
    <Dashboard title="System" section={DASHBOARD.system}>
      <Section title="Checks">
        <Table
          columns={CHECKS}
          rows={CONFIGURED.map((name) => ({ name, fault: faults.find((one) => one.name === name) }))}
        />
        <p class="hint">
          A monitor gets the same result from <a href="/healthz">/healthz</a>.
        </p>
      </Section>
      <Running {...running} />
    </Dashboard>
  )
}

type CheckRow = { name: (typeof CONFIGURED)[number]; fault: ConfigurationFault | undefined }

const CHECKS: Column<CheckRow>[] = [
  { head: 'Setting', label: null, cell: ({ name }) => <code>{name}</code> },
  { head: 'Status', cell: ({ fault }) => <Status value={fault ? 'failed' : 'ok'} /> },
  { head: 'What to do', label: null, cell: ({ fault }) => fault && <UserText text={fault.message} /> },
]

function Running({ version, isFree, origin, usage, countedTo, now }: Omit<SystemProps, 'faults'>) {
  const deployed = version.timestamp && [' deployed ', <ExactTime at={Date.parse(version.timestamp)} />]
  const used = `${formatBytes(usage.size_bytes)} of ${formatBytes(usage.limit_bytes)}`
  return (
    <Section title="Deployment">
      <Steps
        class="facts"
        pairs={[
          ['Address', <code>{origin}</code>],
          ['Version', [version.id ? <ShortId id={version.id} /> : 'development', deployed]],
          ['Plan', isFree ? 'Workers Free' : 'Workers Paid'],
          ['Database', [used, ' (', <a href={DASHBOARD.storage}>Storage</a>, ')']],
          ['Cron job', <LastRun countedTo={countedTo} now={now} />],
        ]}
      />
    </Section>
  )
}

/** The job counts figures every few minutes, so their time shows whether it runs. */
function LastRun({ countedTo, now }: Pick<SystemProps, 'countedTo' | 'now'>) {
  if (!countedTo) return 'has not run yet'
  const time = <RelativeTime at={countedTo} now={now} />
  if (!isBehind(countedTo, now)) return <>statistics updated {time}</>
  return (
    <>
      <Status value="failed" /> statistics last updated {time}. Check the cron trigger of the Worker in Cloudflare.
    </>
  )
}
