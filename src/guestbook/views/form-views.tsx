import type { PropsWithChildren } from '#jsx'
import { TURNSTILE_ORIGIN } from '../../kit/http/security-headers'
import type { Book } from '../books/book'
import { ANSWER_MAX, mustAnswer } from '../rules/entries/answers'
import { BODY_MAX, NAME_MAX, WEBSITE_MAX } from '../rules/entries/comment-policy'
import { DETAIL_MAX } from '../rules/entries/details'
import type { Translator } from '../rules/languages'
import { FACE_SLUGS, facePath } from '../rules/looks/faces'
import type { EntryFault } from '../signing/judge'
import { PUZZLE_BYTES } from '../signing/puzzle'
import type { Fields, FormState } from '../signing/sign-form'
import type { BookLocation } from './location'

interface FormProps {
  book: Book
  where: BookLocation
  translate: Translator
  form: FormState
  /** The hidden field that says when the form was made. */
  stamp: string
  /** The site key of Turnstile, if the book uses it. */
  siteKey?: string | null
}

export function SignForm(props: PropsWithChildren<FormProps>) {
  const { book, where, translate, form, stamp, siteKey, children } = props
  const { text } = translate
  const { fields, errors, notice } = form
  return (
    <section class="sign" id="sign" aria-labelledby="sign-title">
      <h2 id="sign-title">{text('sign_heading')}</h2>
      <form
        method="post"
        action={where.signPath}
        target={where.target}
        {...(book.proof_of_work && puzzleOf(translate))}
      >
        <Alert notice={notice} errors={errors} translate={translate} />
        {children}
        <EntryFields fields={fields} errors={errors} translate={translate} />
        <Questions book={book} fields={fields} errors={errors} />
        <Details book={book} fields={fields} errors={errors} translate={translate} />
        {book.allows_private && (
          <label class="check">
            <input type="checkbox" name="is_private" checked={fields.is_private} /> {text('private_entry')}
          </label>
        )}
        <p class="trap" aria-hidden="true">
          <label>
            {text('trap')} <input name="homepage" tabindex={-1} autocomplete="off" />
          </label>
        </p>
        <input type="hidden" name="stamp" value={stamp} />
        {book.proof_of_work && <Puzzle />}
        {siteKey && <Turnstile siteKey={siteKey} language={translate.language} />}
        {fields.return_to && <input type="hidden" name="return_to" value={fields.return_to} />}
        {book.avatars === 'face' && <Faces chosen={fields.avatar} translate={translate} />}
        <button type="submit">{text('sign')}</button>{' '}
        <button class="quiet" type="submit" name="preview" value="yes">
          {text('preview')}
        </button>
      </form>
    </section>
  )
}

interface AlertProps extends Pick<FormState, 'notice' | 'errors'> {
  translate: Translator
}

/**
 * What is wrong with the whole form. It gets the focus unless a field does. The address of the form has no fragment,
 * because browsers would then give the focus to nothing.
 */
export function Alert({ notice, errors, translate: { text } }: AlertProps) {
  if (notice === null && errors.length === 0) return null
  return (
    <p class="notice bad" role="alert" tabindex={-1} autofocus={errors.length === 0}>
      {notice ?? text('faulty_fields', { count: errors.length })}
    </p>
  )
}

/** How public/guestbook.js solves the puzzle of the form. */
function puzzleOf({ text }: Translator) {
  return { 'data-puzzle': PUZZLE_BYTES, 'data-puzzle-text': text('puzzle') }
}

function Puzzle() {
  return (
    <>
      <input type="hidden" name="proof" value="" />
      <p class="hint puzzle" role="status" />
    </>
  )
}

function Turnstile({ siteKey, language }: { siteKey: string; language: string }) {
  return (
    <>
      <div class="cf-turnstile" data-sitekey={siteKey} data-language={language} />
      <script src={`${TURNSTILE_ORIGIN}/turnstile/v0/api.js`} async defer />
    </>
  )
}

