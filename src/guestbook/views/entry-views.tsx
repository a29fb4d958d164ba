import { raw } from 'hono/html'
import type { Book } from '../../books/book'
import type { Answer } from '../../core/guestbook/answers'
import type { Translator } from '../../core/languages'
import { isolated } from '../../core/lib/bidi'
import { facePath, isFace } from '../../core/looks/faces'
import { identicon } from '../../core/looks/identicon'
import { UserText } from '../../ui/user-text'
import { type CommentRow, extraOf } from '../store'
import { Words } from './words'

/** What an entry shows. A preview has no id yet. */
export type ShownEntry = Pick<
  CommentRow,
  | 'id'
  | 'number'
  | 'name'
  | 'website'
  | 'body'
  | 'created_at'
  | 'edited_at'
  | 'edited_by'
  | 'reply'
  | 'answers'
  | 'extra'
>

/** An entry of more characters than this is folded. */
const FOLDED_LENGTH = 1_500
const SHOWN_LENGTH = 500

interface Translated {
  book: Book
  translate: Translator
}

interface EntryProps extends Translated {
  entry: ShownEntry
  /** Whether this browser wrote the entry, and can still change it. */
  isOwn?: boolean
}

export function Entry({ entry, book, translate, isOwn = false }: EntryProps) {
  const { id, number } = entry
  const { text } = translate
  return (
    <article class="entry h-entry" id={id} aria-labelledby={`n-${id}`}>
      <header>
        <Avatar entry={entry} book={book} />
        {number > 0 && <span class="number">{text('entry_number', { number })}</span>}
        <Guest entry={entry} />
      </header>
      <Body text={entry.body} book={book} translate={translate} />
      <Answers answers={JSON.parse(entry.answers)} />
      <Details entry={entry} translate={translate} />
      <Mention entry={entry} translate={translate} />
      {entry.reply !== null && (
        <div class="reply p-comment h-cite">
          <h4>{text('reply_heading')}</h4>
          <Words text={entry.reply} book={book} />
        </div>
      )}
      <footer>
        <Time entry={entry} translate={translate} />
        {entry.edited_at !== null && ` · ${text(entry.edited_by === 'guest' ? 'edited' : 'edited_by_owner')}`}
        {isOwn && (
          <span class="own">
            {' '}
            · <a href={`/comments/${id}/edit`}>{text('edit')}</a>
          </span>
        )}
      </footer>
    </article>
  )
}

function Guest({ entry: { id, name, website } }: { entry: ShownEntry }) {
  return (
    <h3 id={`n-${id}`} class="p-author h-card">
      {website ? (
        <a class="p-name u-url" href={website} rel="nofollow ugc noopener">
          <UserText text={name} />
        </a>
      ) : (
        <span class="p-name">
          <UserText text={name} />
        </span>
      )}
    </h3>
  )
}

/** A long entry is folded. */
function Body({ text, book, translate }: Translated & { text: string }) {
  const words = <Words text={text} book={book} />
  if (text.length <= FOLDED_LENGTH) return words
  return (
    <details class="fold">
      <summary>
        <span dir="auto">{`${[...text].slice(0, SHOWN_LENGTH).join('').trimEnd()}…`}</span>{' '}
        <b>{translate.text('read_on')}</b>
      </summary>
      {words}
    </details>
  )
}

function Avatar({ entry, book }: { entry: ShownEntry; book: Book }) {
  if (book.avatars === 'none') return null
  const { avatar = '' } = extraOf(entry)
  if (book.avatars !== 'face' || !isFace(avatar)) return raw(identicon(entry.name))
  return <img class="avatar" src={facePath(avatar)} alt="" width={48} height={48} loading="lazy" />
}

/** The page that mentions the book, for a webmention. */
function Mention({ entry, translate }: { entry: ShownEntry; translate: Translator }) {
  const { mention, mention_at } = extraOf(entry)
  if (mention === undefined) return null
  return (
    <p class="mood">
      <a href={mention} rel="nofollow ugc noopener">
        {translate.text('mentioned_on', { site: new URL(mention).host })}
      </a>
      {mention_at != null && (
        <>
          {' '}
          · <time datetime={new Date(mention_at).toISOString()}>{translate.time(mention_at)}</time>
        </>
      )}
    </p>
  )
}

function Answers({ answers }: { answers: Answer[] }) {
  if (answers.length === 0) return null
  return (
    <dl class="answers">
      {answers.map(({ question, answer }) => (
        <>
          <dt dir="auto">{question}</dt>
          <dd dir="auto">{answer}</dd>
        </>
      ))}
    </dl>
  )
}

function Details({ entry, translate: { text } }: { entry: ShownEntry; translate: Translator }) {
  const { mood, place } = extraOf(entry)
  if (!mood && !place) return null
  return (
    <p class="mood">
      {mood && <span>{text('mood', { mood: isolated(mood) })}</span>}
      {mood && place && ' · '}
      {place && <span>{text('place', { place: isolated(place) })}</span>}
    </p>
  )
}

/** A preview has no permalink. */
function Time({ entry: { id, number, created_at }, translate }: { entry: ShownEntry; translate: Translator }) {
  const time = (
    <time class="dt-published" datetime={new Date(created_at).toISOString()}>
      {translate.time(created_at)}
    </time>
  )
  if (number === 0) return time
  return (
    <a class="u-url u-uid" href={`/comments/${id}`} title={translate.text('permalink')}>
      {time}
    </a>
  )
}
