import { Dashboard, Status } from '../../kit/html/dashboard'
import { ActLink, EmptyList, ListStart, Pages } from '../../kit/html/list'
import { type Column, Table } from '../../kit/html/parts/table'
import { RelativeTime } from '../../kit/html/time'
import { UserLink } from '../../kit/html/user-text'
import { DASHBOARD } from '../../kit/lib/paths'
import { spanOf } from '../../kit/lib/time'
import { ReceiverLeftOut } from '../endpoints/built-in-views'
import { MAX_RECENT, RECENT_MS, type RecentRequests, shownRequestStatus } from '../receive/messages/recent-requests'
import { findProvider } from '../rules/verifying/providers/index'
import { ACTS } from './fields'
import { Logo } from './provider-views'
import type { SourceRow } from './store'

type ListedSource = SourceRow & RecentRequests

interface SourcesProps {
  /** Those that fail most come first. */
  sources: ListedSource[]
  next: string | null
  /** The source of the built-in receiver, for a note on the first page; otherwise null. */
  leftOut: SourceRow | null
  now: number
}

export function SourcesPage({ sources, next, leftOut, now }: SourcesProps) {
  const isEmpty = sources.length === 0
  const add = (
    <ActLink href={`${DASHBOARD.sources}/new`} isPrimary={!isEmpty}>
      Add source
    </ActLink>
  )
  return (
    <Dashboard title="Sources" section={DASHBOARD.sources} act={!isEmpty && add}>
      <p>
        A source is a service that sends webhooks to this guestbook. Each webhook is stored and acknowledged
        immediately, then verified and processed.
      </p>
      <ListStart />
      <Table
        columns={columnsAt(now)}
        rows={sources}
        empty={
          <EmptyList
            title="No sources yet."
            act={add}
            help={
              <>
                Add a source for GitHub, Stripe, or any other service that sends webhooks. The source gets a URL of its
                own, and verifies the webhooks that arrive there. You can look at them, publish them as events, or turn
                them into entries.
              </>
            }
          />
        }
      />
      <Pages next={next} />
      {leftOut && <ReceiverLeftOut href={`${DASHBOARD.sources}/${leftOut.id}`} />}
    </Dashboard>
  )
}

function columnsAt(now: number): Column<ListedSource>[] {
  return [
    { head: 'Status', cell: (source) => <Status value={shownRequestStatus(source, source)} /> },
    {
      head: 'Source',
      class: 'wide',
      cell: ({ id, name }) => <UserLink href={`${DASHBOARD.sources}/${id}`} text={name} />,
    },
    {
      head: 'Last request',
      cell: ({ last_at }) => (last_at === null ? 'never' : <RelativeTime at={last_at} now={now} />),
    },
    { head: `Last ${spanOf(RECENT_MS)}`, cell: (source) => <LastWeek {...source} /> },
    { head: 'Provider', cell: ({ provider }) => <ProviderCell name={findProvider(provider)?.name ?? provider} /> },
    { head: 'Action', cell: ({ act }) => ACTS[act].label },
  ]
}

/** For example "2 of 6 failed". The link leads to those that failed. */
function LastWeek({ id, requests, failed }: ListedSource) {
  if (failed === 0) return <>{requests === MAX_RECENT ? `${requests}+` : requests}</>
  return (
    <a class="bad" href={`${DASHBOARD.requests}?source=${id}&status=failed&range=week`}>
      {shareOf({ requests, failed })} failed
    </a>
  )
}

/** @returns for example "2 of 6", or "2 of the last 100" where counting stopped */
export function shareOf({ requests, failed }: Pick<RecentRequests, 'requests' | 'failed'>): string {
  return `${failed} of ${requests === MAX_RECENT ? 'the last ' : ''}${requests}`
}

function ProviderCell({ name }: { name: string }) {
  return (
    <span class="with-logo">
      <Logo name={name} /> {name}
    </span>
  )
}
