import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { relative } from '../../../src/kit/html/time'

const SCRIPT = readFileSync(join(import.meta.dirname, '../../../public/dashboard.js'), 'utf8')

/** @returns the words of the script for a time that is `ms` in the future, or in the past */
function wordsOfScript(ms: number, isAhead: boolean): unknown {
  const [units] = /^const UNITS = .*$/m.exec(SCRIPT) ?? []
  const [relative] = /^function relative\(.*?^}$/ms.exec(SCRIPT) ?? []
  return new Function('ms', 'isAhead', `${units}\n${relative}\nreturn relative(ms, isAhead)`)(ms, isAhead)
}

const SECONDS = [
  0, 1, 2, 3, 30, 59, 60, 61, 90, 3_599, 3_600, 5_400, 7_199, 7_200, 9_000, 86_400, 172_799, 172_800, 200_000, 864_000,
]

it.each(SECONDS)('the script of the dashboard says what the server says about %i s', (seconds) => {
  const ms = seconds * 1_000
  expect(wordsOfScript(-ms, false)).toBe(relative(-ms))
  if (seconds >= 2) expect(wordsOfScript(ms, true)).toBe(relative(ms))
})
