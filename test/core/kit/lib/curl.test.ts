import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { curlCommand } from '../../../../src/kit/lib/requests/curl'
import { someBytes, wellFormedText } from '../../../support/arbitraries'

/*
 * Runs each command with a real shell and a real curl, and compares what arrives at a server on loopback.
 */

interface Arrived {
  method: string | undefined
  url: string | undefined
  headers: IncomingMessage['headers']
  body: Buffer
}

const arrived: Arrived[] = []
const server = createServer(async (request, response) => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const { method, url, headers } = request
  arrived.push({ method, url, headers, body: Buffer.concat(chunks) })
  if (url?.startsWith('/redirect')) response.writeHead(302, { Location: `${origin}/followed` })
  response.end()
})
let origin = ''
const directory = mkdtempSync(join(tmpdir(), 'guesthook-curl-'))

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.close()
  server.closeAllConnections()
  rmSync(directory, { recursive: true })
})
beforeEach(() => void arrived.splice(0))

type Request = Parameters<typeof curlCommand>[0]

/** Pastes the command into a shell. @returns the only request that arrived */
async function paste(request: Partial<Request>, path = '/in/hook_x'): Promise<Arrived> {
  arrived.splice(0)
  const command = curlCommand({ method: 'POST', url: origin + path, headers: [], body: '', ...request })
  const script = join(directory, 'command.sh')
  writeFileSync(script, command)
  await promisify(execFile)('sh', [script], { cwd: directory, env: { ...process.env, HOME: directory } })
  expect(arrived, command).toHaveLength(1)
  return arrived[0] as Arrived
}

const bytes = (...values: number[]) => Uint8Array.from(values)

describe('a copied curl command', () => {
  it.each([
    ['that names a file', '@/etc/passwd'],
    ['that names the standard input', '@-'],
    ['with braces', '{a,b}'],
    ['with a range', '[1-3]'],
    ['with every kind of quote', `'"\`'\\''$'\\x41'"'"'`],
    ['that would be a command', `'; touch owned; echo '$(touch owned)\`touch owned\`\${IFS}!!!1`],
    ['with line breaks', 'one\ntwo\n\nthree\n'],
    ['with carriage returns', 'one\r\ntwo\rthree'],
    ['with a backslash at the end', 'a\\'],
    ['that looks like an option', '--output owned'],
    ['that a terminal would act on', '\x1b[201~\ntouch owned\n\x1b[200~'],
    ['with C1 controls', 'a\x9b201~\x85b'],
    ['with NUL', 'a\0b\0'],
    ['that is not UTF-8', bytes(0xff, 0xfe, 0x00, 0x27, 0x0a, 0xc3, 0x28)],
    ['that begins with a byte order mark', '\ufeff{"a":1}'],
    ['in other scripts', 'Grüße, 世界 👋 \u202e reversed'],
    ['of 64 KB', 'x'.repeat(64 * 1_024)],
    ['that is too long for an argument', '@é'.repeat(100_000)],
  ])('sends exactly the body %s', async (_, body) => {
    const received = await paste({ body })
    expect(received.body.equals(Buffer.from(body as string))).toBe(true)
    expect(received.headers['content-type']).toBeUndefined()
    expect(() => readFileSync(join(directory, 'owned'))).toThrow('ENOENT')
  })

  it('sends exactly any body', async () => {
    const hostile = fc.string({ unit: fc.constantFrom(...`@{}[]'"\\$\`!#%&;|<>*?~-=\n\t\r\0 a1\x1b`) })
    const body = fc.oneof(hostile, wellFormedText, someBytes(0, 200))
    await fc.assert(
      fc.asyncProperty(body, async (given) => {
        expect((await paste({ body: given })).body.equals(Buffer.from(given as string))).toBe(true)
      }),
      { numRuns: 60 }
    )
  })

  it('sends a long body from the downloaded file, whatever is in it', async () => {
    writeFileSync(join(directory, 'in_01'), '@/etc/passwd\r\n\0')
    const received = await paste({ body: 'ignored', file: 'in_01' })
    expect(received.body.toString()).toBe('@/etc/passwd\r\n\0')
  })

  it('sends one request to a URL with braces, brackets and quotes, and does not follow a redirect', async () => {
    const path = "/redirect/{a,b}/[1-3]?q={c,d}&r=[a-z]&s='$(id)'"
    const received = await paste({ body: 'x' }, path)
    expect(received.url).toBe(path)
    expect(received.method).toBe('POST')
  })

  it.each(['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('uses the method %s', async (method) => {
    const received = await paste({ method, body: 'x' })
    expect(received).toMatchObject({ method, body: Buffer.from('x') })
  })

  it('sends the headers, including empty and hostile ones, and none that a terminal would act on', async () => {
    const received = await paste({
      body: 'x',
      headers: [
        ['content-type', 'application/json; charset="utf-8"'],
        ['x-file', '@/etc/passwd'],
        ['x-quotes', `it's "$(touch owned)" \`a\` \\`],
        ['x-empty', ''],
        ['x-escape', '\x1b[201~'],
        ['x-c1', '\x9b201~'],
      ],
    })
    expect(received.headers).toMatchObject({
      'content-type': 'application/json; charset="utf-8"',
      'x-file': '@/etc/passwd',
      'x-quotes': `it's "$(touch owned)" \`a\` \\`,
      'x-empty': '',
      host: new URL(origin).host,
    })
    expect(received.headers).not.toHaveProperty('x-escape')
    expect(received.headers).not.toHaveProperty('x-c1')
  })
})
