import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'

/*
 * Rules about the layout that Biome cannot check. biome.json has the others: no import cycles, and the length of
 * functions.
 */

const ROOT = join(import.meta.dirname, '../..')

/** @returns every file below a folder, relative to the root */
function filesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((name) => statSync(join(ROOT, name)).isFile())
}

const read = (file: string) => readFileSync(join(ROOT, file), 'utf8')
const SOURCES = filesIn('src').filter((file) => /\.tsx?$/.test(file))
const FOR_BROWSERS = filesIn('browser').filter((file) => file.endsWith('.ts'))
const ALL = [...SOURCES, ...FOR_BROWSERS]

/** @returns the source files whose text matches */
function sourcesWith(pattern: RegExp): string[] {
  return SOURCES.filter((file) => pattern.test(read(file))).toSorted()
}

/** Each room imports only itself and the rooms before it. `lib` is pure, as all folders `rules` are. */
const ROOMS = [
  'kit/lib',
  'kit/db',
  'kit/sweep',
  'kit/http',
  'kit/html',
  'kit',
  'access',
  'webhooks',
  'guestbook',
  'owner',
]
const BY_LENGTH = ROOMS.toSorted((a, b) => b.length - a.length)
/** What every room may import: types of the environment, and the log. */
const EVERYWHERE = ['src/env', 'src/log']

/** @returns the place of a file's room in the list. The entry points come last; `schema.ts` lists the tables of all */
function rankOf(file: string): number {
  if (EVERYWHERE.some((name) => file.startsWith(`${name}.`))) return -1
  if (file === 'src/schema.ts') return ROOMS.indexOf('owner')
  const room = BY_LENGTH.find((name) => file.startsWith(`src/${name}/`))
  return room === undefined ? ROOMS.length : ROOMS.indexOf(room)
}

const isPure = (file: string) => /^src\/(kit\/lib|\w+\/rules)\//.test(file)

