import { Dashboard, Status } from '../../kit/html/dashboard'
import { ActLink, EmptyList, ListStart, Pages } from '../../kit/html/list'
import { type Column, Table } from '../../kit/html/parts/table'
import { RelativeTime } from '../../kit/html/time'
import { UserText } from '../../kit/html/user-text'
import { aSpanOf } from '../../kit/lib/time'
import { findProvider } from '../../webhooks/rules/verifying/providers'
import { CACHE_MS } from '../../webhooks/sources/cache'
import type { SourceRow } from '../../webhooks/sources/store'
import { Logo } from './logo'
import { ACTS } from './what-sources-do'

export const SECTION = '/admin/sources' as const

interface SourcesProps {
  sources: SourceRow[]
  next: string | null
  now: number
}

const DONE = { deleted: `Source deleted. Its URL will stop working within ${aSpanOf(CACHE_MS)}.` }

export function SourcesPage({ sources, next, now }: SourcesProps) {
  return (
    <Dashboard
      title="Sources"
      section={SECTION}
      notices={DONE}
      act={
        sources.length > 0 && (
          <ActLink href={`${SECTION}/new`} isPrimary>
            Add source
          </ActLink>
        )
      }
    >
      <p>
        A source is a service that sends webhooks to this guestbook. Each webhook is stored and acknowledged
        immediately, then verified and processed.
      </p>
      <ListStart />
      {sources.length === 0 ? (
        <EmptyList title="No sources yet." act={<ActLink href={`${SECTION}/new`}>Add source</ActLink>}>
          Add one for GitHub, Stripe, or any other service that sends webhooks. The source gets a URL of its own, and
          verifies the webhooks that arrive there. You can look at them, publish them as events, or turn them into
          entries.
        </EmptyList>
      ) : (
        <Table columns={columnsAt(now)} rows={sources} />
      )}
      <Pages next={next} />
    </Dashboard>
  )
}

function columnsAt(now: number): Column<SourceRow>[] {
  return [
    { head: 'Status', cell: ({ status }) => <Status value={status} /> },
    {
      head: 'Source',
      class: 'wide',
      cell: ({ id, name }) => (
        <a href={`${SECTION}/${id}`}>
          <UserText text={name} />
        </a>
      ),
    },
    { head: 'Provider', cell: ({ provider }) => <ProviderCell name={findProvider(provider)?.name ?? provider} /> },
    { head: 'Action', cell: ({ act }) => ACTS[act].label },
    { head: 'Added', cell: ({ created_at }) => <RelativeTime at={created_at} now={now} /> },
  ]
}

function ProviderCell({ name }: { name: string }) {
  return (
    <span class="with-logo">
      <Logo name={name} /> {name}
    </span>
  )
}
