import { existsSync } from 'node:fs'

/** The shell is Chromium without its windows: the same pages in half of the CPU time. */
const USUAL = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium']

/** The path of the browser of the tests and the screenshots. Perhaps there is none at this path. */
export const chromiumPath = process.env.CHROMIUM ?? USUAL.find((path) => existsSync(path)) ?? '/usr/bin/chromium'
