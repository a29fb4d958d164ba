import type { PropsWithChildren } from '#jsx'
import { Form, Hidden, Submit } from '../../kit/html/parts/form'
import { Refused } from '../../kit/html/parts/refused'
import { TURNSTILE_ORIGIN } from '../../kit/http/security-headers'
import { type Book, textFormatOf } from '../books/book'
import type { BookLocation } from '../reading/location'
import { mustAnswer } from '../rules/entries/answers'
import { BODY_MAX, GUEST_NAME_MAX } from '../rules/entries/entry-content'
import type { Translator } from '../rules/languages/index'
import { readSmileys } from '../rules/looks/formatting'
import { BookField } from './form-field'
import { MoreFields, Questions } from './form-more-fields'
import { PUZZLE_BYTES } from './puzzle'
import type { Fields, FormState } from './sign-form'

interface FormProps {
  book: Book
  where: BookLocation
  translate: Translator
  form: FormState
  /** The hidden field that says when the form was made. */
  stamp: string
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
          <EntryFields book={book} fields={fields} translate={translate} />
          <Questions book={book} fields={fields} isShown={mustAnswer} />
          <p class="trap" aria-hidden="true">
            <label>
              {text('trap')} <input name="homepage" tabindex={-1} autocomplete="off" />
            </label>
          </p>
          <Hidden fields={{ stamp }} />
          {book.moderation !== 'none' && <p class="hint">{text(`waits_${book.moderation}`)}</p>}
          {book.proof_of_work && [<Hidden fields={{ proof: '' }} />, <p class="hint puzzle" role="status" />]}
          {siteKey && <Turnstile siteKey={siteKey} language={translate.language} />}
          {fields.return_to && <Hidden fields={{ return_to: fields.return_to }} />}
          <MoreFields book={book} fields={fields} translate={translate} />
        </Refused.Provider>
        <p class="acts">
          <Submit label={text('sign')} /> <Submit kind="quiet" name="preview" value="yes" label={text('preview')} />
        </p>
      </Form>
    </section>
  )
}

interface AlertProps extends Pick<FormState, 'notice' | 'errors'> {
  translate: Translator
}

/** Gets the focus, unless a field does. The address of the form has no fragment, which would take the focus. */
export function Alert({ notice, errors, translate: { text } }: AlertProps) {
  if (notice === null && errors.length === 0) return null
  return (
    <p class="notice bad" role="alert" tabindex={-1} autofocus={errors.length === 0}>
      {notice ?? text('faulty_fields', { count: errors.length })} {errors.length === 1 && errors[0]?.message}
    </p>
  )
}

/** How public/guestbook.js solves the puzzle of the form. */
const puzzleOf = ({ text }: Translator) => ({ 'data-puzzle': PUZZLE_BYTES, 'data-puzzle-text': text('puzzle') })

function Turnstile({ siteKey, language }: { siteKey: string; language: string }) {
  return (
    <>
      <div class="cf-turnstile" data-sitekey={siteKey} data-language={language} />
      <script src={`${TURNSTILE_ORIGIN}/turnstile/v0/api.js`} async defer />
    </>
  )
}

type EntryFieldsProps = { book: Book; fields: Pick<Fields, 'name' | 'body'>; translate: Translator }

/**
 * What every entry consists of. No field has a `maxlength`: browsers would silently cut what is pasted, and count most
 * emoji as two characters. public/guestbook.js shows the count instead, and the bar of smileys.
 */
export function EntryFields({ book, fields, translate: { text } }: EntryFieldsProps) {
  const bar = smileyBar(book)
  const smileys = bar !== '' && { 'data-smileys': bar, 'data-smileys-label': text('smileys') }
  return (
    <>
      <BookField label={text('your_name')} name="name" isLine>
        {(field) => <input {...field} value={fields.name} required data-max={GUEST_NAME_MAX} autocomplete="name" />}
      </BookField>
      <BookField label={text('your_message')} hint={book.markup && text('markup_hint')} name="body">
        {(field) => (
          <textarea {...field} required data-max={BODY_MAX} rows={2} {...smileys}>{`\n${fields.body}`}</textarea>
        )}
      </BookField>
    </>
  )
}

/** @returns each emoji of a book once, after the first text that shows it */
function smileyBar(book: Book): string {
  const shown = [...(readSmileys(textFormatOf(book).smileys) ?? [])]
  const first = shown.filter(([, emoji], i) => shown.findIndex((one) => one[1] === emoji) === i)
  return first.flat().join(' ')
}
