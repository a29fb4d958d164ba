import { SHOWN_ONCE_MS } from '../../kit/http/flash'
import { optionalFile } from '../../kit/http/paths/public-file'
import { spanInWords, spanOf } from '../../kit/lib/time'
import { readSnippets, type Snippet } from '../endpoints/page/snippets'
import { CHALLENGE_MS } from '../rules/delivering/outcome'
import { MAX_STEPS, RETRY_DELAYS_MS } from '../rules/delivering/retry-schedule'
import { exampleAt, findEventType } from '../rules/events/catalogue'
import { DEADLINE_MS } from '../send/http/call'

/** A part of a step: a paragraph, or one of the others. Text between backticks is code, and links are as in Markdown. */
export type GuideBlock =
  | string
  | { lines: string[] }
  | { pairs: [string, string][] }
  /** A request with this event type: these headers, and the example of the catalogue. */
  | { example: string; headers: string[] }
  /** Code in every language. */
  | { snippets: 'code' | 'server' }
  /** Code in one language. */
  | { snippet: string }

type Step = { id: string; title: string; blocks: GuideBlock[] }

/** How to receive our webhooks, with the address of this guestbook and the name of the secret filled in. */
export type Guide = { steps: Step[]; snippets: Snippet[] }

const readSteps = optionalFile<Step[]>('guide.json', [])

/** @param endpoint the id of the reader's endpoint, or the name of a variable @param check where signatures are checked */
export async function readGuide(env: Env, origin: string, endpoint = '$ENDPOINT', check = CHECK): Promise<Guide> {
  const [steps, snippets] = await Promise.all([readSteps(env), readSnippets(env)])
  return fill({ steps, snippets }, { ...CONSTANTS, origin, endpoint, check, ...namesFor(origin) })
}

/** Without a page of the reader's endpoint, we can say only where the check is. */
const CHECK = '/docs/receivers#when-a-signature-does-not-match'

const CONSTANTS = {
  deadline: spanOf(DEADLINE_MS),
  challenge_deadline: spanOf(CHALLENGE_MS),
  shown_once: spanInWords(SHOWN_ONCE_MS),
  attempts: String(MAX_STEPS),
  waits: RETRY_DELAYS_MS.map(spanOf).join(', '),
}

/** @returns the variable of a receiver's environment that contains the secret: it may know several guestbooks */
export function namesFor(origin: string) {
  const host = origin.replace(/^https?:\/\//, '')
  return { host, secret: `WEBHOOK_SECRET_${host.toUpperCase().replace(/\W+|_+/g, '_')}` }
}

/** Fills in `%{name}`, in every text. */
function fill(guide: Guide, values: Record<string, string>): Guide {
  return JSON.parse(JSON.stringify(guide), (_, value) =>
    typeof value === 'string' ? value.replace(/%\{(\w+)\}/g, (whole, name) => values[name] ?? whole) : value
  )
}

/** @returns a request with an event type, whose data is that of the catalogue with the address of this guestbook */
export function exampleOf(type: string, headers: string[], origin: string): string {
  const known = findEventType(type)
  const data = known && exampleAt(known, origin)
  const body = { id: 'msg_01JD9Z6Y3T8W5Q7R2K4M6N8P0A', type, timestamp: '2026-11-24T10:00:00.000Z', data }
  const text = JSON.stringify(body, null, 2)
  return [...headers, ...(headers.length > 0 ? [''] : []), text].join('\n')
}
