import { spawnSync } from 'node:child_process'
import { nodePath, ROOT, runNode, toolEnv, toolPath } from '../node.mjs'

const WRANGLER = toolPath('wrangler/bin/wrangler.js')

/**
 * Runs wrangler and shows its output. Wrangler gets no input, so it asks no questions of its own.
 * @param {Record<string, string>} [env] added to the environment, for example to choose the account
 * @throws Error if it fails
 */
export function runWrangler(args, env, stdio = ['ignore', 'inherit', 'inherit']) {
  const code = runNode([WRANGLER, ...args], { stdio, env: toolEnv(env) })
  if (code !== 0) throw new Error(`"wrangler ${args.join(' ')}" failed. The reason is above.`)
}

/** Runs wrangler and captures its output. @returns {string | null} null if it fails, after it has shown why */
export function readWrangler(args, env) {
  const options = { cwd: ROOT, env: toolEnv(env), stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' }
  const { status, stdout } = spawnSync(nodePath(), [WRANGLER, ...args], options)
  return status === 0 ? stdout : null
}
