import { Dashboard } from '../../kit/html/dashboard'
import { EmptyList } from '../../kit/html/list'
import { ButtonForm } from '../../kit/html/parts/form'
import { type Column, Table } from '../../kit/html/parts/table'
import { RelativeTime } from '../../kit/html/time'
import { UserText } from '../../kit/html/user-text'
import { inKb } from '../../kit/lib/amounts'
import { DASHBOARD } from '../../kit/lib/paths'
import { type BookRow, toBook } from '../books/book'
import { settingId, settingsPath } from '../books/form'
import { BUTTON } from '../rules/feeds/button'
import { BUTTON_MAX_BYTES, buttonPath } from '../rules/looks/wall'
import type { Site } from './store'

export function WallPage({ row, sites, now }: { row: BookRow; sites: Site[]; now: number }) {
  const { slug, has_wall, wall_excluded } = toBook(row)
  const path = settingsPath(slug)
  const listed = sites.filter(({ host }) => !wall_excluded.includes(host))
  const latest = listed.sort((a, b) => (a.comment_id < b.comment_id ? 1 : -1))
  return (
    <Dashboard
      title="Wall of buttons"
      section={DASHBOARD.books}
      crumbs={[{ href: `${path}#appearance`, label: row.title }]}
    >
      {listed.length > 0 && <Summary sites={listed} />}
      <Table
        columns={columnsOf(slug, now)}
        rows={latest}
        empty={
          <EmptyList
            title={has_wall ? 'No buttons yet.' : 'The wall is off.'}
            help={
              <>
                While the wall is on, it shows the buttons of guests' sites. A button appears here and in the book a few
                minutes after an entry with a website is published.
              </>
            }
          />
        }
      />
      <p>
        <a href={`${path}#${settingId(has_wall ? 'wall_excluded' : 'has_wall')}`}>
          {has_wall ? `Sites that are left out (${wall_excluded.length})` : 'Turn the wall on'}
        </a>
      </p>
      <p class="small">
        A button is a picture of 88 × 31 pixels and up to {inKb(BUTTON_MAX_BYTES)}. It comes from{' '}
        <code>/button.gif</code> on the site, or from the address that the guest gave. If we cannot fetch the picture,
        we try twice more: after an hour, and after a day. "Blocked" means that the address is not a public https://
        address.
      </p>
    </Dashboard>
  )
}

function Summary({ sites }: { sites: Site[] }) {
  const shown = sites.filter(({ hash }) => hash !== null).length
  const none = sites.filter(({ hash, reason }) => hash === null && reason !== null).length
  return (
    <p>
      Buttons on the wall: {shown}. Sites without one: {none}.
    </p>
  )
}

function columnsOf(slug: string, now: number): Column<Site>[] {
  const remove = (host: string) => `${settingsPath(slug)}/wall/${host}/remove`
  return [
    { head: 'Site', cell: ({ host, comment_id }) => <a href={`${DASHBOARD.entries}/${comment_id}`}>{host}</a> },
    {
      head: 'Button',
      label: null,
      class: 'wide',
      cell: ({ host, hash, ...site }) =>
        hash === null ? (
          <Missing {...site} now={now} />
        ) : (
          <img src={buttonPath(slug, { host, hash })} {...BUTTON} alt={`Button of ${host}`} />
        ),
    },
    {
      head: 'Action',
      label: null,
      cell: ({ host }) => <ButtonForm class="inline" action={remove(host)} label="Remove" />,
    },
  ]
}

function Missing({ url, reason, due_at, now }: Pick<Site, 'url' | 'reason' | 'due_at'> & { now: number }) {
  return (
    <>
      {reason === null ? 'Not fetched yet' : `None: ${reason.replaceAll('_', ' ')}`}, <UserText text={url} />
      {reason !== null && due_at !== null && (
        <>
          . Next attempt <RelativeTime at={due_at} now={now} />
        </>
      )}
    </>
  )
}
