import { spawnSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import SNIPPETS from '../../../../public/snippets.json'

const SECRET = `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`
const BODY = '{"type":"ping","data":{"text":"Zoë"}}'

/** Signed by the reference library, so the snippets are not only right for our own signatures. */
function signed(at = new Date()): Record<string, string> {
  return {
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': `v1a,x v1,${'A'.repeat(43)}= ${new Webhook(SECRET).sign('msg_1', at, BODY)}`,
  }
}

const codeFor = (language: string) => SNIPPETS.find((snippet) => snippet.language === language)?.code.join('\n') ?? ''
const has = (command: string) => spawnSync(command, ['--version']).status === 0
const folder = mkdtempSync(join(tmpdir(), 'snippets-'))

function save(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

type Run = (body: string, headers: Record<string, string>, secret: string) => boolean | Promise<boolean>

/** For each language, how to run its snippet, and whether this machine can. The snippet returns or throws. */
const RUNS: [language: string, canRun: boolean, run: Run][] = [
  [
    'JavaScript',
    true,
    async (body, headers, secret) => {
      const { verify } = await import(save('verify.mjs', codeFor('JavaScript')))
      try {
        return verify(body, headers, secret).type === 'ping'
      } catch (cause) {
        if (cause instanceof Error && /signature|timestamp/.test(cause.message)) return false
        throw cause
      }
    },
  ],
  [
    'Python',
    has('python3'),
    (body, headers, secret) => {
      const main = `\n\nimport sys\nargs = json.load(sys.stdin)\nverify(args["body"].encode(), args["headers"], args["secret"])\n`
      return script('python3', save('verify.py', codeFor('Python') + main), { body, headers, secret })
    },
  ],
  [
    'PHP',
    has('php'),
    (body, headers, secret) => {
      const main = `\n$a = json_decode(stream_get_contents(STDIN), true);\nverify($a['body'], $a['headers'], $a['secret']);\n`
      return script('php', save('verify.php', codeFor('PHP') + main), { body, headers, secret })
    },
  ],
  [
    'Ruby',
    has('ruby'),
    (body, headers, secret) => {
      const main = `\na = JSON.parse(STDIN.read)\nverify(a['body'], a['headers'], a['secret'])\n`
      return script('ruby', save('verify.rb', codeFor('Ruby') + main), { body, headers, secret })
    },
  ],
]

function script(command: string, path: string, input: object): boolean {
  const { status, stderr } = spawnSync(command, [path], { input: JSON.stringify(input), encoding: 'utf8' })
  if (status !== 0 && !/signature matches|not current/.test(stderr)) throw new Error(stderr)
  return status === 0
}

describe.each(RUNS)('the snippet for %s', (_, canRun, run) => {
  it.skipIf(!canRun)('accepts what the reference library has signed, and nothing else', async () => {
    expect(await run(BODY, signed(), SECRET)).toBe(true)
    expect(await run(`${BODY} `, signed(), SECRET)).toBe(false)
    expect(await run(BODY, { ...signed(), 'webhook-id': 'msg_2' }, SECRET)).toBe(false)
    expect(await run(BODY, signed(), `whsec_${'A'.repeat(44)}`)).toBe(false)
    expect(await run(BODY, signed(new Date(Date.now() - 400_000)), SECRET)).toBe(false)
    expect(await run(BODY, signed(new Date(Date.now() + 400_000)), SECRET)).toBe(false)
    const versioned = signed()['webhook-signature']?.replace(/ v1,([^ ]+)$/, ' v2,$1') ?? ''
    expect(await run(BODY, { ...signed(), 'webhook-signature': versioned }, SECRET)).toBe(false)
  })
})

describe('the snippet for curl', () => {
  it.skipIf(!has('curl') || spawnSync('openssl', ['version']).status !== 0)(
    'sends a request that the reference library verifies',
    async () => {
      const { promise, resolve } = Promise.withResolvers<{ body: string; headers: Record<string, string> }>()
      const server = createServer((request, response) => {
        let body = ''
        request.on('data', (chunk) => {
          body += chunk
        })
        request.on('end', () => {
          response.end()
          resolve({ body, headers: request.headers as Record<string, string> })
        })
      })
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
      const address = server.address()
      const port = typeof address === 'object' ? address?.port : 0
      const { spawn } = await import('node:child_process')
      const child = spawn('sh', [save('send.sh', codeFor('curl'))], {
        env: { ...process.env, SECRET, URL: `http://127.0.0.1:${port}/` },
      })
      const { body, headers } = await promise
      await new Promise((done) => child.on('exit', done))
      server.close()
      expect(new Webhook(SECRET).verify(body, headers)).toMatchObject({ type: 'ping' })
    }
  )
})
