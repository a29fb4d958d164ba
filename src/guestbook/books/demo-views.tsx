import { ButtonForm } from '../../kit/html/parts/form'
import { type BookRow, DEMO_ACTION, DEMO_SLUG, toBook } from './book'
import { settingsPath } from './form'

/** Makes the demo guestbook, or opens and removes it. */
export const DemoControls = ({ exists }: { exists: boolean }) => (exists ? <DemoRemoval /> : <DemoButton />)

function DemoButton() {
  return (
    <ButtonForm
      class="inline"
      action={DEMO_ACTION}
      label="Make a demo guestbook"
      help={
        <>
          Want to see how a book looks when it is full? The demo guestbook has eight made-up entries. It sends no
          webhooks, search engines do not list it, and one click removes it.
        </>
      }
    />
  )
}

export function DemoRemoval() {
  const form = { action: `${settingsPath(DEMO_SLUG)}/delete`, hidden: { confirm: DEMO_SLUG } }
  return (
    <ButtonForm class="inline" {...form} label="Remove the demo" kind="danger">
      The <a href={`/b/${DEMO_SLUG}`}>demo guestbook</a> has made-up entries. Everybody who knows its address can see
      it. It sends no webhooks.
    </ButtonForm>
  )
}

/** Marks the demo in lists and headings. */
export const DemoBadge = ({ row }: { row: BookRow }) => toBook(row).is_demo && <span class="tag">demo</span>
