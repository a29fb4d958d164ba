import { UserText } from '../../kit/html/user-text'
import type { Seen } from '../reading/seen'
import { Words } from './entry-text'
import { Answers, Avatar, Details, Mention } from './entry-views'

/**
 * An entry for the person who decides about it: everything that is public or would become public, as its book shows it.
 * Nothing is folded up, and the address behind a name is written out.
 */
export function SeenEntry({ comment, book, translate }: Seen) {
  return (
    <div class="seen" lang={translate.language} dir={translate.direction}>
      <p class="guest">
        <Avatar entry={comment} book={book} />
        <b>
          <UserText text={comment.name} />
        </b>
        {comment.website && (
          <a class="small url" href={comment.website} rel="nofollow ugc noopener noreferrer">
            <UserText text={comment.website} />
          </a>
        )}
      </p>
      <Words text={comment.body} book={book} pre={comment.pre} />
      <Answers answers={JSON.parse(comment.answers)} />
      <Details entry={comment} translate={translate} />
      <Mention entry={comment} translate={translate} />
      {comment.reply !== null && (
        <blockquote>
          <p class="small">{translate.text('reply_heading')}</p>
          <Words text={comment.reply} book={book} />
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
