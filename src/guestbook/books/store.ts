import { portable } from '../../kit/db/portable'
import { columnsOf, type RowOf } from '../../kit/db/rows'
import { all, statement } from '../../kit/db/statements'
import { DAY_MS } from '../../kit/lib/time'
import { MAX_BANS } from '../rules/entries/match-bans'
import { MAX_EXCLUDED } from '../rules/looks/wall'
import { books } from '../tables'
import { type BookRow, MAIN_BOOK } from './book'

/** Deleted books count until they are removed. Pages and lists read all books, so there can only be a few. */
export const MAX_BOOKS = 50
/** A deleted book can be restored for this long. */
export const RESTORABLE_MS = DAY_MS

const BOOK = columnsOf(
  books,
  'slug',
  'title',
  'settings',
  'comment_count',
  'published_count',
  'version',
  'created_at',
  'deleted_at'
)
/** None of the entries of a deleted book have been removed yet. */
const IS_WHOLE = "settings ->> '$.is_removing' is null"

/** Selects a book, unless it has been deleted. */
export const FIND_BOOK = BOOK.from<{ slug: string }>('books where slug = :slug and deleted_at is null')
/** Also finds books that have been deleted. @param slugs a JSON list */
export const FIND_BOOKS = BOOK.from<{ slugs: string }>('books where slug in (select value from json_each(:slugs))')

function bySlug(condition: string) {
  return BOOK.from<{ after: string; limit: number }>(`
  books where slug > :after and ${condition} order by slug limit :limit`)
}

/** Lists the books that have not been deleted, by slug. */
export const LIST_BOOKS = bySlug('deleted_at is null')
/** Lists the books that have been deleted, and can still be restored. */
export const LIST_DELETED = bySlug(`deleted_at is not null and ${IS_WHOLE}`)

/** Each reads all of its books. */
export const allBooks = async (env: Env) => all(LIST_BOOKS(env, { after: '', limit: MAX_BOOKS }))
export const allDeleted = async (env: Env) => all(LIST_DELETED(env, { after: '', limit: MAX_BOOKS }))

const NEW = columnsOf(books, 'slug', 'title', 'settings', 'version', 'created_at')

/** With too many books, the statement sets `title` to NULL and fails: see `refuseIfNull` in kit/http/problem.ts. */
export const INSERT_BOOK = NEW.insert<RowOf<typeof NEW>>({
  title: `iif((select count(*) from books where slug > '') < ${MAX_BOOKS}, :title, null)`,
})

/**
 * Changes only what is given, so that two simultaneous requests do not undo each other's changes. If the values are the
 * same, the version stays, and so do the copies in caches.
 */
export const CHANGE_BOOK = statement<{ slug: string; title: string | null; changes: string }, BookRow>(`
  update books
  set title = coalesce(:title, title), settings = json_patch(settings, :changes),
    version = version + (title <> coalesce(:title, title) or settings <> json_patch(settings, :changes))
  where slug = :slug and deleted_at is null
  returning ${BOOK.of()}`)

/** The main book cannot be deleted. */
export const MARK_DELETED = statement<{ slug: string; origin: string; now: number }>(`
  update books
  set deleted_at = :now, version = version + 1, settings = json_set(settings, '$.deleted_from', :origin)
  where slug = :slug and slug <> '${MAIN_BOOK}' and deleted_at is null`)

export const RESTORE = statement<{ slug: string }>(`
  update books
  set deleted_at = null, version = version + 1
  where slug = :slug and deleted_at is not null and ${IS_WHOLE}`)

export const IS_DELETED = statement<{ slug: string }, { found: number }>(`
  select 1 as found from books where slug = :slug and deleted_at is not null`)

/** Begins to remove an expired book. If it was restored meanwhile, `title` becomes NULL, and the whole batch fails. */
export const BEGIN_REMOVAL = statement<{ slug: string; deleted_before: number }>(`
  update books
  set title = iif(deleted_at <= :deleted_before, title, null), settings = json_set(settings, '$.is_removing', 1)
  where slug = :slug`)

const BAN_COUNT = "coalesce(json_array_length(settings, '$.bans'), 0)"

/** @param ban JSON. If there are too many bans, the statement sets `settings` to NULL and fails: see `refuseIfNull` */
export const ADD_BAN = statement<{ slug: string; ban: string }>(`
  update books
  set settings = iif(
    ${BAN_COUNT} < ${MAX_BANS}, json_insert(settings, '$.bans', json('[]'), '$.bans[#]', json(:ban)), null)
  where slug = :slug and deleted_at is null`)

const KEPT_BANS = `(
    select json_group_array(json(b.value)) from json_each(settings, '$.bans') b
    where b.value ->> 'id' <> :id and b.value ->> 'by' || ' ' || (b.value ->> 'value') not in (select value from json_each(:same))
      and coalesce(b.value ->> 'until' > :now, true))`

/** @param same a JSON list: `by` and `value` of bans that are removed, too. A ban that is repeated replaces the first */
type Removal = { id: string; same: string; now: number }

/** Removes a ban, and those that have ended. */
export const REMOVE_BAN = statement<Removal & { slug: string }>(`
  update books
  set settings = json_set(settings, '$.bans', json(${KEPT_BANS}))
  where slug = :slug and deleted_at is null and ${BAN_COUNT} > 0`)

/** Removes the bans that have ended from all books. With them, the keys of their hashes are gone. */
export const REMOVE_ENDED_BANS = statement<Removal>(`
  update books
  set settings = json_set(settings, '$.bans', json(${KEPT_BANS}))
  where slug > '' and exists (select 1 from json_each(settings, '$.bans') e where e.value ->> 'until' <= :now)`)

