import type { PropsWithChildren } from 'hono/jsx'
import { BODY_MAX, type FieldError, NAME_MAX, WEBSITE_MAX } from '../core/guestbook/comment-policy'
import { isolated } from '../core/lib/bidi'
import { GuestbookShell } from '../ui/guestbook-shell'
import { ExactTime } from '../ui/time'
import { UserText } from '../ui/user-text'
import type { Book } from './book'
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
  count: number
  comments: CommentRow[]
  /** The cursor for the next page, or null on the last page. */
  older: string | null
  isFirstPage: boolean
  form: FormState
  signed: Signed | null
}) {
  const { book, comments, form, signed } = props
  return (
    <GuestbookShell title={isolated(book.title)} heading={book.title}>
      <p class="welcome" dir="auto">
        {book.welcome}
      </p>
      <Counter count={props.count} />
      {props.isFirstPage && <SignForm form={form} />}
      <main id="entries">
        <h2>{props.isFirstPage ? 'What people wrote' : 'Older entries'}</h2>
        {signed && <Thanks status={signed} />}
        {comments.length === 0 && <NoEntries isFirstPage={props.isFirstPage} />}
        {comments.map((comment) => (
          <Entry comment={comment} />
        ))}
        <nav class="pages" aria-label="Pages">
          {!props.isFirstPage && <a href="/">« Newest entries</a>}
          {props.older && <a href={`/?before=${props.older}#entries`}>Older entries »</a>}
        </nav>
      </main>
    </GuestbookShell>
  )
}

export function CommentPage({ book, comment }: { book: Book; comment: CommentRow }) {
  return (
    <GuestbookShell title={`${isolated(comment.name)} in ${isolated(book.title)}`} heading={book.title}>
      <main id="entries">
        <h2>One entry</h2>
        <Entry comment={comment} />
        <nav class="pages" aria-label="Pages">
          <a href="/">« The whole guestbook</a>
        </nav>
      </main>
    </GuestbookShell>
  )
}

/** Counts signatures, not visits: this number is accurate, and reading it costs nothing. */
function Counter({ count }: { count: number }) {
  const digits = String(count).padStart(6, '0')
  return (
    <p class="counter">
      <span aria-hidden="true">
        {[...digits].map((digit) => (
          <b>{digit}</b>
        ))}
      </span>
      <span class="sr">{count}</span> {count === 1 ? 'signature' : 'signatures'} so far
    </p>
  )
}

function Thanks({ status }: { status: Signed }) {
  return (
    <p class={`notice good ${status}`} id="thanks" role="status">
      {status === 'published'
        ? 'Thank you for signing! Your entry is on the page.'
        : 'Thank you for signing! Your entry will appear once the owner has approved it.'}
    </p>
  )
}

function SignForm({ form: { fields, errors, notice } }: { form: FormState }) {
  const count = errors.length
  const faults = `Almost there! ${count === 1 ? 'One field needs' : `${count} fields need`} another look.`
  const alert = notice ?? (count > 0 ? `${faults} Everything you typed is still here.` : null)
  return (
    <section class="sign" id="sign" aria-labelledby="sign-title">
      <h2 id="sign-title">Sign my guestbook!</h2>
      <form method="post" action="/sign#sign">
        {alert && (
          <p class="notice bad" role="alert">
            {alert}
          </p>
        )}
        <div class="row">
          <Field label="Your name" name="name" errors={errors}>
            <input
              {...fieldProps('name', errors)}
              value={fields.name}
              required
              maxlength={NAME_MAX}
              autocomplete="name"
            />
          </Field>
          <Field label="Your website" hint="if you have one" name="website" errors={errors}>
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
        <Field label="Your message" name="body" errors={errors}>
          <textarea {...fieldProps('body', errors)} required maxlength={BODY_MAX} rows={4}>
            {`\n${fields.body}`}
          </textarea>
        </Field>
        <p class="trap" aria-hidden="true">
          <label>
            Leave this empty <input name="homepage" tabindex={-1} autocomplete="off" />
          </label>
        </p>
        <button type="submit">Sign it!</button>
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

function Entry({ comment }: { comment: CommentRow }) {
  const { id, website } = comment
  const name = <UserText text={comment.name} />
  return (
    <article class="entry" id={id} aria-labelledby={`n-${id}`}>
      <header>
        <span class="number">No. {comment.number}</span>
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
      <footer>
        <a href={`/comments/${id}`} title="Permalink">
          <ExactTime at={comment.created_at} />
        </a>
        {comment.edited_at !== null && ' · edited by the owner'}
      </footer>
    </article>
  )
}

function NoEntries({ isFirstPage }: { isFirstPage: boolean }) {
  return (
    <article class="entry empty">
      <p class="words">
        {isFirstPage
          ? 'Nobody has signed yet. The first page of a guestbook is the best one: make it yours!'
          : 'There are no older entries. This is where it all began.'}
      </p>
    </article>
  )
}
