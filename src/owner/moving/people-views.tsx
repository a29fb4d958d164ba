import type { Child } from '#jsx'
import { SEARCH_MAX } from '../../guestbook/moderation/search'
import type { CommentRow } from '../../guestbook/store'
import { Dashboard, Empty, Status } from '../../kit/html/dashboard'
import { ListStart, NoMatches, Pages } from '../../kit/html/list'
import { Form, Hidden, Submit } from '../../kit/html/parts/form'
import { RelativeTime } from '../../kit/html/time'
import { UserText } from '../../kit/html/user-text'
import { DASHBOARD } from '../../kit/lib/paths'
import { shorten } from '../../kit/lib/text/shorten'

const TITLE = "One person's data"

interface PeopleProps {
  q: string
  /** Null before anything was searched. */
  found: { data: CommentRow[]; next: string | null } | null
  notice: Child
  now: number
}

export function PeoplePage({ q, found, notice, now }: PeopleProps) {
  const query = new URLSearchParams({ q })
  return (
    <Dashboard title={TITLE} section={DASHBOARD.moving} notice={notice}>
      <p>Find everything that one person has written, and export or erase it.</p>
      <search>
        <Form class="filters" method="get" action={DASHBOARD.people}>
          <input type="search" name="q" aria-label="Name, website or text" value={q} maxlength={SEARCH_MAX} required />
          <Submit label="Find" />
        </Form>
      </search>
      <ListStart />
      {found?.data.length === 0 &&
        (found.next ? (
          <NoMatches what="entries" href={DASHBOARD.people} next={found.next} />
        ) : (
          <Empty>No entry contains this.</Empty>
        ))}
      {found && found.data.length > 0 && (
        <Form method="get" action={`${DASHBOARD.people}/erase`}>
          <Hidden fields={{ q }} />
          {found.data.map((row) => (
            <Found row={row} now={now} isSelectable />
          ))}
          <p>
            <Submit kind="danger" label="Erase selected entries…" />{' '}
            <a href={`${DASHBOARD.people}/export?${query}`} data-parts="person.ndjson">
              Download all matches (NDJSON)
            </a>
          </p>
        </Form>
      )}
      <Pages next={found?.next ?? null} />
    </Dashboard>
  )
}

function Found({ row, now, isSelectable = false }: { row: CommentRow; now: number; isSelectable?: boolean }) {
  return (
    <article class="card entry">
      <p>
        {isSelectable && (
          <input type="checkbox" name="ids" value={row.id} aria-label={`Select entry ${row.number} of ${row.book}`} />
        )}{' '}
        <Status value={row.status} />{' '}
        <b>
          <UserText text={row.name} />
        </b>{' '}
        in {row.book}, <RelativeTime at={row.created_at} now={now} />
        {row.inbound_id && ', created by a request'}
      </p>
      <p>
        <UserText text={shorten(row.body, 500)} />
      </p>
    </article>
  )
}

/** Shows what would be erased. Nothing has happened yet. */
export function ErasurePage({ q, rows, now }: { q: string; rows: CommentRow[]; now: number }) {
  const webhooks = rows.filter(({ inbound_id }) => inbound_id !== null).length
  const search = { href: `${DASHBOARD.people}?${new URLSearchParams({ q })}`, label: TITLE }
  return (
    <Dashboard title="Erase these entries?" section={DASHBOARD.moving} crumbs={[search]}>
      {rows.length === 0 ? (
        <p class="empty">Select at least one entry.</p>
      ) : (
        <Form action={`${DASHBOARD.people}/erase`}>
          <Hidden fields={{ q }} />
          <p>
            This permanently erases {rows.length === 1 ? 'one entry' : `${rows.length} entries`}
            {webhooks > 0 && ` and ${webhooks === 1 ? 'one request' : `${webhooks} requests`} that created them`}. All
            text about them in events and receivers’ responses is erased as well. This cannot be undone.
          </p>
          {rows.map((row) => (
            <>
              <Hidden fields={{ ids: row.id }} />
              <Found row={row} now={now} />
            </>
          ))}
          <p>
            <Submit kind="danger" label="Erase for good" /> <a href={search.href}>Cancel</a>
          </p>
        </Form>
      )}
    </Dashboard>
  )
}
