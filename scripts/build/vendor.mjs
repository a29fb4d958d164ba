// Copies Swagger UI from its package, so that /docs loads nothing from other hosts.
import { copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../lib/node.mjs'

const FILES = ['swagger-ui-bundle.js', 'swagger-ui.css', 'LICENSE']

const to = join(ROOT, 'public', 'vendor')
mkdirSync(to, { recursive: true })
for (const file of FILES) {
  copyFileSync(join(ROOT, 'node_modules', 'swagger-ui-dist', file), join(to, file))
}
