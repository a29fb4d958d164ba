import { Dashboard, Empty, ShortId } from '../../../../kit/html/dashboard'
import { RelativeTime } from '../../../../kit/html/time'
import { UserText } from '../../../../kit/html/user-text'
import type { Difference } from '../../../../kit/lib/compare'
import type { LoadedInbound } from '../../messages/load'
import { SECTION } from '../views'
import type { Comparison } from './compare'

interface CompareProps {
  before: LoadedInbound
  after: LoadedInbound
  comparison: Comparison
  now: number
}

export function ComparePage({ before, after, comparison, now }: CompareProps) {
  const { request, headers, body, isSameBody } = comparison
  const crumbs = [
    { href: SECTION, label: 'Inbound' },
    { href: `${SECTION}/${after.row.id}`, label: after.row.event_type ?? 'Webhook' },
  ]
  return (
    <Dashboard title="Compare two requests" section={SECTION} crumbs={crumbs}>
      <p>
        <ShortId id={before.row.id} href={`${SECTION}/${before.row.id}`} />{' '}
        <RelativeTime at={before.row.received_at} now={now} /> and{' '}
        <ShortId id={after.row.id} href={`${SECTION}/${after.row.id}`} />{' '}
        <RelativeTime at={after.row.received_at} now={now} />
      </p>
      <Differences title="Request" list={request} />
      <Differences title="Headers" list={headers} />
      {body ? (
        <Differences title="Body" list={body} />
      ) : (
        <section>
          <h2>Body</h2>
          <Empty>
            {isSameBody ? 'The bodies are equal.' : 'The bodies differ. Only JSON is compared value by value.'}
          </Empty>
        </section>
      )}
    </Dashboard>
  )
}

function Differences({ title, list }: { title: string; list: Difference[] }) {
  return (
    <section>
      <h2>{title}</h2>
      {list.length === 0 ? (
        <Empty>No difference.</Empty>
      ) : (
        <table>
          <thead>
            <tr>
              <th>Name</th>
              <th>Earlier</th>
              <th>Later</th>
            </tr>
          </thead>
          <tbody>
            {list.map(({ name, before, after }) => (
              <tr>
                <td class="wrap">
                  <code>
                    <UserText text={name} />
                  </code>
                </td>
                <td class="wide" data-label="Earlier">
                  <Value text={before} />
                </td>
                <td class="wide" data-label="Later">
                  <Value text={after} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}

function Value({ text }: { text: string | null }) {
  if (text === null) return <span class="small">missing</span>
  return (
    <code>
      <UserText text={text} />
    </code>
  )
}

/** Leads to a comparison with the message before this one from the same source, or with any other. */
export function CompareForm({ id, earlier }: { id: string; earlier: string | null }) {
  return (
    <form class="inline" method="get" action={`${SECTION}/${id}/compare`}>
      <label for="compare-with">Compare with</label>
      <input id="compare-with" name="with" required maxlength={40} value={earlier ?? ''} placeholder="in_…" />
      <button type="submit">Compare</button>
    </form>
  )
}
