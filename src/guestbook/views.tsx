import type { PropsWithChildren } from 'hono/jsx'
import { type Book, bookPath, signPath, welcomeOf } from '../books/book'
import { BODY_MAX, type FieldError, NAME_MAX, WEBSITE_MAX } from '../core/guestbook/comment-policy'
import type { Translator } from '../core/languages'
import { isolated } from '../core/lib/bidi'
import { GuestbookShell } from '../ui/guestbook-shell'
import { UserText } from '../ui/user-text'
import type { CommentRow } from './store'

/** The form fields as the guest submitted them. */
export type Fields = Record<FieldError['path'], string>

export interface FormState {
  fields: Fields
  errors: FieldError[]
  /** A message about the whole form, for example after too many entries. */
  notice: string | null
}

export const EMPTY_FORM: FormState = { fields: { name: '', website: '', body: '' }, errors: [], notice: null }

/** The status of the entry that the guest has just added. Spam counts as held. */
export type Signed = 'published' | 'held'

export function GuestbookPage(props: {
  book: Book
  translate: Translator
  count: number
  comments: CommentRow[]
  /** The cursor for the next page, or null on the last page. */
  older: string | null
  isFirstPage: boolean
  form: FormState
  signed: Signed | null
}) {
  const { book, translate, comments, form, signed, isFirstPage } = props
  const { text } = translate
  const path = bookPath(book.slug)
  return (
    <GuestbookShell title={isolated(book.title)} heading={book.title} translate={translate}>
      <p class="welcome" dir="auto">
        {welcomeOf(book, translate.language)}
      </p>
      {book.home_url && <HomeLink url={book.home_url} translate={translate} />}
      <Counter count={props.count} translate={translate} />
      {isFirstPage && (book.is_open || form.notice !== null) && <SignForm {...{ book, translate, form }} />}
      {isFirstPage && !book.is_open && <p class="notice">{text('closed')}</p>}
      <main id="entries">
        <h2>{text(isFirstPage ? 'entries' : 'older_entries')}</h2>
        {signed && <Thanks status={signed} translate={translate} />}
        {comments.length === 0 && <NoEntries text={text(isFirstPage ? 'no_entries' : 'no_older_entries')} />}
        {comments.map((comment) => (
          <Entry comment={comment} translate={translate} />
        ))}
        <nav class="pages" aria-label={text('pages')}>
          {!isFirstPage && <a href={path}>{text('to_newest')}</a>}
          {props.older && <a href={`${path}?before=${props.older}#entries`}>{text('to_older')}</a>}
        </nav>
      </main>
    </GuestbookShell>
  )
}

export function CommentPage(props: { book: Book; translate: Translator; comment: CommentRow }) {
  const { book, translate, comment } = props
  const { text } = translate
  const title = text('title_of_entry', { name: isolated(comment.name), title: isolated(book.title) })
  return (
    <GuestbookShell title={title} heading={book.title} translate={translate}>
      <main id="entries">
        <h2>{text('one_entry')}</h2>
        <Entry comment={comment} translate={translate} />
        <nav class="pages" aria-label={text('pages')}>
          <a href={bookPath(book.slug)}>{text('to_book')}</a>
        </nav>
      </main>
    </GuestbookShell>
  )
}

interface Translated {
  translate: Translator
}

function HomeLink({ url, translate }: Translated & { url: string }) {
  return (
    <p class="home">
      <a href={url}>{translate.text('back_to_site', { site: new URL(url).host })}</a>
    </p>
  )
}

/** Counts the entries on the page, not visits: this number is accurate, and reading it costs nothing. */
function Counter({ count, translate }: Translated & { count: number }) {
  const digits = String(count).padStart(6, '0')
  return (
    <p class="counter">
      <span aria-hidden="true">
        {[...digits].map((digit) => (
          <b>{digit}</b>
        ))}
      </span>{' '}
      {translate.text('signatures', { count })}
    </p>
  )
}

