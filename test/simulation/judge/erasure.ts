import { env } from 'cloudflare:workers'
import { repeatRegistration } from '../actions/endpoints'
import { postEntry, repeatable } from '../actions/entries'
import { HOUR, SECOND } from '../clock'
import { isDeleted, type Simulation } from '../simulation'

/*
 * What was deleted for good is in no table, and no request brings it back.
 */

export async function judgeErasure(simulation: Simulation): Promise<string[]> {
  simulation.step += 1
  simulation.clock.tick(2 * SECOND)
  await pullEverything(simulation)
  await repeatEverything(simulation)
  return judgeTables(simulation)
}

/** `ask` checks the answers. */
async function pullEverything(simulation: Simulation): Promise<void> {
  for (const { id } of simulation.presentEndpoints()) {
    for (let after = ''; ; ) {
      const { body } = await simulation.askOwner('GET', `/api/endpoints/${id}/messages?limit=100&after=${after}`)
      after = String(body.next ?? '')
      if (body.has_more !== true) break
    }
  }
  for (const path of ['/api/comments?limit=100', '/']) await simulation.askOwner('GET', path)
}

/** Repeated requests get their first answers, unless what they created is deleted. */
async function repeatEverything(simulation: Simulation): Promise<void> {
  const isolate = simulation.newIsolate()
  for (const entry of repeatable(simulation)) if (entry.isAnswered) await postEntry(simulation, isolate, entry)
  for (const endpoint of simulation.endpoints) {
    const isLive = simulation.clock.latest < endpoint.registeredAt + 23 * HOUR
    if (!isLive || endpoint.id === null || endpoint.registration === null) continue
    const status = await repeatRegistration(simulation, isolate, endpoint)
    const expected = isDeleted(endpoint) ? 410 : 201
    if (status !== expected) throw new Error(`A repeated registration was answered with ${status}, not ${expected}.`)
  }
}

async function judgeTables({ words, endpoints, step }: Simulation): Promise<string[]> {
  const columns = await readColumns()
  const erased = words.erasedBefore(step)
  const names = endpoints.filter(isDeleted).map(({ name }) => name)
  return columns.flatMap(({ column, text }) => {
    const mayContain = (word: string) => column.startsWith('inbound_') && words.mayBeStored(word)
    const found = [...erased.filter((word) => !mayContain(word)), ...names].filter((word) => text.includes(word))
    return found.map((word) => `${word} was deleted for good, and is in ${column}`)
  })
}

/** @returns all values of every column of every table, as one text */
async function readColumns(): Promise<{ column: string; text: string }[]> {
  const { results: tables } = await env.DB.prepare(
    `select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' and name not like '_cf_%'`
  ).all<{ name: string }>()
  const read = await env.DB.batch<object>(tables.map(({ name }) => env.DB.prepare(`select * from ${name}`)))
  return tables.flatMap(({ name }, i) => {
    const rows = read[i]?.results ?? []
    const values = Map.groupBy(
      rows.flatMap((row) => Object.entries(row)),
      ([column]) => column
    )
    return [...values].map(([column, all]) => ({
      column: `${name}.${column}`,
      text: all.map(([, value]) => String(value)).join('\n'),
    }))
  })
}
