import { actNames } from '../../access/acts'
import { FILTER_MAX } from '../../access/audit/api'
import { type AuditFilter, type AuditRow, changesOf } from '../../access/audit/store'
import { ClientText } from '../../access/client-view'
import { controlOf, titlesOfFields } from '../../guestbook/books/form'
import type { Actor } from '../../kit/actor'
import { Dashboard, ShortId } from '../../kit/html/dashboard'
import { EmptyList, ListStart, NoMatches, Pages } from '../../kit/html/list'
import { type Choice, type FilterField, FilterForm } from '../../kit/html/parts/filter'
import { type Column, Table } from '../../kit/html/parts/table'
import { RelativeTime } from '../../kit/html/time'
import type { TIME_NAMES } from '../../kit/html/typed-filter'
import { UserLink, UserText } from '../../kit/html/user-text'
import { DASHBOARD } from '../../kit/lib/paths'
import { PERIODS } from '../../kit/sweep/retention-setting'
import { NAMED, nounOf, THINGS } from './act-words'
import { prefixOf, subjectsOf, type Thing } from './subject-names'

/** An act, and what was done in words. */
interface WordedAct extends AuditRow {
  phrase: string
}

interface AuditProps {
  acts: WordedAct[]
  things: Map<string, Thing>
  typed: AuditFilter & Record<'logins' | (typeof TIME_NAMES)[number], string>
  next: string | null
  now: number
}

export function AuditPage({ acts, things, typed, next, now }: AuditProps) {
  return (
    <Dashboard title="Audit log" section={DASHBOARD.auditLog}>
      <p>
        This log lists who changed what, and when. It does not list what guests do. It lists logins only if you press
        "With logins". <a href={DASHBOARD.storage}>Storage</a> sets how long the log is kept.
      </p>
      <FilterForm action={DASHBOARD.auditLog} fields={filterFields(typed)} typed={typed} />
      <ListStart />
      <Table columns={columnsFor(things, now)} rows={acts} empty={<NoActs typed={typed} next={next} />} />
      <Pages next={next} />
    </Dashboard>
  )
}

function NoActs({ typed, next }: Pick<AuditProps, 'typed' | 'next'>) {
  if (next !== null || Object.values(typed).some((text) => text !== ''))
    return <NoMatches what="changes" href={DASHBOARD.auditLog} next={next} />
  return (
    <EmptyList
      title="Nothing has been changed yet."
      help={
        <>
          Each change by you, your API keys and your moderation links appears here: what was done, when, and with which
          credential.
        </>
      }
    />
  )
}

/** The kinds of credentials, by how the actor of an act starts. */
const CREDENTIALS: Record<Actor['kind'], string> = {
  session: 'Dashboard',
  token: 'Admin token',
  key: 'API keys',
  access: 'Cloudflare Access',
  link: 'Moderation links',
}

function filterFields({ act, actor }: AuditFilter): FilterField<keyof AuditFilter | 'logins'>[] {
  const firsts = new Set(actNames().map((name) => name.slice(0, name.indexOf('.') + 1)))
  const kinds = [...firsts].map((first): Choice => [first, nounOf(first.slice(0, -1))])
  const sorted = kinds.toSorted(([, a], [, b]) => a.localeCompare(b))
  return [
    { name: 'act', label: 'Changes of', choices: withChosen(sorted, act), maxlength: FILTER_MAX },
    {
      name: 'actor',
      label: 'With',
      choices: withChosen(Object.entries(CREDENTIALS), actor),
      isQuick: true,
      maxlength: FILTER_MAX,
    },
    { name: 'logins', label: 'Logins', choices: [['yes', 'With logins']], none: 'Without logins', isQuick: true },
  ]
}

/** Links set values that are more exact than those that are offered. */
function withChosen(choices: Choice[], chosen: string): Choice[] {
  const isListed = chosen === '' || choices.some(([value]) => value === chosen)
  return isListed ? choices : [...choices, [chosen, chosen]]
}

function columnsFor(things: Map<string, Thing>, now: number): Column<WordedAct>[] {
  return [
    { head: 'What', class: 'wide', cell: (row) => <Sentence row={row} things={things} /> },
    { head: 'When', label: null, cell: ({ created_at }) => <RelativeTime at={created_at} now={now} /> },
    { head: 'With', class: 'wrap', cell: Credential },
    { head: 'From', class: 'wrap', cell: (row) => <ClientText {...row} /> },
  ]
}

function Sentence({ row, things }: { row: WordedAct; things: Map<string, Thing> }) {
  const [before, after] = row.phrase.split('…')
  return (
    <>
      <Who row={row} /> {before}
      {after !== undefined && (
        <>
          <Subjects row={row} things={things} />
          {after}
        </>
      )}
      {changesOf(row).map((line) => (
        <div class="small">
          <UserText text={inWords(line)} />
        </div>
      ))}
    </>
  )
}

/** @returns what has changed, with the title of the setting instead of its name, and the labels of what was chosen */
function inWords(line: string): string {
  return line.replace(/^(\w+)(?:: (\w+) → (\w+)$)?/, (_, name: string, from?: string, to?: string) => {
    const label = (value: string) => controlOf(name)?.options?.[value] ?? value
    return titleOf(name) + (from && to ? `: ${label(from)} → ${label(to)}` : '')
  })
}

/** @param name of a setting of a book, or of `PATCH /api/settings`, which sets a limit of the main book, too */
function titleOf(name: string): string {
  const [title] = titlesOfFields(name)
  return title ?? new Map(Object.entries(PERIODS)).get(name)?.label ?? name.replace(/^./, (c) => c.toUpperCase())
}

function Who({ row: { actor, actor_name } }: { row: AuditRow }) {
  if (actor === 'link') return 'A moderation link'
  if (!/^(key|access):/.test(actor)) return 'You'
  const name = <UserText text={actor_name ?? actor.slice(actor.indexOf(':') + 1)} />
  return actor.startsWith('key:') ? ['The API key ', name] : name
}

function Subjects({ row, things }: { row: AuditRow; things: Map<string, Thing> }) {
  const { ids, more } = subjectsOf(row)
  const [first = ''] = row.act.split('.')
  if (ids.length === 0) return <>the {nounOf(first)}</>
  return (
    <>
      {ids.map((id, i) => (
        <>
          {i > 0 && (i === ids.length - 1 && more === 0 ? ' and ' : ', ')}
          <Subject id={id} first={first} thing={things.get(id)} />
        </>
      ))}
      {more > 0 && ` and ${more} more`}
    </>
  )
}

/** Something with its name, or with its id if it has none, and with a link if it still exists. */
function Subject({ id, first, thing }: { id: string; first: string; thing: Thing | undefined }) {
  const kind = THINGS[prefixOf(id)] ?? NAMED[first]
  const href = kind && thing?.is_gone === 0 ? kind.path + encodeURIComponent(id) : undefined
  const noun = `the ${kind?.noun ?? nounOf(first)} `
  if (!thing?.name && prefixOf(id) !== '') return [noun, <ShortId id={id} {...(href && { href })} />]
  return [noun, kind?.by, <UserLink href={href} text={thing?.name || id} />]
}

function Credential({ actor, actor_name }: AuditRow) {
  const [kind = ''] = actor.split(':')
  const label = CREDENTIALS[kind as Actor['kind']] ?? actor
  return (
    <a href={`${DASHBOARD.auditLog}?actor=${encodeURIComponent(actor)}`}>
      {actor_name === null ? label : <UserText text={actor_name} />}
    </a>
  )
}
