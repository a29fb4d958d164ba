import { env } from 'cloudflare:workers'
import type { AllChanges } from '../history'
import type { Simulation } from '../simulation'

/** With `--trace`, prints what a step has changed in the tables. */
export function trace({ step, clock }: Simulation, changes: AllChanges): void {
  if (!env.SIMULATION.isTracing) return
  console.log(`step ${step}, ${new Date(clock.now).toISOString()}`)
  for (const [table, { added, changed, vanished }] of Object.entries(changes)) {
    for (const { row } of added) console.log(`  + ${table}: ${JSON.stringify(row)}`)
    for (const { before, after } of changed) console.log(`  ~ ${table}: ${after.id} ${difference(before, after)}`)
    for (const row of vanished) console.log(`  - ${table}: ${row.id}`)
  }
}

function difference(before: object, after: object): string {
  const was = new Map(Object.entries(before))
  const changed = Object.entries(after).filter(([column, value]) => was.get(column) !== value)
  return JSON.stringify(Object.fromEntries(changed))
}
