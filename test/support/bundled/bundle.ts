import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unstable_getMiniflareWorkerOptions } from 'wrangler'
// @ts-expect-error: a script without types
import { ensureDevVars } from '../../../scripts/lib/dev-vars.mjs'
// @ts-expect-error: a script without types
import { ROOT, runNode, toolPath } from '../../../scripts/lib/node.mjs'
import { migratedState } from '../program/program'

const ENTRY = join(ROOT, 'test/support/entry.ts')

/**
 * Bundles the Worker once for all specs that use `Guestbook`, with the settings of wrangler.toml beside it, and makes the
 * database that each program starts with. Beside Vitest, this takes longer than a hook may.
 */
export default function setup() {
  const folder = mkdtempSync(join(tmpdir(), 'guesthook-bundle-'))
  ensureDevVars()
  const bundle = [toolPath('wrangler/bin/wrangler.js'), 'deploy', ENTRY, '--dry-run', '--outdir', folder]
  if (runNode(bundle, { stdio: ['ignore', 'ignore', 'inherit'] }) !== 0) throw new Error('The Worker was not bundled.')
  migratedState()
  const { workerOptions } = unstable_getMiniflareWorkerOptions(join(ROOT, 'wrangler.toml'))
  writeFileSync(join(folder, 'options.json'), JSON.stringify(workerOptions))
  process.env.GUESTHOOK_BUNDLE = folder
  return () => rmSync(folder, { recursive: true, force: true })
}
