import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Webhook } from 'standardwebhooks'
import { afterAll, describe, expect, it } from 'vitest'

/* The functions in docs/recipes.md that verify a webhook, as a reader would copy them. */

const recipes = readFileSync(join(import.meta.dirname, '../../docs/recipes.md'), 'utf8')
const folder = mkdtempSync(join(tmpdir(), 'guesthook-recipes-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const body = '{"type":"ping","data":{"text":"Zoë"}}'
const now = new Date()
const signature = new Webhook(secret).sign('msg_1', now, body)
const at = String(Math.floor(now.getTime() / 1_000))

/** @returns the block of code below a heading */
function blockBelow(heading: string): string {
  return new RegExp(`^### ${heading}\\n[\\s\\S]*?\`\`\`\\w+\\n([\\s\\S]*?)\`\`\``, 'm').exec(recipes)?.[1] ?? ''
}

/** @param given the body and the signature, which may be wrong */
interface Given {
  body: string
  signature: string
}

/** How to run each recipe. It ends with 0 if the signature is good. */
const RUN: Record<string, { command: string[]; file: string; after: (given: Given) => string }> = {
  Node: {
    command: ['node'],
    file: 'verify.mjs',
    after: ({ body, signature }) =>
      `verify(${JSON.stringify(secret)}, ${JSON.stringify(headers(signature))}, Buffer.from(${JSON.stringify(body)}))`,
  },
  Python: {
    command: ['python3'],
    file: 'verify.py',
    after: ({ body, signature }) =>
      `verify(${JSON.stringify(secret)}, ${JSON.stringify(headers(signature))}, ${JSON.stringify(body)}.encode())`,
  },
  PHP: {
    command: ['php'],
    file: 'verify.php',
    after: ({ body, signature }) =>
      `verify('${secret}', ['HTTP_WEBHOOK_ID' => 'msg_1', 'HTTP_WEBHOOK_TIMESTAMP' => '${at}', 'HTTP_WEBHOOK_SIGNATURE' => '${signature}'], '${body}');`,
  },
  Shell: {
    command: ['sh'],
    file: 'verify.sh',
    after: ({ signature }) => `test "v1,$mac" = '${signature}'`,
  },
}

function headers(value: string) {
  return { 'webhook-id': 'msg_1', 'webhook-timestamp': at, 'webhook-signature': value }
}

/** @returns whether the recipe accepts the request */
function accepts(language: string, given: Given): boolean {
  const { command, file, after } = RUN[language] as (typeof RUN)[string]
  writeFileSync(join(folder, 'body.json'), given.body)
  writeFileSync(join(folder, file), `${blockBelow(language)}\n${after(given)}\n`)
  const env = { ...process.env, SECRET: secret, WEBHOOK_ID: 'msg_1', WEBHOOK_TIMESTAMP: at }
  const [program = '', ...options] = command
  return spawnSync(program, [...options, file], { cwd: folder, env }).status === 0
}

const has = (program: string) => spawnSync(program, ['--version']).error === undefined

describe('the recipe that verifies a webhook', () => {
  // The shell is always there.
  it.skipIf(!has('node'))('works in Node', () => expectToVerify('Node'))
  it.skipIf(!has('python3'))('works in Python', () => expectToVerify('Python'))
  it.skipIf(!has('php'))('works in PHP', () => expectToVerify('PHP'))
  it.skipIf(!has('openssl'))('works in a shell', () => expectToVerify('Shell'))
})

function expectToVerify(language: string): void {
  expect(blockBelow(language)).not.toBe('')
  expect(accepts(language, { body, signature })).toBe(true)
  expect(accepts(language, { body: `${body} `, signature })).toBe(false)
  expect(accepts(language, { body, signature: signature.replace('v1,', 'v2,') })).toBe(false)
}
