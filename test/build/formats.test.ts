import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { FORMATS, formatOf } from '../../src/webhooks/rules/events/formats'
import { SERVICES } from '../support/services/people'

const docs = join(import.meta.dirname, '../../docs')
const [endpoints, notifications] = ['endpoints.md', 'notifications.md'].map((name) =>
  readFileSync(join(docs, name), 'utf8')
)
const forPeople = FORMATS.filter((name) => formatOf(name).service && !formatOf(name).isForPrograms)

it.each(FORMATS)('the format %s is in the table of the documentation', (name) => {
  expect(endpoints).toMatch(new RegExp(`^\\|[^|]*\`${name}\`[^|]*\\| [^|]+ \\|$`, 'm'))
})

it.each(forPeople)('%s has a stand-in that checks what the service checks, and a recipe', (name) => {
  expect(Object.keys(SERVICES)).toContain(name)
  expect(notifications).toContain(formatOf(name).service?.replace('Microsoft ', ''))
})
