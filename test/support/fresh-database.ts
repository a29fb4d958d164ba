import { applyD1Migrations, reset } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeEach } from 'vitest'

const ATTEMPTS = 3

/** Every test starts with an empty database that has all migrations. */
beforeEach(async () => {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    await reset()
    await applyD1Migrations(env.DB, env.TEST_MIGRATIONS)
    if (await isEmpty()) return
  }
  throw new Error('The database still has the rows of another test.')
})

/** On a busy machine, `reset` has left the database of the previous test as it was, twice so far. */
async function isEmpty(): Promise<boolean> {
  return (await env.DB.prepare('select 1 from comments union all select 1 from endpoints limit 1').first()) === null
}
