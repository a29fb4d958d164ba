// node scripts/lib/run.mjs scripts/theme-gallery.mjs [theme ...]: saves the page of a running guestbook (GUESTHOOK_URL,
// default http://localhost:8787) in each theme, by day and by night, to docs/screenshots/themes. Requires Chromium.
import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from '@playwright/test'
import { chromiumPath } from './lib/chromium.mjs'
import { ROOT } from './lib/node.mjs'

const base = process.env.GUESTHOOK_URL ?? 'http://localhost:8787'
const out = process.env.OUT ?? join(ROOT, 'docs', 'screenshots', 'themes')
const all = readdirSync(join(ROOT, 'public', 'themes')).map((file) => file.replace(/\.css$/, ''))
const themes = process.argv.length > 2 ? process.argv.slice(2) : all

/** These show their columns, or both pages, only in a wide window. */
const WIDE = ['corkboard', 'visitors']
const SIZE = { viewport: { width: 760, height: 860 }, deviceScaleFactor: 0.6 }
const WIDE_SIZE = { viewport: { width: 1120, height: 860 }, deviceScaleFactor: 0.36 }

/** Puts the theme into the page, in place of the one that the owner has chosen. */
async function wear(page, theme) {
  await page.route(`${base}/`, async (route) => {
    const response = await route.fetch()
    const html = (await response.text()).replace(/<link rel="stylesheet" href="\/themes\/[^"]*"\s*\/?>/, '')
    const body = html.replace('</head>', `<link rel="stylesheet" href="/themes/${theme}.css"/></head>`)
    await route.fulfill({ response, body })
  })
}

mkdirSync(out, { recursive: true })
const browser = await chromium.launch({
  executablePath: chromiumPath,
  args: ['--no-sandbox'],
})
for (const theme of themes) {
  for (const [name, colorScheme] of [
    ['day', 'light'],
    ['night', 'dark'],
  ]) {
    const page = await browser.newPage({ ...(WIDE.includes(theme) ? WIDE_SIZE : SIZE), colorScheme })
    await wear(page, theme)
    await page.goto(`${base}/`)
    await page.screenshot({ path: join(out, `${theme}-${name}.png`) })
    await page.close()
  }
}
await browser.close()
