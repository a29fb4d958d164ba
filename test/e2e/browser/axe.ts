import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from '@playwright/test'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface Axe {
  getRules(): { ruleId: string }[]
  run(options: object): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }>
}

/** The rules whose results depend on colors and sizes. The other rules look at the structure of a page. */
const OF_LOOKS = [
  'color-contrast',
  'color-contrast-enhanced',
  'link-in-text-block',
  'scrollable-region-focusable',
  'target-size',
]

/**
 * @param onlyLooks for a page that all rules check in another color scheme, on a small screen
 * @returns what axe has found on a page, and in its shadow roots
 */
export async function faults(page: Page, onlyLooks = false): Promise<string[]> {
  await page.waitForLoadState()
  await page.evaluate(AXE)
  const { violations } = await page.evaluate(
    (chosen) => {
      const { axe } = globalThis as unknown as { axe: Axe }
      const rules = axe.getRules().map(({ ruleId }) => [ruleId, { enabled: chosen?.includes(ruleId) ?? true }])
      return axe.run({ rules: Object.fromEntries(rules) })
    },
    onlyLooks ? OF_LOOKS : null
  )
  return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`)
}