const OTHER_PICTURES = `
    select json_set(o.value, '$.use', iif(o.value ->> 'use' = :sole, 'none', o.value ->> 'use')) as one
    from json_each(settings, '$.pictures') o
    where o.value ->> 'id' <> :id`

/**
 * Puts a picture at the end of the list, unless its file is gone. What is not given stays as it was before.
 * @param picture JSON @param sole a use that only this picture has from now on, or ''
 */
export const SAVE_PICTURE = statement<{ slug: string; id: string; picture: string | null; sole: string }>(`
  update books
  set version = version + 1, settings = json_set(settings, '$.pictures', json((
    select json_group_array(json(p.one)) from (${OTHER_PICTURES}
    union all
    select json_patch(coalesce((
      select o.value from json_each(settings, '$.pictures') o where o.value ->> 'id' = :id), '{}'), :picture)
    where exists (select 1 from pictures where book = :slug and id = :id)) p)))
  where slug = :slug and deleted_at is null`)

/** Appends a site within SQL, so that of two simultaneous requests neither is lost. A full list stays as it is. */
export const EXCLUDE_SITE = statement<{ slug: string; host: string }>(`
  update books
  set version = version + 1,
    settings = json_insert(settings, '$.wall_excluded', json('[]'), '$.wall_excluded[#]', :host)
  where slug = :slug and deleted_at is null
    and coalesce(json_array_length(settings, '$.wall_excluded'), 0) < ${MAX_EXCLUDED}`)

/** A wall of buttons that may be out of date. A wall that was turned off has to be emptied once. */
export const IS_CHANGED_WALL = `slug > '' and deleted_at is null and wall_version <> version
    and (settings ->> '$.has_wall' or wall_version > 0)`

export const LIST_CHANGED_WALLS = BOOK.from<Record<never, never>>(`books where ${IS_CHANGED_WALL} limit 2`)

/** @param shown 1 if the page has changed, otherwise 0 */
export const MARK_WALL = statement<{ slug: string; shown: number; wall_version: number }>(`
  update books
  set version = version + :shown, wall_version = :wall_version
  where slug = :slug`)

/** Shows buttons that were fetched. The list of sites stays as it is. */
export const SHOW_BUTTONS = statement<{ slug: string }>(`
  update books
  set version = version + 1, wall_version = wall_version + (wall_version = version)
  where slug = :slug`)

/** Lists the books whose time for being restored is over. */
export const LIST_EXPIRED = BOOK.from<{ deleted_before: number }>(`
  books where slug > '' and deleted_at <= :deleted_before`)

/** Removes an expired book that has no entries left. */
export const REMOVE_BOOK = statement<{ slug: string; deleted_before: number }>(`
  delete from books
  where slug = :slug and deleted_at <= :deleted_before
    and not exists (select 1 from comments indexed by comments_of_book where book = :slug)`)

/** In a batch, this condition runs a statement only if the previous statement changed a row. */
export const IF_CHANGED = '(:if_changed = 0 or changes() > 0)'

/** Counts entries that were imported, and shows that the page has changed. */
export const COUNT_IMPORTED = statement<{ book: string; entries: number; published: number }>(`
  update books
  set comment_count = comment_count + :entries,
    published_count = published_count + :published,
    version = version + 1
  where slug = :book`)

/** In a backup, the books come first, so their counts lack the entries that guests added while it was made. */
export const RECOUNT = statement<Record<never, never>>(`
  update books
  set comment_count = max(comment_count, coalesce((select max(number) from comments where book = slug), 0)),
    published_count = (select count(*) from comments where book = slug and status = 'published'),
    version = version + 1
  where slug > ''`)

/** @param condition which comments `c` in the JSON list `:list` count. `j.value` is an item of the list */
function counting(id: string, condition: string, change: string): string {
  const counted = `from json_each(:list) j cross join comments c on c.id = ${id} where ${condition}`
  return `
  update books
  set published_count = published_count + (select sum(${change}) ${counted} and c.book = books.slug),
    version = version + 1
  where slug in (select c.book ${counted})`
}

/** Counts the changes of a JSON list (see change-store.ts) that were made: their comments have noted their messages. */
export const COUNT_CHANGES = statement<{ list: string }>(
  counting("j.value ->> 'id'", "instr(c.message_ids, j.value ->> 'message_id') > 0", "j.value ->> 'delta'")
)

/** Counts comments that are about to be removed. @param list a JSON list of ids */
export const COUNT_REMOVALS = statement<{ list: string }>(counting('j.value', "c.status = 'published'", '-1'))

/** A restored book replaces the one of a new deployment. Its version is new, so that caches serve nothing old. */
export const PORTABLE_BOOKS = portable(
  books,
  ['slug', 'title', 'settings', 'comment_count', 'published_count', 'created_at'],
  {
    hidden: ['version'],
    condition: 'deleted_at is null',
    replaces: 'true',
  }
)

const FIND_UNKNOWN = statement<{ slugs: string }, { slug: string }>(`
  select value as slug
  from json_each(:slugs)
  where not exists (select 1 from books where slug = value and deleted_at is null)`)

/** @returns the slugs that do not belong to any book */
export async function findUnknownBooks(env: Env, slugs: string[]): Promise<string[]> {
  const rows = await all(FIND_UNKNOWN(env, { slugs: JSON.stringify(slugs) }))
  return rows.map(({ slug }) => slug)
}

/** The condition on the slug makes SQLite read the primary key in order. */
const LIST_TITLES = columnsOf(books, 'slug', 'title').from<Record<never, never>>(`
  books
  where slug > '' and deleted_at is null
  order by slug`)

export const listBookTitles = async (env: Env) => all(LIST_TITLES(env, {}))
