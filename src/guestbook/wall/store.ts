import { columnsOf, columnsWithout, type RowOf } from '../../kit/db/rows'
import { statement } from '../../kit/db/statements'
import { DAY_MS, HOUR_MS } from '../../kit/lib/time'
import { claiming } from '../../kit/sweep/oldest-rows'
import { IS_CHANGED_WALL } from '../books/store'
import { type Button, MAX_BUTTONS } from '../rules/looks/wall'
import { buttons } from '../tables'

/*
 * The buttons of guests' sites. The table follows the published entries a minute later: see update.ts. So each statement
 * that shows a button looks at its entry, too: a button is gone together with its entry.
 */

const OF_ENTRY = "cross join comments c on c.id = b.comment_id and c.status = 'published'"

/** Lists what the page shows, newest first. Without a wall, it reads nothing. */
export const LIST_SHOWN = statement<{ book: string }, Button>(`
  select b.host, b.hash, c.name, coalesce(c.website, '') as website
  from buttons b indexed by buttons_shown ${OF_ENTRY}
  where b.book = :book and b.hash is not null
  order by b.comment_id desc
  limit ${MAX_BUTTONS}`)

export const FIND_FILE = columnsOf(buttons, 'content')
  .of('b')
  .from<Omit<Button, 'name' | 'website'> & { book: string }>(`
  buttons b ${OF_ENTRY}
  where b.book = :book and b.host = :host and b.hash = :hash`)

const SITE = columnsWithout(buttons, 'book', 'content')
export type Site = RowOf<typeof SITE>

export const LIST_SITES = SITE.from<{ book: string }>('buttons where book = :book')

/** How many of the latest entries count. */
const ENTRIES = 300

export const LIST_SIGNED = statement<
  { book: string },
  { id: string; name: string; website: string; button: string | null }
>(`
  select id, name, coalesce(website, '') as website, extra ->> 'button' as button
  from comments
  where book = :book and status = 'published'
  order by id desc
  limit ${ENTRIES}`)

/** @param sites a JSON list. What is new, has failed before, or has another address will be fetched */
export const PUT_SITES = statement<{ book: string; sites: string; now: number }>(`
  insert into buttons (book, host, comment_id, url, due_at)
  select :book, j.value ->> 'host', j.value ->> 'comment_id', j.value ->> 'url', :now from json_each(:sites) j where true
  on conflict (book, host) do update set
    comment_id = excluded.comment_id,
    url = excluded.url,
    due_at = iif(url = excluded.url and hash is not null, null, excluded.due_at),
    attempts = 0,
    reason = null,
    hash = iif(url = excluded.url, hash, null),
    content = iif(url = excluded.url, content, null)`)

/** @param hosts a JSON list */
export const REMOVE_SITES = statement<{ book: string; hosts: string }>(`
  delete from buttons where book = :book and host in (select value from json_each(:hosts))`)

/** Runs after the statement that may have removed the book. */
export const REMOVE_BUTTONS = statement<{ slug: string }>(`
  delete from buttons where book = :slug and not exists (select 1 from books where slug = :slug)`)

/** Sites can still be due although the wall was turned off, or the book was deleted. */
const HAS_WALL = "exists (select 1 from books where slug = book and deleted_at is null and settings ->> '$.has_wall')"

export const FIND_WORK = statement<{ now: number }, { found: number }>(`
  select 1 as found from buttons indexed by buttons_due where due_at <= :now and ${HAS_WALL}
  union all select 1 from books where ${IS_CHANGED_WALL}
  limit 1`)

/** Claims what is due. Each button is fetched at most three times: the next time is set before anything can fail. */
export const CLAIM = claiming(buttons, {
  at: 'due_at',
  index: 'buttons_due',
  condition: HAS_WALL,
  until: `case attempts when 0 then :now + ${HOUR_MS} when 1 then :now + ${DAY_MS} end`,
  set: 'attempts = attempts + 1',
  returns: ['book', 'host', 'url', 'attempts', 'due_at'],
})

/** Nothing is written if the site has another address by now. */
export const SETTLE_BUTTON = statement<Omit<typeof buttons.$inferSelect, 'comment_id' | 'due_at'>>(`
  update buttons
  set due_at = iif(:hash is null, due_at, null), reason = :reason, hash = :hash, content = :content
  where book = :book and host = :host and url = :url and attempts = :attempts`)
