import { raw } from '#jsx'
import { UserText } from '../../kit/html/user-text'
import { hostOf } from '../../kit/lib/url'
import { type Book, textFormatOf } from '../books/book'
import type { EntryAnswer } from '../rules/entries/answers'
import { drawingSvg } from '../rules/entries/drawing'
import { statusForAuthor } from '../rules/entries/statuses'
import { wordsOf } from '../rules/feeds/entry-html'
import type { Translator } from '../rules/languages/index'
import { excerptOf } from '../rules/looks/excerpt'
import { facePath, isFace } from '../rules/looks/faces'
import { identicon } from '../rules/looks/identicon'
import { editableUntil } from '../signing/guest'
import { type CommentRow, extraOf } from '../store'
import { detailsOf, editedOf } from './entry-details'

/** What an entry shows. A preview has no id yet. */
export type ShownEntry = Omit<
  CommentRow,
  'book' | 'status' | 'reason' | 'inbound_id' | 'is_private' | 'replied_at' | 'approved_at' | 'known_by'
>

/** What search engines read (https://schema.org/WebPage): a page with comments, as microdata, which needs no script. */
export const PAGE_DATA = { itemscope: true, itemtype: 'https://schema.org/WebPage' }
const COMMENT_DATA = { itemprop: 'comment', itemscope: true, itemtype: 'https://schema.org/Comment' }
const PERSON_DATA = { itemprop: 'author', itemscope: true, itemtype: 'https://schema.org/Person' }

export type Translated = { book: Book; translate: Translator }

interface EntryProps extends Translated {
  entry: ShownEntry
  /** Whether this browser wrote the entry, and can still change it. */
  isOwn?: boolean
  /** Whether a long text is shown to its end. */
  isWhole?: boolean
  /** Which of the published entries it is; the oldest is 1. Null if that is not known. */
  rank?: number | null
  /** Whether only its author sees it on the page. */
  isWaiting?: boolean
}

export function Entry(props: EntryProps) {
  const { entry, book, translate, isOwn = false, rank = null, isWaiting = false } = props
  const { id } = entry
  const { text } = translate
  const edited = editedOf(entry, translate)
  const look = isWaiting ? 'entry h-entry waiting' : 'entry h-entry'
  return (
    <article class={look} id={id} aria-labelledby={`n-${id}`} {...COMMENT_DATA}>
      <header>
        <Avatar entry={entry} book={book} />
        {book.show_numbers && rank !== null && <span class="number">{text('entry_number', { number: rank })}</span>}
        <Guest entry={entry} />
      </header>
      {isWaiting && <p class="notice">{text('only_you')}</p>}
      <Body {...props} />
      <BelowText {...props} />
      <footer>
        <Time entry={entry} translate={translate} hasLink={!isWaiting && entry.number > 0} />
        {edited !== null && ` · ${edited}`}
        {isOwn && (
          <span class="own">
            {' · '}
            <EditLink
              entry={{ ...entry, status: isWaiting ? 'held' : 'published', is_private: 0 }}
              translate={translate}
            />
          </span>
        )}
      </footer>
    </article>
  )
}

interface EditLinkProps {
  entry: Parameters<typeof editableUntil>[0] & { id: string }
  translate: Translator
}

/**
 * Where guests change their own entry, and until when: once it is published, there is less time. Where the time stands
 * depends on the language.
 */
export function EditLink({ entry, translate: { text, time } }: EditLinkProps) {
  const until = editableUntil(entry)
  const [before, after] = text(statusForAuthor(entry) === 'held' ? 'edit_until_held' : 'edit_until').split('{time}')
  return (
    <>
      <a href={`/comments/${entry.id}/edit`}>{text('edit')}</a> ({before}
      <time datetime={new Date(until).toISOString()}>{time(until)}</time>
      {after})
    </>
  )
}

interface BelowTextProps extends Pick<EntryProps, 'entry' | 'book' | 'translate'> {
  /** On other pages, the reply has no heading, because there would be none above it. */
  ReplyHeading?: 'h4' | 'b'
}

