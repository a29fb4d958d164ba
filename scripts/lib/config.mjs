import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'smol-toml'
import { ROOT } from './node.mjs'

/** @returns the contents of wrangler.toml, as an object. Wrangler can read it, too, but takes a second to load. */
export function readConfig() {
  return parse(readFileSync(join(ROOT, 'wrangler.toml'), 'utf8'))
}

/**
 * Writes a configuration for one run of wrangler. It is written beside wrangler.toml, because the paths in it are
 * relative to its folder. It must not contain secrets.
 */
export function writeConfig(file, config) {
  writeFileSync(file, JSON.stringify(config, null, 2))
}
