import { MINUTE, SECOND } from './clock'
import type { BookSettings } from './known'
import type { Simulation } from './simulation'

/* The books, and what the owner has set them to. */

/** An isolate accepts entries for so long with the settings that it has read. */
export const REMEMBERED_MS = MINUTE + SECOND

/** The text that no book accepts, in the runs in which the owner blocks one. */
export const BLOCKED = 'buy-pills'

type Shown = Record<string, unknown> & { slug: string; questions: { text: string }[] }

/** Reads the books after a step that may have changed one. */
export async function noteBooks(simulation: Simulation): Promise<void> {
  if (!simulation.mayHaveChanged.books || simulation.books.length === 0) return
  simulation.mayHaveChanged.books = false
  const [present, deleted] = await Promise.all(
    ['/api/books?limit=100', '/api/books?deleted=true&limit=100'].map(async (path) => {
      const { body } = await simulation.askOwner('GET', path)
      return body.data as Shown[]
    })
  )
  for (const book of simulation.books) {
    const find = (list: Shown[] | undefined) => list?.find(({ slug }) => slug === book.slug)
    const shown = find(present) ?? find(deleted)
    const state = find(present) ? 'present' : find(deleted) ? 'deleted' : 'gone'
    const last = book.versions.at(-1)?.settings
    const settings = shown ? settingsOf(shown, state) : ({ ...last, state: 'gone' } as BookSettings)
    const { step, clock } = simulation
    if (JSON.stringify(settings) === JSON.stringify(last)) continue
    book.versions.push({ from: step, at: clock.now, setBack: clock.setBack, settings })
  }
}

function settingsOf({ moderation, allows_private, questions }: Shown, state: BookSettings['state']): BookSettings {
  const texts = questions.map(({ text }) => text)
  return { state, moderation, allows_private, questions: texts } as BookSettings
}

/** @returns what an isolate may take the settings of a book for at some moment of this step */
export function bookSettingsIn({ books, step, clock }: Simulation, slug: string): BookSettings[] {
  const versions = books.find((book) => book.slug === slug)?.versions ?? []
  return versions.flatMap(({ from, settings }, i) => {
    const next = versions[i + 1]
    // A clock that was set back prolongs what an isolate remembers.
    const isForgotten =
      next !== undefined && next.from < step && clock.now > next.at + REMEMBERED_MS + clock.setBack - next.setBack
    return from > step || isForgotten ? [] : [settings]
  })
}

/** @returns the value of a setting that certainly applies in this step, or undefined */
export function surely<K extends keyof BookSettings>(
  simulation: Simulation,
  slug: string,
  name: K
): BookSettings[K] | undefined {
  const [value, ...others] = new Set(bookSettingsIn(simulation, slug).map((one) => JSON.stringify(one[name])))
  return value === undefined || others.length > 0 ? undefined : JSON.parse(value)
}