function Thanks({ status, translate }: Translated & { status: Signed }) {
  return (
    <p class={`notice good ${status}`} id="thanks" role="status">
      {translate.text(status === 'published' ? 'thanks_published' : 'thanks_held')}
    </p>
  )
}

function SignForm({ book, translate: { text }, form }: Translated & { book: Book; form: FormState }) {
  const { fields, errors, notice } = form
  const alert = notice ?? (errors.length > 0 ? text('faulty_fields', { count: errors.length }) : null)
  return (
    <section class="sign" id="sign" aria-labelledby="sign-title">
      <h2 id="sign-title">{text('sign_heading')}</h2>
      <form method="post" action={`${signPath(book.slug)}#sign`}>
        {alert && (
          <p class="notice bad" role="alert">
            {alert}
          </p>
        )}
        <div class="row">
          <Field label={text('your_name')} name="name" errors={errors}>
            <input
              {...fieldProps('name', errors)}
              value={fields.name}
              required
              maxlength={NAME_MAX}
              autocomplete="name"
            />
          </Field>
          <Field label={text('your_website')} hint={text('optional')} name="website" errors={errors}>
            <input
              {...fieldProps('website', errors)}
              value={fields.website}
              maxlength={WEBSITE_MAX}
              inputmode="url"
              autocomplete="url"
              placeholder="https://"
            />
          </Field>
        </div>
        <Field label={text('your_message')} name="body" errors={errors}>
          <textarea {...fieldProps('body', errors)} required maxlength={BODY_MAX} rows={4}>
            {`\n${fields.body}`}
          </textarea>
        </Field>
        <p class="trap" aria-hidden="true">
          <label>
            {text('trap')} <input name="homepage" tabindex={-1} autocomplete="off" />
          </label>
        </p>
        <button type="submit">{text('sign')}</button>
      </form>
    </section>
  )
}

/** Links a field to its error message, for screen readers. */
function fieldProps(name: string, errors: FieldError[]) {
  const isFaulty = errors.some(({ path }) => path === name)
  return { id: `f-${name}`, name, ...(isFaulty && { 'aria-invalid': true, 'aria-describedby': `e-${name}` }) }
}

type FieldProps = PropsWithChildren<{ label: string; hint?: string; name: string; errors: FieldError[] }>

function Field({ label, hint, name, errors, children }: FieldProps) {
  const error = errors.find(({ path }) => path === name)
  return (
    <div class="field">
      <label for={`f-${name}`}>
        {label} {hint && <span class="hint">({hint})</span>}
      </label>
      {children}
      {error && (
        <p class="error" id={`e-${name}`}>
          {error.message}
        </p>
      )}
    </div>
  )
}

function Entry({ comment, translate }: Translated & { comment: CommentRow }) {
  const { id, website } = comment
  const { text } = translate
  const name = <UserText text={comment.name} />
  return (
    <article class="entry" id={id} aria-labelledby={`n-${id}`}>
      <header>
        <span class="number">{text('entry_number', { number: comment.number })}</span>
        <h3 id={`n-${id}`}>
          {website ? (
            <a href={website} rel="nofollow ugc noopener">
              {name}
            </a>
          ) : (
            name
          )}
        </h3>
      </header>
      <p class="words" dir="auto">
        {comment.body}
      </p>
      {comment.reply !== null && (
        <div class="reply">
          <h4>{text('reply_heading')}</h4>
          <p class="words" dir="auto">
            {comment.reply}
          </p>
        </div>
      )}
      <footer>
        <a href={`/comments/${id}`} title={text('permalink')}>
          <time datetime={new Date(comment.created_at).toISOString()}>{translate.time(comment.created_at)}</time>
        </a>
        {comment.edited_at !== null && ` · ${text(comment.edited_by === 'guest' ? 'edited' : 'edited_by_owner')}`}
      </footer>
    </article>
  )
}

function NoEntries({ text }: { text: string }) {
  return (
    <article class="entry empty">
      <p class="words">{text}</p>
    </article>
  )
}
