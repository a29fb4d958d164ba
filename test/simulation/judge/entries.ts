import { env } from 'cloudflare:workers'
import { wordsIn } from '../history'
import { commentOf } from '../invariants'
import type { Simulation } from '../simulation'

/*
 * An accepted entry exists once, its events add up, and the counters are true.
 */

export async function judgeEntries(simulation: Simulation): Promise<string[]> {
  return [...judgeSigned(simulation), ...judgeSums(simulation), ...(await judgeCounters(simulation))]
}

function judgeSigned({ entries, history }: Simulation): string[] {
  return entries.flatMap(({ word, isAnswered, isRefused }) => {
    const found = [...history.tables.comments.seen.values()].filter(({ initial }) =>
      wordsIn(initial.body).includes(word)
    )
    if (found.length > 1) return [`${word} was signed ${found.length} times`]
    return isAnswered && !isRefused && found.length === 0 ? [`${word} was accepted and is lost`] : []
  })
}

/** An entry that is on the page was published once more than it was removed. Any other entry was removed as often. */
function judgeSums({ history: { tables } }: Simulation): string[] {
  // What these messages are about is not known, because they were erased in the step in which they appeared.
  const unknown = new Set([...tables.messages.seen.values()].flatMap((one) => (one.initial.payload ? [] : [one.since])))
  const events = [...tables.messages.seen.values()].map(({ initial }) => ({ ...initial, about: commentOf(initial) }))
  return [...tables.comments.seen.values()].flatMap(({ row, gone }) => {
    if (gone !== null && unknown.has(gone)) return []
    const count = (type: string) => events.filter((one) => one.about === row.id && one.type === type).length
    const [published, removed] = [count('comment.published'), count('comment.removed')]
    const isShown = gone === null && row.status === 'published'
    const isRight = published - removed === Number(isShown)
    return isRight ? [] : [`${row.id} was published ${published} times and removed ${removed} times`]
  })
}

async function judgeCounters({ history }: Simulation): Promise<string[]> {
  const comments = [...history.tables.comments.seen.values()]
  const { results } = await env.DB.prepare(
    `select slug, comment_count, published_count,
       (select count(*) from comments where book = slug and status = 'published') as published
     from books`
  ).all<{ slug: string; comment_count: number; published_count: number; published: number }>()
  return results.flatMap(({ slug, comment_count, published_count, published }) => {
    if (published_count !== published) return [`${slug} counts ${published_count} entries on its page, of ${published}`]
    const own = comments.filter(({ initial }) => initial.book === slug)
    const numbers = own.map(({ initial }) => initial.number).toSorted((a, b) => a - b)
    const isNumbered = numbers.every((number, i) => number === i + 1) && comment_count === own.length
    return isNumbered ? [] : [`${slug} counts ${comment_count} entries, and there were ${own.length}: ${numbers}`]
  })
}
