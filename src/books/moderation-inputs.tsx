import { useContext } from 'hono/jsx'
import { SPAM_KEPT_MS } from '../core/guestbook/decide'
import { spanOf } from '../core/lib/time'
import { MAX_WAITING, Waiting } from '../ui/contexts/waiting'
import type { BookFields } from './form'
import { Check, Count, Lines, Select } from './form-inputs'

/** Which entries wait, and which are spam. */
export function Moderation({ fields }: { fields: BookFields }) {
  return (
    <section id="moderation" class="card">
      <h2>Moderation</h2>
      <Select
        name="moderation"
        label="Which entries wait for your approval?"
        value={fields.moderation}
        options={[
          ['none', 'Only those that a rule below holds'],
          ['first', 'The first entry of each guest'],
          ['all', 'Every entry'],
        ]}
      >
        Nobody else sees an entry that waits, and endpoints get <code>comment.held</code>. <WaitingNow />
      </Select>
      <Check
        name="proof_of_work"
        label="Require a browser puzzle against spam. Entries without a solution wait"
        isOn={fields.proof_of_work}
      >
        The browser computes for a second or two while the guest writes. Entries of guests without scripts wait.
      </Check>
      <Check
        name="turnstile"
        label="Check guests with Cloudflare Turnstile. Entries that it does not confirm wait"
        isOn={fields.turnstile}
      >
        Turnstile needs TURNSTILE_SITE_KEY and TURNSTILE_SECRET_KEY. It is the only thing that makes the page load
        something from another host.
      </Check>
      <Count name="max_links" label="Entries with more links than this wait" value={fields.max_links} max={100}>
        With 0, every entry with a link waits. Most spam has links.
      </Count>
      <Lines
        name="blocked_words"
        label="Entries that contain one of these texts are spam, one a line"
        value={fields.blocked_words}
      >
        Capitals do not matter. Spam is kept for {spanOf(SPAM_KEPT_MS)}, so you can publish an entry that was caught by
        mistake.
      </Lines>
    </section>
  )
}

/** The number in the menu, which counts the entries of all books. */
function WaitingNow() {
  const waiting = useContext(Waiting)
  if (waiting === 0) return <>None wait now.</>
  const number = waiting < MAX_WAITING ? String(waiting) : `${MAX_WAITING - 1}+`
  return (
    <>
      <a href="/admin/comments?status=held">{number} wait now</a>, in all books.
    </>
  )
}
