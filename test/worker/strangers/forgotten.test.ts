import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { aComment, laterOffTurn } from '../../support/fixtures'
import { World } from '../../support/world'

const DAY = 86_400_000

/** Rows about an entry that exists, and about entries that were deleted. */
async function seed(world: World, count: number) {
  const { id } = await aComment(world)
  const gone = Array.from({ length: count }, (_, i) => `gone${String(i).padStart(4, '0')}`)
  const now = Date.now()
  const mention = env.DB.prepare(
    `insert into webmentions (source, target, book, comment_id, received_at, fetched_at) values (?, 't', 'main', ?, ?, ?)`
  )
  const record = env.DB.prepare('insert into imported_records (id, comment_id, imported_at) values (?, ?, ?)')
  await env.DB.batch([
    mention.bind('https://kept.example/', id, now, now),
    record.bind('kept', id, now),
    ...gone.flatMap((one) => [mention.bind(one, `cmt_${one}`, now, now), record.bind(one, `cmt_${one}`, now)]),
  ])
}

async function counts() {
  const row = await env.DB.prepare(
    'select (select count(*) from webmentions) as mentions, (select count(*) from imported_records) as records'
  ).first()
  return row
}

it('what is known of entries that were deleted is forgotten after a year, however much there is', async () => {
  // On the Paid plan, every chore has its turn in every sweep.
  const world = new World({ FREE_PLAN: 'false' })
  await seed(world, 250)
  for (let i = 0; i < 4; i++) await world.sweep(laterOffTurn(300 * DAY + i * 60_000))
  expect(await counts()).toEqual({ mentions: 251, records: 251 })
  for (let i = 0; i < 4; i++) await world.sweep(laterOffTurn(400 * DAY + i * 60_000))
  expect(await counts()).toEqual({ mentions: 1, records: 1 })
})

it('a table is read once a day, not in every sweep', async () => {
  const world = new World({ FREE_PLAN: 'false' })
  await seed(world, 10)
  await world.sweep(laterOffTurn(2 * DAY))
  world.recorder.executed.length = 0
  await world.sweep(laterOffTurn(2 * DAY + 300_000))
  expect(world.recorder.executed.filter(({ sql }) => /from (webmentions|imported_records) \w\b/.test(sql))).toEqual([])
})
