import fc from 'fast-check'
import { surely } from '../books'
import { SECOND } from '../clock'
import { look, VIEW_NAMES, type ViewName, wrongIn } from '../views'
import { kind, which } from './kind'

/** How long an isolate may show what a book was before. */
const MOMENT_MS = 2 * SECOND

export const VISITS = {
  /** Somebody looks at a book, perhaps again. Isolates remember what they have shown, and browsers ask for changes. */
  visit: kind<{ book: number; view: ViewName; isReturning: boolean }>(
    5,
    { book: which, view: fc.constantFrom(...VIEW_NAMES), isReturning: fc.constantFrom(true, true, false) },
    async (simulation, isolate, { book, view: chosen, isReturning }) => {
      const last = isReturning ? simulation.pick([...simulation.seenViews.keys()].slice(-3), book) : undefined
      const [place, lastBook, lastView] = last?.split(' ') ?? []
      const isSame = place === String(simulation.isolates.indexOf(isolate))
      const view = isSame ? (lastView as ViewName) : chosen
      const slug = isSame ? String(lastBook) : (simulation.pick(simulation.books, book)?.slug ?? 'main')
      if (view === 'search' && simulation.books.length === 0) return
      simulation.clock.tick(MOMENT_MS)
      const key = `${simulation.isolates.indexOf(isolate)} ${slug} ${view}`
      const seen = simulation.seenViews.get(key)
      const answer = await look(simulation, isolate, slug, view, seen ? { 'If-None-Match': seen.etag } : {})
      if (!answer) return
      const shown = answer.status === 304 && seen ? { ...answer, ...parsed(seen.text), status: 200 } : answer
      if (answer.etag) simulation.seenViews.set(key, { etag: answer.etag, text: shown.text })
      simulation.afterStep.push(async () => {
        // A clock that was set back prolongs what an isolate remembers.
        if (simulation.isTogether || simulation.clock.setBack > 0) return
        const state = simulation.books.length === 0 ? 'present' : surely(simulation, slug, 'state')
        const isMissing = answer.status === 404
        if (state === 'deleted' && !isMissing)
          throw new Error(`A deleted book answers ${answer.status}: ${view} of ${slug}`)
        const wrong = state === 'present' ? wrongIn(simulation, slug, view, shown) : null
        if (wrong) throw new Error(`A visitor sees that ${wrong}`)
      })
    }
  ),
}

function parsed(text: string) {
  try {
    return { text, body: JSON.parse(text) }
  } catch {
    return { text, body: { id: '' } }
  }
}