/** @returns the files that a file imports; `isType` for types alone */
function importsOf(file: string): { target: string; isType: boolean }[] {
  const imports = [
    ...read(file).matchAll(/^(?:import|export) (type )?[^']*?from '(\.[^']*)'/gm),
    ...read(file).matchAll(/\bimport( )?\(?'(\.[^']*)'/gm),
  ]
  // A file of texts imports nothing. The Worker contains the English ones, and reads the others with ASSETS.
  const ofCode = imports.filter(([, , path = '']) => !path.endsWith('.json'))
  return ofCode.map(([, type, path = '']) => {
    const stem = join(dirname(file), path)
    const target = ['.ts', '.tsx', '/index.ts'].map((end) => stem + end).find((name) => ALL.includes(name))
    if (target === undefined) throw new Error(`${file} imports ${path}, which is not there.`)
    return { target, isType: type !== undefined }
  })
}

describe('the layout', () => {
  it('has rooms that import only the rooms before them', () => {
    const wrong = SOURCES.flatMap((file) =>
      importsOf(file)
        .filter(({ target }) => rankOf(target) > rankOf(file) && rankOf(file) >= 0)
        .map(({ target }) => `${file} -> ${target}`)
    )
    expect(wrong).toEqual([])
  })

  it('has rules, and code for browsers, that import only rules', () => {
    const wrong = [...SOURCES.filter(isPure), ...FOR_BROWSERS].flatMap((file) =>
      importsOf(file)
        .filter(({ target, isType }) => !isType && !isPure(target) && !target.startsWith('browser/'))
        .map(({ target }) => `${file} -> ${target}`)
    )
    expect(wrong).toEqual([])
  })

  it('has one file that calls receivers, one for Turnstile, one for the keys of Access, and one that reads what other sites show: it follows redirects', () => {
    expect(sourcesWith(/(?<!ASSETS\.)\bfetch\(/).filter((file) => !isPure(file))).toEqual([
      'src/access/cloudflare/certs.ts',
      'src/guestbook/signing/turnstile.ts',
      'src/guestbook/webmentions/fetch-source.ts',
      'src/webhooks/send/http/call.ts',
    ])
  })

  it('has one file that reads the origin of a request, because links must not come from there', () => {
    expect(sourcesWith(/\burl\)\.(origin|host)\b/).filter((file) => read(file).includes('c.req.url'))).toEqual([
      'src/kit/http/origin.ts',
    ])
  })

  it('has one file that parses URLs that strangers wrote, because a long host takes long', () => {
    const parsers = /URL\.(parse|canParse)\(|new URL\((?!(c\.)?req\.url\))/
    expect(sourcesWith(parsers)).toEqual(['src/kit/lib/url.ts'])
  })

  it('imports zod as a namespace, because the Worker would contain all of it otherwise', () => {
    expect(sourcesWith(/^import (?!type|\* as z ).*'zod'/m)).toEqual([])
    expect(sourcesWith(/^import (?!type).* from '@hono\/zod-openapi'/m)).toEqual([])
    expect(sourcesWith(/^import \* as z from 'zod'/m).length).toBeGreaterThan(50)
  })

  it('has one file that cuts texts, because half a character cannot be shown', () => {
    const cuts =
      /\b(text|name|title|detail|message|subject|body|item|type|method|join\(.*)\)?(\.\w+\(\))*\.slice\(0, ?[\dA-Z]/
    // What these cut is compared or hashed, and never shown.
    expect(sourcesWith(cuts)).toEqual([
      'src/guestbook/rules/looks/identicon.ts',
      'src/guestbook/rules/looks/smileys.ts',
      'src/kit/html/typed-filter.ts',
    ])
  })

  it('reads the clock where requests, messages and the cron job come in, and passes the time on', () => {
    expect(sourcesWith(/\bDate\.now\b|\bDate\(\)|\bperformance\.now\b/)).toEqual([
      'src/app.tsx',
      'src/index.ts',
      // Turns an error into a refusal, in about twenty places. The error does not know its request.
      'src/kit/http/problem.ts',
    ])
  })

  it('has one component for forms, which carry a token, one for tables, and one for pairs of names and values', () => {
    expect(sourcesWith(/<form\b/)).toEqual(['src/kit/html/parts/form.tsx'])
    expect(sourcesWith(/<table\b/)).toEqual(['src/kit/html/pairs.tsx', 'src/kit/html/parts/table.tsx'])
  })

  it('has one file that reads HTML: that of other sites, because no page of ours is rewritten', () => {
    expect(sourcesWith(/new HTMLRewriter\b/)).toEqual(['src/guestbook/webmentions/read-html.ts'])
  })

  it('has one file that sends to queues', () => {
    expect(sourcesWith(/\benv\.(FRESH|PATIENT|INBOUND)\b/)).toEqual(['src/webhooks/work/send-orders.ts'])
  })
})

describe('a row', () => {
  it('is never cast through unknown', () => {
    expect(sourcesWith(/as unknown as/)).toEqual([])
  })
})

/** An exported definition. An operation may have the name of the function that it calls: both are the same act. */
const EXPORTED = /^export (?:async )?(?:type|interface|class|function\*?|const) (\w+)\b(?! = (?:action|creation)\()/gm

describe('an exported name', () => {
  it('has one meaning: it is defined in one file', () => {
    const files = new Map<string, Set<string>>()
    for (const file of SOURCES)
      for (const [, name = ''] of read(file).matchAll(EXPORTED))
        files.set(name, (files.get(name) ?? new Set()).add(file))
    const shared = [...files].filter(([, { size }]) => size > 1).map(([name, places]) => [name, ...places].join(' '))
    expect(shared).toEqual([])
  })
})

/** The folder that writes each table, or the folders and files. */
const WRITERS: Record<string, string | string[]> = {
  books: 'src/guestbook/books',
  comments: ['src/guestbook/store.ts', 'src/guestbook/bulk', 'src/guestbook/moderation'],
  endpoints: 'src/webhooks/endpoints',
  messages: 'src/webhooks/send',
  deliveries: 'src/webhooks/send/deliver',
  attempts: 'src/webhooks/send/deliver',
  jobs: 'src/webhooks/send/resend',
  rollups: 'src/owner/stats',
  settings: 'src/kit/db',
  signing_keys: 'src/webhooks/signing-keys',
  event_types: 'src/webhooks/event-types',
  idempotency_keys: 'src/kit/http',
  sources: 'src/webhooks/sources',
  inbound_messages: 'src/webhooks/receive/messages',
  inbound_chunks: 'src/webhooks/receive/messages',
  visitor_keys: 'src/kit/http',
  sessions: 'src/access/sessions',
  api_keys: 'src/access/keys',
  audit_log: 'src/access/audit',
  sweep_state: 'src/kit/db',
  webmentions: 'src/guestbook/webmentions',
  pictures: 'src/guestbook/pictures',
  buttons: 'src/guestbook/wall',
  imports: 'src/owner/moving',
  import_chunks: 'src/owner/moving',
  imported_records: 'src/owner/moving',
}

describe('each table', () => {
  const schema = SOURCES.filter((file) => /\/tables(\/\w+)?\.ts$/.test(file)).map(read)
  const tables = new Map(
    [...schema.join('\n').matchAll(/export const (\w+) = sqliteTable\(\s*'(\w+)'/g)].map(([, key = '', name = '']) => [
      name,
      key,
    ])
  )

  it('has a folder that writes it', () => {
    expect([...tables.keys()].toSorted()).toEqual(Object.keys(WRITERS).toSorted())
  })

  it.each(Object.entries(WRITERS))('%s is written by %s alone', (table, folder) => {
    const key = tables.get(table)
    const writes = new RegExp(
      `(insert|replace)( or \\w+)? into ${table}\\b|\\bupdate ${table}\\b|delete from ${table}\\b|\\.(insert|update|delete)\\(${key}\\)|\\b(resealing|portable|claiming|keeping|walking)\\(\\s*${key}\\b|columns(Of|Without)\\(\\s*${key}\\b[^]*\\.insert(Each)?<`
    )
    const writers = sourcesWith(writes)
    expect(writers.length).toBeGreaterThan(0)
    const isHome = (file: string) => [folder].flat().some((home) => file === home || file.startsWith(`${home}/`))
    expect(writers.filter((file) => !isHome(file))).toEqual([])
  })

  it('is not read by the engine of the webhooks, if the guestbook or the owner writes it', () => {
    const isOfProgram = (folder: string) => /^src\/(guestbook|owner)\b/.test(folder)
    const others = Object.entries(WRITERS).filter(([, folder]) => isOfProgram([folder].flat()[0] ?? ''))
    const reads = new RegExp(`\\b(from|join|update|into)\\s+(${others.map(([table]) => table).join('|')})\\b`)
    const found = sourcesWith(reads).filter((file) => file.startsWith('src/webhooks/'))
    expect(others.map(([table]) => table)).toContain('comments')
    expect(found).toEqual([])
  })
})

/** The names in backticks. Commands contain spaces. */
const namesIn = (text: string): string[] => [...text.matchAll(/`([\w./-]+)`/g)].map(([, name = '']) => name)

/** @param test relative to `test/`, without its ending */
function isMissing(test: string): boolean {
  const endings = ['', '.test.ts', '.test.tsx', '.spec.ts']
  const exists = (path: string) => statSync(join(ROOT, 'test', path), { throwIfNoEntry: false }) !== undefined
  return !test.startsWith('.ci') && !endings.some((ending) => exists(test + ending))
}

describe('the documents', () => {
  const documents = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md'].concat(
    filesIn('docs').filter((file) => file.endsWith('.md')),
    filesIn('.github').filter((file) => file.endsWith('.md'))
  )

  /** As GitHub makes an anchor of a heading. */
  const anchorOf = (heading: string) =>
    heading
      .toLowerCase()
      .replace(/[`*]|\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-')

  const anchorsOf = (file: string) =>
    [...read(file).matchAll(/^#{1,6} (.*)$/gm)].map(([, heading = '']) => anchorOf(heading))

  it.each(documents)('%s has no line over 160 characters', (file) => {
    const long = read(file)
      .split('\n')
      .flatMap((line, i) => (line.length > 160 ? [`line ${i + 1}`] : []))
    expect(long).toEqual([])
  })

  it.each(documents)('%s has only links that lead somewhere', (file) => {
    const targets = [...read(file).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target)
    const broken = targets.filter((target) => {
      if (/^(https?|mailto):/.test(target)) return false
      const [path = '', anchor] = target.split('#')
      const to = path === '' ? file : relative(ROOT, join(ROOT, dirname(file), path))
      if (statSync(join(ROOT, to), { throwIfNoEntry: false }) === undefined) return true
      return anchor !== undefined && to.endsWith('.md') && !anchorsOf(to).includes(anchor)
    })
    expect(broken).toEqual([])
  })

  it('docs/threats.md names tests that exist, for every threat', () => {
    const threats = read('docs/threats.md').match(/^- .*(?:\n {2}.*)*/gm) ?? []
    expect(threats.length).toBeGreaterThan(100)
    const lists = threats.map((threat) => /\sTests:\s+(.+)\.$/s.exec(threat)?.[1] ?? threat)
    expect(lists.filter((list) => !/^`[^`]+`(?:,\s+`[^`]+`)*$/.test(list))).toEqual([])
    const names = lists.flatMap(namesIn)
    expect(names.length).toBeGreaterThan(threats.length)
    expect(names.filter(isMissing)).toEqual([])
  })

  it('docs/ARCHITECTURE.md names tests that exist, for every invariant', () => {
    const [, invariants = ''] = read('docs/ARCHITECTURE.md').split('\n## Invariants')
    const cells = [...invariants.matchAll(/^\|.*\| (.*) \|$/gm)].map(([, cell = '']) => cell).slice(2)
    expect(cells.length).toBeGreaterThan(40)
    expect(cells.flatMap(namesIn).filter(isMissing)).toEqual([])
  })

  it('README.md has at most 130 lines', () => {
    expect(read('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(130)
  })
})
