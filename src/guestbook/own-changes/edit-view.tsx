import { Form, Hidden, Submit } from '../../kit/html/parts/form'
import { Refused } from '../../kit/html/parts/refused'
import { BookShell, ownLocation } from '../reading/book-views'
import type { Translated } from '../reading/entry-views'
import { ToBook } from '../reading/pager'
import { MoreFields } from '../signing/form-more-fields'
import { Alert, EntryFields } from '../signing/form-views'
import type { FormState } from '../signing/sign-form'

export interface EditState extends Omit<FormState, 'stamp'> {
  /** Whether the entry is published now, and any edit makes it wait, because the book moderates all entries. */
  waits: boolean
  /** The `edited_at` of the version in the form; null if the entry was never edited. */
  seen?: string | null
  /** What the guest has typed, if the form has something newer. */
  typed?: string | undefined
}

/** The text of an edit that was refused, so that the guest can copy it. */
export function Typed({ typed, translate }: Pick<Translated, 'translate'> & { typed: string | undefined }) {
  if (!typed) return null
  return <textarea readonly rows={4} aria-label={translate.text('your_message')}>{`\n${typed}`}</textarea>
}

/** The form with which guests change their own entry. */
export function EditPage(props: Translated & { id: string; state: EditState }) {
  const { book, translate, id, state } = props
  const { text } = translate
  const heading = text('edit_heading')
  return (
    <BookShell book={book} translate={translate} title={heading}>
      <main id="entries">
        <section class="sign">
          <h2>{heading}</h2>
          {state.waits && <p class="notice">{text('edit_waits')}</p>}
          <Alert notice={state.notice} errors={state.errors} translate={translate} />
          <Typed typed={state.typed} translate={translate} />
          <Form action={`/comments/${id}/edit`}>
            <Hidden fields={{ edited_at: state.seen ?? '' }} />
            <Refused.Provider value={{ left: state.errors, hasFocus: false }}>
              <EntryFields book={book} fields={state.fields} translate={translate} />
              <MoreFields book={book} fields={state.fields} translate={translate} isEdit />
            </Refused.Provider>
            <Submit label={text('save')} />
          </Form>
          <Form action={`/comments/${id}/delete?book=${book.slug}`}>
            <details>
              <summary>{text('delete_entry')}…</summary>
              <Submit kind="quiet" label={text('delete_entry')} />
            </details>
          </Form>
        </section>
        <ToBook where={ownLocation(book.slug)} translate={translate} />
      </main>
    </BookShell>
  )
}
