// Prints the admin token of this checkout.
import { ensureDevVars, readDevVars } from './lib/dev-vars.mjs'

ensureDevVars()
console.log(readDevVars().ADMIN_TOKEN)
