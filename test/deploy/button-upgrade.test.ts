import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')
const FOLDER = mkdtempSync(join(tmpdir(), 'guesthook-upgrade-'))
const UPSTREAM = join(FOLDER, 'upstream')
const MINE = join(FOLDER, 'mine')
const ID = 'database_id = "11111111-2222-3333-4444-555555555555"'

afterAll(() => rmSync(FOLDER, { recursive: true, force: true }))

function git(folder: string, ...args: string[]): string {
  const identity = ['-c', 'user.name=Owner', '-c', 'user.email=owner@example.com', '-c', 'init.defaultBranch=main']
  return execFileSync('git', [...identity, ...args], { cwd: folder, encoding: 'utf8' })
}

/** A repository of these files with a history of one commit. */
function commitAll(folder: string): void {
  for (const args of [
    ['init', '-q'],
    ['add', '-A'],
    ['commit', '-qm', 'Initial commit'],
  ])
    git(folder, ...args)
}

/** @returns the commands of the documentation's section, the address of the repository replaced */
function documented(): string[] {
  const text = readFileSync(join(ROOT, 'docs/operating.md'), 'utf8')
  const section = text.slice(text.indexOf('### Upgrade a repository that the button made'))
  const [, block = ''] = /```sh\n([\s\S]+?)```/.exec(section) ?? []
  return block.trim().replace('https://github.com/guesthook/guesthook', UPSTREAM).split('\n')
}

it('the documented commands upgrade a repository whose history the button made', () => {
  for (const name of ['migrations', 'package.json', 'scripts', 'wrangler.toml'])
    for (const folder of [UPSTREAM, MINE]) cpSync(join(ROOT, name), join(folder, name), { recursive: true })
  const settings = readFileSync(join(MINE, 'wrangler.toml'), 'utf8').replace('binding = "DB"', `binding = "DB"\n${ID}`)
  writeFileSync(join(MINE, 'wrangler.toml'), settings)
  writeFileSync(join(MINE, 'scripts/removed.mjs'), '// The new version does not have this file.\n')
  writeFileSync(join(MINE, 'package.json'), '{}')
  for (const folder of [UPSTREAM, MINE]) commitAll(folder)
  expect(() => git(MINE, 'merge', UPSTREAM)).toThrow()

  const outputs = documented().map((command) => execFileSync('sh', ['-c', command], { cwd: MINE, encoding: 'utf8' }))
  expect(outputs).toHaveLength(4)
  expect(outputs.at(-1)).toContain(`-${ID}`)
  git(MINE, 'commit', '-qam', 'Upgrade')
  expect(git(MINE, 'diff', '--name-only', 'HEAD', 'upstream/main').trim()).toBe('wrangler.toml')
  expect(readFileSync(join(MINE, 'wrangler.toml'), 'utf8')).toContain(ID)
})
