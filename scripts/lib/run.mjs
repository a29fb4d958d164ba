// Runs a script with the project's own version of Node: node scripts/lib/run.mjs <script> [arguments]
import { ensureInstalled, runNode } from './node.mjs'

ensureInstalled()
process.exit(runNode(process.argv.slice(2)))
