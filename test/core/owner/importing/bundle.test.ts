import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const PUBLIC = join(import.meta.dirname, '../../../../public')
const read = (file: string) => readFileSync(join(PUBLIC, file), 'utf8')

it('the reader of files comes with the license of each package that is part of it', () => {
  const notices = read('import-reader.js').matchAll(/\/\*! (\S+) [\d.]+\n[^*]*copyright/gi)
  expect([...notices].map(([, name]) => name).toSorted()).toEqual(['entities', 'htmlparser2', 'js-yaml', 'papaparse'])
})

it('only the page for imports loads the reader of files', () => {
  const scripts = readdirSync(PUBLIC).filter((file) => file.endsWith('.js') && file !== 'import-reader.js')
  expect(scripts.filter((file) => read(file).includes('import-reader.js'))).toEqual(['import-page.js'])
})