/** The pictures are loaded only when a guest opens the gallery. */
function Faces({ chosen, translate: { text } }: { chosen: string; translate: Translator }) {
  const names = text('faces').split('|')
  return (
    <details class="gallery" open={chosen !== ''}>
      <summary>{text('choose_face')}</summary>
      <fieldset class="faces">
        <legend>{text('your_face')}</legend>
        <label>
          <input type="radio" name="avatar" value="" checked={chosen === ''} /> {text('no_face')}
        </label>
        {FACE_SLUGS.map((slug, i) => (
          <label>
            <input type="radio" name="avatar" value={slug} checked={slug === chosen} />
            <img src={facePath(slug)} alt={names[i]} width={48} height={48} loading="lazy" />
          </label>
        ))}
      </fieldset>
    </details>
  )
}

interface EntryFieldsProps {
  fields: Pick<Fields, 'name' | 'website' | 'body'>
  errors: EntryFault[]
  translate: Translator
}

/**
 * What every entry consists of. The first field with an error gets the focus. No field has a `maxlength`: browsers
 * would silently cut what is pasted, and count most emoji as two characters. public/guestbook.js shows the count
 * instead.
 */
export function EntryFields({ fields, errors, translate: { text } }: EntryFieldsProps) {
  return (
    <>
      <div class="row">
        <Field label={text('your_name')} name="name" errors={errors}>
          <input {...fieldProps('name', errors)} value={fields.name} required data-max={NAME_MAX} autocomplete="name" />
        </Field>
        <Field label={text('your_website')} hint={text('optional')} name="website" errors={errors}>
          <input
            {...fieldProps('website', errors)}
            value={fields.website}
            data-max={WEBSITE_MAX}
            inputmode="url"
            dir="ltr"
            autocomplete="url"
            placeholder="https://"
          />
        </Field>
      </div>
      <Field label={text('your_message')} name="body" errors={errors}>
        <textarea {...fieldProps('body', errors)} required data-max={BODY_MAX} rows={4}>
          {`\n${fields.body}`}
        </textarea>
      </Field>
    </>
  )
}

interface QuestionsProps {
  book: Book
  fields: Fields
  errors: EntryFault[]
}

function Questions({ book, fields, errors }: QuestionsProps) {
  return (
    <>
      {book.questions.map((question, i) => (
        <Field label={question.text} name={`answers.${i}`} errors={errors}>
          <input
            {...fieldProps(`answers.${i}`, errors)}
            name={`answer_${i}`}
            value={fields.answers[i] ?? ''}
            required={mustAnswer(question)}
            data-max={ANSWER_MAX}
            autocomplete="off"
          />
        </Field>
      ))}
    </>
  )
}

function Details({ book, fields, errors, translate: { text } }: QuestionsProps & { translate: Translator }) {
  return (
    <div class="row">
      {book.asks_for.map((detail) => (
        <Field label={text(`your_${detail}`)} hint={text('optional_detail')} name={detail} errors={errors}>
          <input {...fieldProps(detail, errors)} value={fields[detail]} data-max={DETAIL_MAX} autocomplete="off" />
        </Field>
      ))}
    </div>
  )
}

/** The first fields of the form. What is wrong with the others is listed in their order. */
const FIRST = ['name', 'website', 'body']

/** Links a field to its error message, for screen readers. */
function fieldProps(path: string, errors: EntryFault[]) {
  const faulty = errors.map((error) => error.path)
  const isFaulty = faulty.includes(path as EntryFault['path'])
  const isFirst = path === [...FIRST, ...faulty].find((one) => faulty.includes(one as EntryFault['path']))
  const marks = { 'aria-invalid': true, 'aria-describedby': `e-${path}`, autofocus: isFirst }
  return { id: `f-${path}`, name: path, ...(isFaulty && marks) }
}

type FieldProps = PropsWithChildren<{ label: string; hint?: string; name: string; errors: EntryFault[] }>

function Field({ label, hint, name, errors, children }: FieldProps) {
  const error = errors.find(({ path }) => path === name)
  return (
    <div class="field">
      <label for={`f-${name}`} dir="auto">
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
