import { Dashboard } from '../../kit/html/dashboard'
import { Help } from '../../kit/html/help'
import { EmptyList } from '../../kit/html/list'
import { ButtonForm } from '../../kit/html/parts/form'
import { type Column, Table } from '../../kit/html/parts/table'
import { RelativeTime } from '../../kit/html/time'
import { UserText } from '../../kit/html/user-text'
import { inKb } from '../../kit/lib/amounts'
import { type BookRow, toBook } from '../books/book'
import { settingId, settingsPath } from '../books/form'
import { BUTTON } from '../rules/feeds/button'
import { BUTTON_MAX_BYTES, buttonPath } from '../rules/looks/wall'
import type { Site } from './store'

interface WallProps {
  row: BookRow
  sites: Site[]
  now: number
}

export function WallPage({ row, sites, now }: WallProps) {
  const { slug, has_wall } = toBook(row)
  const setting = (name: string) => `${settingsPath(slug)}#${settingId(name)}`
  const crumbs = [{ href: `${settingsPath(slug)}#appearance`, label: row.title }]
  return (
    <Dashboard title="Wall of buttons" section="/admin/books" crumbs={crumbs}>
      {has_wall ? (
        <p>
          {summaryOf(sites)} To show a removed button again, change{' '}
          <a href={setting('wall_excluded')}>the sites without a button</a>.
        </p>
      ) : (
        <p>
          The page shows no buttons. <a href={setting('has_wall')}>Turn on the wall</a>
        </p>
      )}
      {has_wall && sites.length === 0 && (
        <EmptyList title="No sites yet.">
          <Help of="wall.empty" />
        </EmptyList>
      )}
      {sites.length > 0 && <Table columns={columnsOf(slug, now)} rows={sites} />}
    </Dashboard>
  )
}

/** Such as "8 buttons are on the wall. 2 sites have none." */
function summaryOf(sites: Site[]): string {
  const shown = sites.filter(({ hash }) => hash !== null).length
  const without = sites.filter(({ hash, reason }) => hash === null && reason !== null).length
  const none = without === 1 ? ' 1 site has none.' : without > 1 ? ` ${without} sites have none.` : ''
  return `${shown === 1 ? '1 button is' : `${shown} buttons are`} on the wall.${none}`
}

const REASONS: Record<string, string> = {
  not_found: 'There is no file at this address.',
  not_a_picture: 'The file is not a picture.',
  wrong_size: `The picture does not have ${BUTTON.width} × ${BUTTON.height} pixels.`,
  too_large: `The file is larger than ${inKb(BUTTON_MAX_BYTES)}.`,
  blocked: 'The address is not a public https:// address.',
}

function columnsOf(slug: string, now: number): Column<Site>[] {
  return [
    { head: 'Site', cell: ({ host, comment_id }) => <a href={`/admin/comments/${comment_id}`}>{host}</a> },
    { head: 'Button', label: null, class: 'wide', cell: (site) => <State slug={slug} site={site} now={now} /> },
    {
      head: 'Action',
      label: null,
      cell: ({ host }) => (
        <ButtonForm class="inline" action={`${settingsPath(slug)}/wall/${host}/remove`} label="Remove" />
      ),
    },
  ]
}

function State({ slug, site: { host, hash, url, reason, due_at }, now }: { slug: string; site: Site; now: number }) {
  if (hash !== null) return <img src={buttonPath(slug, { host, hash })} {...BUTTON} alt={`Button of ${host}`} />
  return (
    <>
      {reason === null ? 'Not fetched yet.' : (REASONS[reason] ?? `The site did not answer as expected: ${reason}.`)}{' '}
      {reason !== null && due_at !== null && (
        <>
          Next attempt <RelativeTime at={due_at} now={now} />.
        </>
      )}
      <br />
      <span class="small">
        <UserText text={url} />
      </span>
    </>
  )
}
