import { DEMO_ACTION, DEMO_SLUG } from './demo'
import { settingsPath } from './form'

/** Makes the demo guestbook, or opens and removes it. */
export function DemoControls({ exists }: { exists: boolean }) {
  return exists ? <DemoRemoval /> : <DemoButton />
}

function DemoButton() {
  return (
    <form class="inline" method="post" action={DEMO_ACTION}>
      <p>
        Want to see how a book looks when it is full? The demo guestbook has eight made-up entries. It sends no
        webhooks, search engines do not list it, and one click removes it.
      </p>
      <button type="submit">Make a demo guestbook</button>
    </form>
  )
}

export function DemoRemoval() {
  return (
    <form class="inline" method="post" action={`${settingsPath(DEMO_SLUG)}/delete`}>
      <p>
        The <a href={`/b/${DEMO_SLUG}`}>demo guestbook</a> has made-up entries. Everybody who knows its address can see
        it. It sends no webhooks.
      </p>
      <input type="hidden" name="confirm" value={DEMO_SLUG} />
      <button class="danger" type="submit">
        Remove the demo
      </button>
    </form>
  )
}
