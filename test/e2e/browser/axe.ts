import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from '@playwright/test'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface Axe {
  getRules(): { ruleId: string }[]
  run(options: object): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }>
}

/** @returns what axe has found on a page, and in its shadow roots */
export async function faults(page: Page): Promise<string[]> {
  await page.waitForLoadState()
  await page.evaluate(AXE)
  const { violations } = await page.evaluate(() => {
    const { axe } = globalThis as unknown as { axe: Axe }
    const rules = axe.getRules().map(({ ruleId }) => [ruleId, { enabled: true }])
    return axe.run({ rules: Object.fromEntries(rules) })
  })
  return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`)
}
