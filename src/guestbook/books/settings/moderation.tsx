import * as z from 'zod'
import { useContext } from '#jsx'
import { MAX_WAITING, Waiting } from '../../../kit/html/contexts/waiting'
import { check, choice, count, lines } from '../../../kit/html/controls'
import { DASHBOARD } from '../../../kit/lib/paths'
import { spanOf } from '../../../kit/lib/time'
import { MODERATION_MODES, SPAM_KEPT_MS } from '../../rules/entries/decide'
import { setting } from './setting'

/** Which entries wait, and which are spam. */
export const MODERATION = {
  moderation: setting({
    title: 'What waits for approval',
    schema: z.enum(MODERATION_MODES),
    about:
      'Which entries wait for your approval. `none`: only entries that match a rule. `first`: also the first entry of each guest. `all`: every entry.',
    initial: 'first',
    control: choice(
      'Which entries wait for your approval?',
      { none: 'Only those that match a rule below', first: 'The first entry of each guest', all: 'Every entry' },
      () => (
        <>
          Nobody else sees a waiting entry. Endpoints get the event <code>comment.held</code> for it. <WaitingNow />
        </>
      )
    ),
  }),
  proof_of_work: setting({
    title: 'Browser puzzle',
    schema: z.boolean(),
    about:
      "If `true`, entries wait for approval unless the guest's browser has solved a puzzle. Entries that guests send through the API then always wait.",
    initial: false,
    control: check(
      'Require a browser puzzle against spam',
      "While the guest writes, the browser solves a puzzle, which takes a second or two. An entry without a solution waits for your approval, for example if the guest's browser does not run JavaScript."
    ),
  }),
  /** Needs the keys of Turnstile: see `requireKeys` in manage.ts. */
  turnstile: setting({
    title: 'Turnstile',
    schema: z.boolean(),
    about:
      'Whether the form uses Cloudflare Turnstile. Entries wait for approval unless Turnstile confirms that a person wrote them.',
    initial: false,
    control: check(
      'Check guests with Cloudflare Turnstile',
      'Entries that Turnstile does not confirm wait for your approval. Turnstile needs TURNSTILE_SITE_KEY and TURNSTILE_SECRET_KEY. With Turnstile, the page loads a script from Cloudflare. Nothing else on the page comes from another host.'
    ),
  }),
  max_links: setting({
    title: 'Links',
    schema: z.int().min(0).max(100),
    about: 'Entries with more links than this are held for approval.',
    initial: 2,
    control: count(
      'Entries with more links than this wait',
      100,
      'With 0, every entry with a link waits for your approval. Most spam contains links.'
    ),
  }),
  blocked_words: setting({
    title: 'Blocked texts',
    schema: z.array(z.string().trim().min(1).max(100)).max(200),
    about: 'Entries that contain any of these words or phrases are spam. Case does not matter.',
    initial: [],
    control: lines('Entries that contain one of these texts are spam', () => (
      <>
        One word or phrase per line. Upper and lower case do not matter. Spam is kept for {spanOf(SPAM_KEPT_MS)}, so you
        can publish an entry that was caught by mistake.
      </>
    )),
  }),
}

/** The number in the menu, which counts the entries of all books. */
function WaitingNow() {
  const waiting = useContext(Waiting)
  if (waiting === 0) return 'No entries wait now.'
  const number = waiting < MAX_WAITING ? String(waiting) : `${MAX_WAITING - 1}+`
  return (
    <>
      <a href={`${DASHBOARD.entries}?status=held`}>{number} wait now</a>, in all books.
    </>
  )
}
