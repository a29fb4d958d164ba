import { Dashboard, Empty, ShortId } from '../../../kit/html/dashboard'
import { Section } from '../../../kit/html/parts/card'
import { Input } from '../../../kit/html/parts/fields'
import { Form, Submit } from '../../../kit/html/parts/form'
import { type Column, Table } from '../../../kit/html/parts/table'
import { RelativeTime } from '../../../kit/html/time'
import { UserCode } from '../../../kit/html/user-text'
import type { Difference } from '../../../kit/lib/compare'
import { DASHBOARD } from '../../../kit/lib/paths'
import { requestTitle } from '../../rules/events/request-title'
import type { LoadedInbound } from '../messages/load'
import type { Comparison } from './compare'

type CompareProps = { before: LoadedInbound; after: LoadedInbound; comparison: Comparison; now: number }

export function ComparePage({ before, after, comparison, now }: CompareProps) {
  const { request, headers, body, isSameBody } = comparison
  const crumbs = [{ href: `${DASHBOARD.requests}/${after.row.id}`, label: requestTitle(after.row) }]
  return (
    <Dashboard title="Compare two requests" section={DASHBOARD.requests} crumbs={crumbs}>
      <p>
        <ShortId id={before.row.id} href={`${DASHBOARD.requests}/${before.row.id}`} />{' '}
        <RelativeTime at={before.row.received_at} now={now} /> and{' '}
        <ShortId id={after.row.id} href={`${DASHBOARD.requests}/${after.row.id}`} />{' '}
        <RelativeTime at={after.row.received_at} now={now} />
      </p>
      <Differences title="Request" list={request} />
      <Differences title="Headers" list={headers} />
      {body ? (
        <Differences title="Body" list={body} />
      ) : (
        <Section title="Body">
          <p class="empty">
            {isSameBody ? 'The bodies are equal.' : 'The bodies differ. Only JSON is compared value by value.'}
          </p>
        </Section>
      )}
    </Dashboard>
  )
}

const COLUMNS: Column<Difference>[] = [
  { head: 'Name', class: 'wrap', cell: ({ name }) => <Value text={name} /> },
  { head: 'Earlier', class: 'wide', label: 'Earlier', cell: ({ before }) => <Value text={before} /> },
  { head: 'Later', class: 'wide', label: 'Later', cell: ({ after }) => <Value text={after} /> },
]

function Differences({ title, list }: { title: string; list: Difference[] }) {
  return (
    <Section title={title}>
      {list.length === 0 ? <Empty>No difference.</Empty> : <Table columns={COLUMNS} rows={list} />}
    </Section>
  )
}

function Value({ text }: { text: string | null }) {
  if (text === null) return <span class="small">missing</span>
  return <UserCode text={text} />
}

/** Leads to a comparison with the message before this one from the same source, or with any other. */
export function CompareForm({ id, earlier }: { id: string; earlier: string | null }) {
  return (
    <Form class="inline" method="get" action={`${DASHBOARD.requests}/${id}/compare`}>
      <Input
        id="compare-with"
        name="with"
        label="Compare with"
        required
        maxlength={40}
        value={earlier ?? ''}
        placeholder="in_…"
      />
      <Submit label="Compare" />
    </Form>
  )
}
