import { type BookRow, DEMO_SLUG, toBook } from '../../../guestbook/books/book'
import { planBook, refuseTakenSlug, restoreBook } from '../../../guestbook/books/manage'
import { allDeleted, COUNT_IMPORTED, FIND_BOOK, INSERT_BOOK } from '../../../guestbook/books/store'
import { BARE, type BulkEntry, insertEntries } from '../../../guestbook/bulk/insert'
import { freshId } from '../../../kit/db/ids'
import { batch, first } from '../../../kit/db/statements'
import { publicFile } from '../../../kit/http/paths/public-file'
import { Refusal } from '../../../kit/http/problem'
import { DAY_MS } from '../../../kit/lib/time'

/** All guests are made up, and their sites are names that nobody can own. */
type DemoEntry = Pick<BulkEntry, 'status' | 'name' | 'website' | 'body' | 'reply'>

/** The oldest first. */
const readGuests = publicFile<DemoEntry[]>('demo.json')

/** `taken`: one of the owner's own books has the slug, so nothing was done. */
type DemoResult = 'made' | 'exists' | 'taken'

/** Makes the demo guestbook with its entries, all or nothing. A demo that was removed within a day is restored. */
export async function makeDemo(env: Env, now: number): Promise<DemoResult> {
  try {
    const guests = await readGuests(env)
    await refuseTakenSlug(DEMO_SLUG, () => batch(env, planDemo(env, guests, now)))
    return 'made'
  } catch (cause) {
    if (!(cause instanceof Refusal && cause.code === 'slug_taken')) throw cause
    return takeExisting(env, now)
  }
}

async function takeExisting(env: Env, now: number): Promise<DemoResult> {
  const present = await first(FIND_BOOK(env, { slug: DEMO_SLUG }))
  if (present) return toBook(present).is_demo ? 'exists' : 'taken'
  if (!(await allDeleted(env)).some(isDemo)) return 'taken'
  await restoreBook(env, DEMO_SLUG, now)
  return 'made'
}

const isDemo = (row: BookRow): boolean => row.slug === DEMO_SLUG && toBook(row).is_demo

function planDemo(env: Env, guests: DemoEntry[], now: number) {
  const { row } = planBook(env, { slug: DEMO_SLUG, title: 'Demo guestbook' }, now)
  const entries = guests.map((guest, i) => demoEntry(guest, now - (guests.length - i) * DAY_MS))
  const published = entries.filter(({ status }) => status === 'published').length
  return [
    INSERT_BOOK(env, { ...row, settings: JSON.stringify({ ...JSON.parse(row.settings), is_demo: true }) }),
    insertEntries(env, entries),
    COUNT_IMPORTED(env, { book: DEMO_SLUG, entries: entries.length, published }),
  ]
}

/** One guest came each day. */
function demoEntry(entry: DemoEntry, created_at: number): BulkEntry {
  return {
    ...entry,
    ...BARE,
    number: null,
    id: freshId('cmt', created_at),
    book: DEMO_SLUG,
    reason: entry.status === 'held' ? 'first' : null,
    created_at,
    is_private: 0,
    answers: '[]',
    replied_at: entry.reply === null ? null : created_at + DAY_MS / 4,
    extra: '{}',
    pre: 0,
    drawing: null,
  }
}
