// Prints the admin token of this checkout.
import { ensureDevVars, readDevVars } from './lib/dev-vars.mjs'

ensureDevVars()
const { ADMIN_TOKEN } = readDevVars()
if (!ADMIN_TOKEN) {
  console.error('.dev.vars has no admin token. Add a line to it: ADMIN_TOKEN=...')
  process.exit(1)
}
console.log(ADMIN_TOKEN)
