import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from '@playwright/test'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface Axe {
  getRules(): { ruleId: string }[]
  run(options: object): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }>
}

/** The rules whose results depend on CSS: on colors and sizes, or on what it hides. The others look at the structure. */
const OF_LOOKS = [
  'button-name',
  'color-contrast',
  'color-contrast-enhanced',
  'heading-order',
  'label',
  'link-in-text-block',
  'link-name',
  'page-has-heading-one',
  'scrollable-region-focusable',
  'target-size',
]

/**
 * @param onlyLooks for a page that all rules check in another color scheme, on a small screen
 * @returns what axe has found on a page, and in its shadow roots
 */
export async function faults(page: Page, onlyLooks = false): Promise<string[]> {
  await page.waitForLoadState()
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(AXE)
  const { violations } = await page.evaluate(
    (chosen) => {
      const { axe } = globalThis as unknown as { axe: Axe }
      const rules = axe.getRules().map(({ ruleId }) => [ruleId, { enabled: chosen?.includes(ruleId) ?? true }])
      return axe.run({ rules: Object.fromEntries(rules), resultTypes: ['violations'] })
    },
    onlyLooks ? OF_LOOKS : null
  )
  return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`)
}

/** All rules look at the small screen. Wide screens have the same structure. */
const SCREENS = [
  { colorScheme: 'light', width: 1280, onlyLooks: true },
  { colorScheme: 'dark', width: 360, onlyLooks: false },
] as const

/**
 * Looks at a page on a desktop in light mode, and on a phone in dark mode, without loading it again.
 * @param isKnown for a page that all rules check in another theme, which changes only how it looks
 * @returns what axe has found, and whether the page scrolls sideways
 */
export async function faultsOnScreens(page: Page, isKnown = false): Promise<string[]> {
  const found: string[] = []
  await page.waitForLoadState()
  for (const { colorScheme, width, onlyLooks } of SCREENS) {
    await page.emulateMedia({ colorScheme })
    await page.setViewportSize({ width, height: 900 })
    const excess = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    const wide = excess > 0 ? [`${excess} px too wide`] : []
    found.push(
      ...[...wide, ...(await faults(page, onlyLooks || isKnown))].map(
        (fault) => `${colorScheme}, ${width} px: ${fault}`
      )
    )
  }
  return found
}
