import { UserText } from '../../kit/html/user-text'
import type { EntryAnswer } from '../rules/entries/answers'
import { type CommentRow, extraOf } from '../store'
import type { Seen } from './entry-context'
import { editedOf } from './entry-details'
import { Avatar, BelowText, Words } from './entry-views'

/** How many lines a card of the queue has, of which what is below the text has at least one: see public/queue.css. */
const LINES = { all: 5, below: 2 }
const LINE_WIDTH = 32

/**
 * An entry for the person who decides about it: everything that is public or would become public, as its book shows it.
 * The address behind a name is written out.
 * @param props.isFolded whether a long entry is folded up. It is only clipped, so that screen readers and searches in
 *   the page find all of it
 */
export function SeenEntry({ isFolded = false, ...seen }: Seen & { isFolded?: boolean }) {
  const { comment, book, translate } = seen
  const fold = isFolded && isLong(comment)
  const { button } = extraOf(comment)
  return (
    <div class={fold ? 'seen folded' : 'seen'} lang={translate.language} dir={translate.direction}>
      <Words text={comment.body} book={book} pre={comment.pre} />
      <div class="below">
        {comment.website && (
          <a class="small url" href={comment.website} rel="nofollow ugc noopener noreferrer">
            <UserText text={comment.website} />
          </a>
        )}
        {button && (
          <p class="small">
            <UserText text={button} />
          </p>
        )}
        <BelowText entry={comment} book={book} translate={translate} ReplyHeading="b" />
        {comment.edited_at !== null && (
          <p class="small">
            {editedOf(comment, translate)} · {translate.time(comment.edited_at)}
          </p>
        )}
      </div>
      {fold && (
        <details class="unfold" lang="en" dir="ltr">
          <summary>Show all</summary>
        </details>
      )}
    </div>
  )
}

/** @returns whether a card has no room for the whole entry */
function isLong({ body, answers, extra, website, reply }: CommentRow): boolean {
  const texts = [...Object.values<unknown>(JSON.parse(extra)), website, reply]
  for (const { question, answer } of JSON.parse(answers) as EntryAnswer[]) texts.push(question, answer)
  const below = linesOf(texts.filter((one) => typeof one === 'string').join(' '))
  return below > LINES.below || linesOf(body) + Math.max(below, 1) > LINES.all
}

/** @returns about how many lines a text takes up */
function linesOf(text: string): number {
  if (text === '') return 0
  return text.split('\n').reduce((lines, line) => lines + Math.max(Math.ceil(line.length / LINE_WIDTH), 1), 0)
}

/** The picture and the name of a guest, as the book shows them. */
export function SeenGuest({ comment, book }: Pick<Seen, 'comment' | 'book'>) {
  return (
    <p class="guest">
      <Avatar entry={comment} book={book} />
      <b>
        <UserText text={comment.name} />
      </b>
    </p>
  )
}
