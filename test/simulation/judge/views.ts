import { surely } from '../books'
import { SECOND } from '../clock'
import type { Simulation } from '../simulation'
import { firstWordOf, look, publishedIn, VIEW_NAMES, wrongIn } from '../views'

/*
 * Every public view of a book shows the same entries: those that are published. A deleted book has no view.
 */

export async function judgeViews(simulation: Simulation): Promise<string[]> {
  if (simulation.books.length === 0) return []
  simulation.step += 1
  // Isolates may remember a book for a second.
  simulation.clock.tick(2 * SECOND)
  const [isolate] = simulation.isolates
  if (!isolate) return []
  const faults: string[] = []
  for (const { slug } of simulation.books) {
    const isShown = surely(simulation, slug, 'state') === 'present'
    for (const name of VIEW_NAMES) {
      const answer = await look(simulation, isolate, slug, name)
      if (!answer) continue
      const wrong = isShown ? wrongIn(simulation, slug, name, answer) : null
      if (wrong) faults.push(wrong)
      if (!isShown && answer.status !== 404) faults.push(`${slug} was deleted, and ${name} answers ${answer.status}`)
    }
    if (isShown) faults.push(...(await judgeCounts(simulation, slug)), ...(await judgeEntries(simulation, slug)))
  }
  return [...faults, ...(await judgeQueue(simulation))]
}

/** The numbers of entries that the API tells. */
async function judgeCounts(simulation: Simulation, slug: string): Promise<string[]> {
  const count = publishedIn(simulation, slug).length
  const paths = [`/api/books/${slug}`, `/api/books/${slug}/embed`]
  const answers = await Promise.all(paths.map((path) => simulation.askOwner('GET', path)))
  return answers.flatMap(({ body }, i) =>
    body.comment_count === count ? [] : [`${paths[i]} counts ${body.comment_count} entries instead of ${count}`]
  )
}

/** The newest entry that is published has a page, and the newest that is not has none. A search finds the first only. */
async function judgeEntries(simulation: Simulation, slug: string): Promise<string[]> {
  const { history, isolates } = simulation
  const own = history.tables.comments.present().filter(({ book }) => book === slug)
  const [isolate] = isolates
  const chosen = [true, false].flatMap((isPublished) => {
    const comment = own.findLast(({ status }) => (status === 'published') === isPublished)
    return comment ? [{ comment, isPublished }] : []
  })
  const faults: string[] = []
  for (const { comment, isPublished } of chosen) {
    const { id } = comment
    const found = `${slug === 'main' ? '/' : `/b/${slug}`}?q=${firstWordOf(comment)}`
    for (const path of [`/api/comments/${id}`, `/comments/${id}`, found]) {
      const answer = isolate && (await simulation.ask(isolate, 'GET', path))
      const isShown = answer?.status === 200 && answer.text.includes(`"${id}"`)
      if (isShown !== isPublished) faults.push(`${id} is ${comment.status}, and ${path} answers ${answer?.status}`)
    }
  }
  return faults
}

/** The owner sees everything else. */
async function judgeQueue(simulation: Simulation): Promise<string[]> {
  const faults: string[] = []
  for (const { slug } of simulation.books.filter((one) => surely(simulation, one.slug, 'state') === 'present')) {
    for (const status of ['held', 'hidden', 'spam']) {
      const { body } = await simulation.askOwner('GET', `/api/comments?limit=100&book=${slug}&status=${status}`)
      const shown = (body.data as { id: string }[]).map(({ id }) => id)
      const own = simulation.history.tables.comments
        .present()
        .filter((one) => one.book === slug && one.status === status)
      const expected = own
        .map(({ id }) => id)
        .toSorted()
        .toReversed()
      if (shown.join() !== expected.join())
        faults.push(`${slug} lists [${shown}] as ${status} instead of [${expected}]`)
    }
  }
  return faults
}
