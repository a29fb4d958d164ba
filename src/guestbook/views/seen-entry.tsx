import { UserText } from '../../kit/html/user-text'
import { type Book, ownLanguage, toBook } from '../books/book'
import { translator } from '../rules/languages'
import type { CommentRow } from '../store'
import { Answers, Avatar, Details, Mention } from './entry-views'
import { Words } from './words'

/** A book that was deleted may still have entries, so they are shown as in a new book. */
function newBook(slug: string): Book {
  return toBook({ slug, title: slug, settings: '{}' })
}

/**
 * An entry for the person who decides about it: everything that is public or would become public, as its book shows it.
 * Nothing is folded up, and the address behind a name is written out.
 * @param book null if the book was deleted
 */
export function SeenEntry({ comment, book }: { comment: CommentRow; book: Book | null }) {
  const settings = book ?? newBook(comment.book)
  const translate = translator(ownLanguage(settings))
  return (
    <div class="seen" lang={translate.language} dir={translate.direction}>
      <p class="guest">
        <Avatar entry={comment} book={settings} />
        <b>
          <UserText text={comment.name} />
        </b>
        {comment.website && (
          <a class="small url" href={comment.website} rel="nofollow ugc noopener noreferrer">
            <UserText text={comment.website} />
          </a>
        )}
      </p>
      <Words text={comment.body} book={settings} />
      <Answers answers={JSON.parse(comment.answers)} />
      <Details entry={comment} translate={translate} />
      <Mention entry={comment} translate={translate} />
      {comment.reply !== null && (
        <blockquote>
          <p class="small">{translate.text('reply_heading')}</p>
          <Words text={comment.reply} book={settings} />
        </blockquote>
      )}
      {comment.edited_at !== null && (
        <p class="small">
          {translate.text(comment.edited_by === 'guest' ? 'edited' : 'edited_by_owner')} ·{' '}
          {translate.time(comment.edited_at)}
        </p>
      )}
    </div>
  )
}
