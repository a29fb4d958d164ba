import { Dashboard } from '../../kit/html/dashboard'
import { ActLink, EmptyList } from '../../kit/html/list'
import { Card, Section } from '../../kit/html/parts/card'
import { Input, Select } from '../../kit/html/parts/fields'
import { ButtonForm, Form, Submit } from '../../kit/html/parts/form'
import { type Column, Table } from '../../kit/html/parts/table'
import { RelativeTime } from '../../kit/html/time'
import { UserText } from '../../kit/html/user-text'
import { DASHBOARD } from '../../kit/lib/paths'
import { isolated } from '../../kit/lib/text/bidi'
import { shorten } from '../../kit/lib/text/shorten'
import type { Book, BookRow } from '../books/book'
import { settingsPath } from '../books/form'
import { type Ban, isActive } from '../rules/entries/match-bans'
import type { CommentRow } from '../store'
import type { WideBan } from './bans'

/** What the owner has entered for a new ban. */
export type BanFields = { by: string; value: string; days: string }

interface BansProps {
  row: BookRow
  bans: Ban[]
  fields: BanFields
  /** The entries that the new ban matches, if the owner has to confirm it. */
  wide?: WideBan
  now: number
}

export function BansPage({ row, bans, fields, wide, now }: BansProps) {
  const crumbs = [{ href: settingsPath(row.slug), label: row.title }]
  const path = `${settingsPath(row.slug)}/bans`
  return (
    <Dashboard title="Bans" pageTitle={`Bans in ${row.title}`} section={DASHBOARD.books} crumbs={crumbs}>
      <p>
        Entries from banned guests are marked as spam. You still see them under{' '}
        <a href={`${DASHBOARD.entries}?status=spam&book=${row.slug}`}>Spam</a>. To ban the network of a guest, open "⋯"
        below an entry.
      </p>
      {wide ? <ConfirmBan {...{ path, fields, wide, now }} /> : <BanTable slug={row.slug} bans={bans} now={now} />}
      <Card title="Ban a guest">
        <Form action={path}>
          <Select name="by" label="By" choices={BY_HAND} value={fields.by} />
          <Input name="value" label="Name, website or text" required value={fields.value} />
          <Input
            name="days"
            label="Days"
            type="number"
            min={1}
            value={fields.days}
            hint="Leave it empty for a permanent ban."
          />
          <Submit kind="primary" label="Ban" />
        </Form>
      </Card>
    </Dashboard>
  )
}

/** How many of the entries that match are shown. */
const EXAMPLES = 5

type ConfirmProps = { path: string; fields: BanFields; wide: WideBan; now: number }

function ConfirmBan({ path, fields, wide: { matches, compared }, now }: ConfirmProps) {
  const waiting = matches.filter(({ status }) => status === 'held').length
  const columns: Column<CommentRow>[] = [
    { head: 'Entry', cell: ({ id, name }) => <a href={`${DASHBOARD.entries}/${id}`}>{isolated(name)}</a> },
    { head: 'Text', class: 'wide', cell: ({ body }) => <UserText text={shorten(body, 100)} /> },
    { head: 'Written', label: null, cell: ({ created_at }) => <RelativeTime at={created_at} now={now} /> },
  ]
  return (
    <Card title={<UserText text={`Ban “${fields.value}”?`} />}>
      <p>
        It matches {matches.length} of the latest {compared} entries: {matches.length - waiting} published, {waiting}{' '}
        waiting. They stay as they are. New entries that match the ban will be marked as spam.
      </p>
      <Table columns={columns} rows={matches.slice(0, EXAMPLES)} />
      {matches.length > EXAMPLES && <p class="hint">The latest {EXAMPLES} are shown.</p>}
      <ButtonForm action={path} hidden={{ ...fields, confirmed: 'yes' }} label="Ban anyway" kind="danger" />
      <p>
        <a href={path}>Do not ban</a>
      </p>
    </Card>
  )
}

/** The bans of the books that have any. @param books all of them */
export function AllBansPage({ books, now }: { books: Book[]; now: number }) {
  const active = books.map(({ bans, ...book }) => ({ ...book, bans: bans.filter((ban) => isActive(ban, now)) }))
  const banning = active.filter(({ bans }) => bans.length > 0)
  return (
    <Dashboard title="Bans" section={DASHBOARD.bans}>
      <p>Entries from banned guests are marked as spam. Each book has its own bans.</p>
      {banning.length === 0 && <BanTable slug="" bans={[]} now={now} />}
      {banning.map(({ title, ...book }) => (
        <Section title={<UserText text={title} />}>
          <BanTable {...book} now={now} />
        </Section>
      ))}
      <p class="inline">
        {books.map(({ slug, title }) => (
          <ActLink href={`${settingsPath(slug)}/bans`}>
            Ban a guest in <UserText text={title} />
          </ActLink>
        ))}
      </p>
    </Dashboard>
  )
}

function BanTable({ slug, bans, now }: { slug: string; bans: Ban[]; now: number }) {
  const empty = (
    <EmptyList
      title="Nobody is banned."
      help={
        <>
          Ban a guest who keeps posting unwanted entries. You can ban a name, a website or text in an entry, for a while
          or for good.
        </>
      }
    />
  )
  return <Table columns={columnsOf(slug, now)} rows={bans} empty={empty} />
}

const BY_HAND = { name: 'Name', website: 'Website', word: 'Text in the entry' }
const LABELS = { visitor: 'Network', name: 'Name', website: 'Website', word: 'Text' } as const

function columnsOf(slug: string, now: number): Column<Ban>[] {
  const remove = (id: string) => `${settingsPath(slug)}/bans/${id}/remove`
  return [
    { head: 'By', cell: ({ by }) => LABELS[by] },
    { head: 'Value', label: null, cell: BannedValue },
    {
      head: 'Ends',
      label: null,
      cell: ({ until }) => (until === null ? 'never' : <RelativeTime at={until} now={now} />),
    },
    { head: 'Action', label: null, cell: ({ id }) => <ButtonForm class="inline" action={remove(id)} label="Remove" /> },
  ]
}

const BannedValue = ({ by, value }: Ban) =>
  by === 'visitor' ? 'hidden, because no address is stored' : <UserText text={value} />
