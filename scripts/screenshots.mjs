// npm run screenshots: saves the pages of a running guestbook (GUESTHOOK_URL, default http://localhost:8787) to
// docs/screenshots, at desktop and phone width, in light and dark mode, without JavaScript. Requires Chromium.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from '@playwright/test'
import { chromiumPath } from './lib/chromium.mjs'
import { readDevVars } from './lib/dev-vars.mjs'
import { ROOT } from './lib/node.mjs'

const base = process.env.GUESTHOOK_URL ?? 'http://localhost:8787'
const out = process.env.OUT ?? join(ROOT, 'docs', 'screenshots')
const SIZES = { desktop: { width: 1280, height: 860 }, phone: { width: 390, height: 844 } }

async function firstLink(page, path, pattern) {
  await page.goto(base + path)
  const links = await page.locator('main a').evaluateAll((found) => found.map((a) => a.getAttribute('href')))
  return links.find((href) => pattern.test(href))
}

async function login(page) {
  await page.goto(`${base}/admin/login`)
  await page.fill('#token', readDevVars().ADMIN_TOKEN)
  await page.click('button[type=submit]')
  await page.waitForURL(`${base}/admin`)
}

mkdirSync(out, { recursive: true })
const browser = await chromium.launch({
  executablePath: chromiumPath,
  args: ['--no-sandbox'],
})
const wanted = process.argv[2] ? new RegExp(process.argv[2]) : /./
for (const [size, viewport] of Object.entries(SIZES)) {
  for (const colorScheme of ['light', 'dark']) {
    const context = await browser.newContext({ viewport, colorScheme, javaScriptEnabled: false })
    const page = await context.newPage()
    const shoot = async (name, path) => {
      const file = `${name}-${size}-${colorScheme}.png`
      if (!path || !wanted.test(file)) return
      await page.goto(base + path)
      await page.screenshot({
        path: join(out, file),
        fullPage: size === 'phone' || name !== 'guestbook',
      })
    }
    await shoot('guestbook', '/')
    await shoot('login', '/admin/login')
    await shoot('lost', '/nowhere')
    await login(page)
    await shoot('overview', '/admin')
    await shoot('entries', '/admin/comments')
    await shoot('endpoints', '/admin/endpoints')
    await shoot('inbound', '/admin/inbound')
    const inbound = await firstLink(page, '/admin/inbound', /\/admin\/inbound\/in_\w+$/)
    await shoot('inbound-message', inbound)
    await shoot('sources', '/admin/sources')
    await shoot('providers', '/admin/sources/new')
    await shoot('source-new', '/admin/sources/new?provider=github')
    await shoot('source', await firstLink(page, '/admin/inbound', /\/admin\/sources\/src_/))
    await shoot('endpoint', await firstLink(page, '/admin/endpoints', /\/admin\/endpoints\/ep_/))
    await shoot('edit', `${await firstLink(page, '/admin/endpoints', /\/admin\/endpoints\/ep_/)}/edit`)
    const message = await firstLink(page, '/admin/messages', /\/admin\/messages\/msg_\w+$/)
    await shoot('message', message)
    await shoot('event-types', '/admin/event-types')
    await shoot('keys', '/admin/keys')
    await shoot('signature', '/admin/signature')
    await shoot('settings', '/admin/settings')
    await shoot('register', '/webhooks')
    await shoot('registered', process.env.MANAGE_PATH)
    if (message) await shoot('delivery', await firstLink(page, message, /\/deliveries\/ep_/))
    await context.close()
  }
}
await browser.close()
