import { Dashboard } from '../../kit/html/dashboard'
import { EmptyList } from '../../kit/html/list'
import { RelativeTime } from '../../kit/html/time'
import { UserText } from '../../kit/html/user-text'
import type { BookRow } from '../books/book'
import { settingsPath } from '../books/form'
import type { Ban } from '../rules/entries/bans'
import { pathOf } from './moderation-filter'

/** What the owner has entered for a new ban. */
export interface BanFields {
  by: string
  value: string
  days: string
}

interface BansProps {
  row: BookRow
  bans: Ban[]
  fields: BanFields
  error?: string | undefined
  notice?: string | undefined
  now: number
}

function NoBans() {
  return (
    <EmptyList title="Nobody is banned.">
      Ban a guest who keeps posting unwanted entries. You can ban a name, a website or a text below, for a while or for
      good.
    </EmptyList>
  )
}

export function BansPage({ row, bans, fields, error, notice, now }: BansProps) {
  return (
    <Dashboard title={`Bans in ${row.title}`} section="/admin/books" error={error} notice={notice}>
      <p>
        Entries of banned guests are spam. You still see them under <a href={spamPath(row.slug)}>Spam</a>. To ban the
        network of a guest, use <b>Ban…</b> below an entry. <a href={settingsPath(row.slug)}>Back to the settings</a>
      </p>
      {bans.length === 0 ? <NoBans /> : <BanTable slug={row.slug} bans={bans} now={now} />}
      <section class="card">
        <h2>Ban a guest</h2>
        <form method="post" action={`${settingsPath(row.slug)}/bans`}>
          <label for="by">By</label>
          <select id="by" name="by">
            {BY_HAND.map(([value, label]) => (
              <option value={value} selected={value === fields.by}>
                {label}
              </option>
            ))}
          </select>
          <label for="value">Name, website or text</label>
          <input id="value" name="value" required value={fields.value} />
          <label for="days">Days</label>
          <input id="days" name="days" type="number" min={1} value={fields.days} />
          <p class="hint">Leave it empty for a permanent ban.</p>
          <button class="primary" type="submit">
            Ban
          </button>
        </form>
      </section>
    </Dashboard>
  )
}

const BY_HAND: [string, string][] = [
  ['name', 'Name'],
  ['website', 'Website'],
  ['word', 'Text in the entry'],
]

function spamPath(book: string): string {
  return pathOf({ status: 'spam', book, cursor: null, q: '' })
}

const LABELS = { visitor: 'Network', name: 'Name', website: 'Website', word: 'Text' } as const

function BanTable({ slug, bans, now }: { slug: string; bans: Ban[]; now: number }) {
  return (
    <table>
      <thead>
        <tr>
          <th>By</th>
          <th>Value</th>
          <th>Ends</th>
          <th>Action</th>
        </tr>
      </thead>
      <tbody>
        {bans.map(({ id, by, value, until }) => (
          <tr>
            <td>{LABELS[by]}</td>
            <td>{by === 'visitor' ? 'hidden, because no address is stored' : <UserText text={value} />}</td>
            <td>{until === null ? 'never' : <RelativeTime at={until} now={now} />}</td>
            <td>
              <form class="inline" method="post" action={`${settingsPath(slug)}/bans/${id}/remove`}>
                <button type="submit">Remove</button>
              </form>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

interface BannedComment {
  id: string
  book: string
  website: string | null
  /** Whether the network of the guest can still be recognized. */
  hasNetwork: boolean
}

/** The form below an entry. Bans by network need an entry, because no address is stored. */
export function BanForm({ comment }: { comment: BannedComment }) {
  return (
    <details>
      <summary>Ban…</summary>
      <form class="inline" method="post" action={`${settingsPath(comment.book)}/bans`}>
        <input type="hidden" name="comment_id" value={comment.id} />
        <label for={`by-${comment.id}`}>By</label>
        <select id={`by-${comment.id}`} name="by">
          {comment.hasNetwork && <option value="visitor">network of the guest</option>}
          <option value="name">name</option>
          {comment.website && <option value="website">website</option>}
        </select>
        <label for={`days-${comment.id}`}>for</label>
        <select id={`days-${comment.id}`} name="days">
          {[1, 7, 30].map((days) => (
            <option value={days}>{days === 1 ? 'a day' : `${days} days`}</option>
          ))}
        </select>
        <button class="danger" type="submit">
          Ban
        </button>
      </form>
    </details>
  )
}
