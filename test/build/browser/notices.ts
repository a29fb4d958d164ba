import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * @param files that are part of a bundle
 * @returns the licenses of the packages that they belong to, as comments: each of them requires this
 */
export function noticesOf(root: string, files: string[]): string {
  const folders = files.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? [])
  return [...new Set(folders)]
    .toSorted()
    .map((folder) => noticeOf(join(root, folder)))
    .join('')
}

function noticeOf(folder: string): string {
  const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const license = readdirSync(folder).find((file) => /^licen[cs]e/i.test(file))
  if (license === undefined) throw new Error(`${name} has no file with its license.`)
  return `/*! ${name} ${version}\n${readFileSync(join(folder, license), 'utf8').trim()}\n*/\n`
}