/** What an entry shows below its text. The owner sees the same before it is published: see seen-entry.tsx. */
export function BelowText({ entry, book, translate, ReplyHeading = 'h4' }: BelowTextProps) {
  return (
    <>
      {raw(drawingSvg(entry.drawing, translate.text('a_drawing')))}
      <Answers answers={JSON.parse(entry.answers)} />
      <Details entry={entry} translate={translate} />
      <Mention entry={entry} translate={translate} />
      {entry.reply !== null && (
        <div class="reply p-comment h-cite" {...COMMENT_DATA}>
          <ReplyHeading>{translate.text('reply_heading')}</ReplyHeading>
          <Words text={entry.reply} book={book} />
        </div>
      )}
    </>
  )
}

function Guest({ entry: { id, name, website } }: { entry: ShownEntry }) {
  return (
    <h3 id={`n-${id}`} class="p-author h-card" {...PERSON_DATA}>
      {website ? (
        <a class="p-name u-url" href={website} rel="nofollow ugc noopener" itemprop="url">
          <span itemprop="name">
            <UserText text={name} />
          </span>
        </a>
      ) : (
        <span class="p-name" itemprop="name">
          <UserText text={name} />
        </span>
      )}
    </h3>
  )
}

/** The beginning of a long entry, and a link to all of it, which an entry that waits does not have. */
function Body({ entry: { id, body, pre }, book, translate, isWhole, isWaiting }: EntryProps) {
  const excerpt = isWhole || isWaiting ? null : excerptOf(body)
  if (excerpt === null) return <Words text={body} book={book} pre={pre} />
  return (
    <>
      <Words text={excerpt} book={book} pre={pre} />
      <p>
        <a href={`/comments/${id}`}>{translate.text('read_on')}</a>
      </p>
    </>
  )
}

export function Avatar({ entry, book }: { entry: ShownEntry; book: Book }) {
  if (book.avatars === 'none') return null
  const { avatar = '' } = extraOf(entry)
  if (book.avatars !== 'face' || !isFace(avatar)) return raw(identicon(entry.name))
  return <img class="avatar" src={facePath(avatar)} alt="" width={48} height={48} loading="lazy" />
}

/** Links to the page that mentions the book, if the entry shows a webmention. */
export function Mention({ entry, translate }: { entry: ShownEntry; translate: Translator }) {
  const { mention, mention_at } = extraOf(entry)
  if (mention === undefined) return null
  return (
    <p class="mood">
      <a href={mention} rel="nofollow ugc noopener">
        {translate.text('mentioned_on', { site: hostOf(mention) })}
      </a>
      {mention_at != null && ' · '}
      {mention_at != null && <time datetime={new Date(mention_at).toISOString()}>{translate.time(mention_at)}</time>}
    </p>
  )
}

export function Answers({ answers }: { answers: EntryAnswer[] }) {
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

export function Details({ entry, translate }: { entry: ShownEntry; translate: Translator }) {
  const details = detailsOf(entry, translate)
  return details.length > 0 && <p class="mood">{details.join(' · ')}</p>
}

interface TimeProps {
  entry: ShownEntry
  translate: Translator
  /** A preview, and an entry that waits, have no permalink. */
  hasLink: boolean
}

function Time({ entry: { id, created_at }, translate, hasLink }: TimeProps) {
  const time = (
    <time class="dt-published" datetime={new Date(created_at).toISOString()} itemprop="datePublished">
      {translate.time(created_at)}
    </time>
  )
  if (!hasLink) return time
  return (
    <a class="u-url u-uid" href={`/comments/${id}`} itemprop="url" title={translate.text('permalink')}>
      {time}
    </a>
  )
}

interface WordsProps {
  text: string
  book: Pick<Book, 'markup' | 'smileys' | 'own_smileys'>
  /** 1 for a drawing of characters. */
  pre?: number
}

/** The text of an entry, with links, smileys, and a little markup if the owner allows it. JSX would be much slower. */
export function Words({ text, book, pre = 0 }: WordsProps) {
  return (
    <div class="words e-content" dir="auto" itemprop="text">
      {raw(wordsOf(text, textFormatOf(book), pre === 1))}
    </div>
  )
}
