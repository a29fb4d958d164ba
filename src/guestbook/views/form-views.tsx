import type { Child, PropsWithChildren } from '#jsx'
import { Check } from '../../kit/html/parts/fields'
import { Form, Hidden, Submit } from '../../kit/html/parts/form'
import { type FieldName, Refused, takeErrors } from '../../kit/html/parts/refused'
import { TURNSTILE_ORIGIN } from '../../kit/http/security-headers'
import type { Book } from '../books/book'
import { ANSWER_MAX, mustAnswer } from '../rules/entries/answers'
import { BODY_MAX, NAME_MAX, WEBSITE_MAX } from '../rules/entries/comment-policy'
import { DETAIL_MAX } from '../rules/entries/details'
import type { Translator } from '../rules/languages'
import { FACE_SLUGS, facePath } from '../rules/looks/faces'
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
      <Form action={where.signPath} target={where.target} {...(book.proof_of_work && puzzleOf(translate))}>
        <Alert notice={notice} errors={errors} translate={translate} />
        {children}
        <Refused.Provider value={{ left: errors, hasFocus: false }}>
          <EntryFields fields={fields} translate={translate} />
          <Questions book={book} fields={fields} />
          <Details book={book} fields={fields} translate={translate} />
        </Refused.Provider>
        {book.allows_private && <Check name="is_private" checked={fields.is_private} label={text('private_entry')} />}
        <p class="trap" aria-hidden="true">
          <label>
            {text('trap')} <input name="homepage" tabindex={-1} autocomplete="off" />
          </label>
        </p>
        <Hidden fields={{ stamp }} />
        {book.proof_of_work && <Puzzle />}
        {siteKey && <Turnstile siteKey={siteKey} language={translate.language} />}
        {fields.return_to && <Hidden fields={{ return_to: fields.return_to }} />}
        {book.avatars === 'face' && <Faces chosen={fields.avatar} translate={translate} />}
        <Submit label={text('sign')} /> <Submit kind="quiet" name="preview" value="yes" label={text('preview')} />
      </Form>
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
      <Hidden fields={{ proof: '' }} />
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
  translate: Translator
}

/**
 * What every entry consists of. No field has a `maxlength`: browsers would silently cut what is pasted, and count most
 * emoji as two characters. public/guestbook.js shows the count instead.
 */
export function EntryFields({ fields, translate: { text } }: EntryFieldsProps) {
  const website = { inputmode: 'url', dir: 'ltr', autocomplete: 'url', placeholder: 'https://' } as const
  return (
    <>
      <div class="row">
        <Field label={text('your_name')} name="name">
          {(field) => <input {...field} value={fields.name} required data-max={NAME_MAX} autocomplete="name" />}
        </Field>
        <Field label={text('your_website')} hint={text('optional')} name="website">
          {(field) => <input {...field} value={fields.website} data-max={WEBSITE_MAX} {...website} />}
        </Field>
      </div>
      <Field label={text('your_message')} name="body">
        {(field) => <textarea {...field} required data-max={BODY_MAX} rows={4}>{`\n${fields.body}`}</textarea>}
      </Field>
    </>
  )
}

interface QuestionsProps {
  book: Book
  fields: Fields
}

function Questions({ book, fields }: QuestionsProps) {
  return (
    <>
      {book.questions.map((question, i) => (
        <Field label={question.text} path={`answers.${i}`} name={`answer_${i}`}>
          {(field) => (
            <input
              {...field}
              value={fields.answers[i] ?? ''}
              required={mustAnswer(question)}
              data-max={ANSWER_MAX}
              autocomplete="off"
            />
          )}
        </Field>
      ))}
    </>
  )
}

function Details({ book, fields, translate: { text } }: QuestionsProps & { translate: Translator }) {
  return (
    <div class="row">
      {book.asks_for.map((detail) => (
        <Field label={text(`your_${detail}`)} hint={text('optional_detail')} name={detail}>
          {(field) => <input {...field} value={fields[detail]} data-max={DETAIL_MAX} autocomplete="off" />}
        </Field>
      ))}
    </div>
  )
}

interface FieldProps extends FieldName {
  label: string
  hint?: string
  /** Shows the input with the attributes that link it to its label and its error. */
  children: (attributes: object) => Child
}

/** A field in the look of the page. The first one with an error gets the focus. */
function Field({ label, hint, children, ...field }: FieldProps) {
  const { name, path = name } = field
  const error = takeErrors(field)
  const marks = error && { 'aria-invalid': true, 'aria-describedby': `e-${path}`, autofocus: error.hasFocus }
  return (
    <div class="field">
      <label for={`f-${path}`} dir="auto">
        {label} {hint && <span class="hint">({hint})</span>}
      </label>
      {children({ id: `f-${path}`, name, ...marks })}
      {error && (
        <p class="error" id={`e-${path}`}>
          {error.message}
        </p>
      )}
    </div>
  )
}
