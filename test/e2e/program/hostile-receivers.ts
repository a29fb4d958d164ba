import { on } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { createSecureContext, TLSSocket } from 'node:tls'
import { constants, deflateRawSync } from 'node:zlib'
import { SELF_SIGNED } from './self-signed'

const MEGABYTE = 1_024 * 1_024

/** Handles a connection. */
type Hostility = (socket: Socket) => unknown

/**
 * Receivers that are malicious or broken in ways that an HTTP library does not allow.
 * @param elsewhere the target of a redirect, which must never be called
 */
export function hostilities(elsewhere: string) {
  return {
    'headers that drip': drip('HTTP/1.1 200 OK\r\nX-Slow: '),
    'a body that drips': drip('HTTP/1.1 200 OK\r\n\r\n'),
    'endless interim responses': flood('', 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'.repeat(1_000)),
    'a TLS handshake that never completes': (socket) => socket.resume(),
    'an endless body': flood('HTTP/1.1 200 OK\r\n\r\n', 'x'.repeat(MEGABYTE)),
    'a gzip bomb of 512 MB': answer(gzipBomb(512)),
    '10 MB of headers': answer(`HTTP/1.1 200 OK\r\n${`X-Big: ${'z'.repeat(1_015)}\r\n`.repeat(10 * 1_024)}\r\n`),
    'a redirect to itself': redirect('http://127.0.0.1:{port}/'),
    'a redirect to a private address': redirect(elsewhere),
    'a body shorter than its Content-Length': answer('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this'),
    'a body longer than its Content-Length': answer('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nokay, and more'),
    'a chunk of an absurd size': answer(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nhello'
    ),
    'an upgrade that was not requested': answer(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'
    ),
    'no HTTP at all': answer('220 mail.example.com ESMTP ready\r\n'),
    'a reset on connect': (socket) => socket.resetAndDestroy(),
    'a reset after the request': resetAfter(''),
    'a reset within the headers': resetAfter('HTTP/1.1 200 OK\r\nContent-Le'),
    'a reset within the body': resetAfter('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf'),
    'an untrusted certificate': (socket) => {
      const secureContext = createSecureContext(SELF_SIGNED)
      new TLSSocket(socket, { isServer: true, secureContext }).on('error', () => undefined)
    },
  } satisfies Record<string, Hostility>
}

export type HostilityName = keyof ReturnType<typeof hostilities>

const OVER_TLS: readonly string[] = [
  'a TLS handshake that never completes',
  'an untrusted certificate',
] satisfies HostilityName[]

function answer(bytes: string | Buffer): Hostility {
  return async (socket) => {
    await readRequest(socket)
    socket.end(bytes)
  }
}

function redirect(to: string): Hostility {
  return async (socket) => {
    await readRequest(socket)
    const location = to.replace('{port}', String(socket.localPort))
    socket.end(`HTTP/1.1 307 Elsewhere\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`)
  }
}

/** Waits before the reset, so that the client reads the text first. */
function resetAfter(text: string): Hostility {
  return async (socket) => {
    await readRequest(socket)
    socket.write(text)
    setTimeout(() => socket.resetAndDestroy(), 100)
  }
}

function drip(head: string): Hostility {
  return async (socket) => {
    await readRequest(socket)
    socket.write(head)
    const timer = setInterval(() => socket.write('a'), 1_000)
    socket.on('close', () => clearInterval(timer))
  }
}

/** Sends the block repeatedly, as fast as the client reads. */
function flood(head: string, block: string): Hostility {
  const bytes = Buffer.from(block)
  const endless = function* () {
    for (;;) yield bytes
  }
  return async (socket) => {
    await readRequest(socket)
    socket.write(head)
    await pipeline(endless, socket).catch(() => undefined)
  }
}

async function readRequest(socket: Socket): Promise<void> {
  let text = ''
  for await (const [chunk] of on(socket, 'data', { close: ['close'] })) {
    text += chunk.toString('latin1')
    const [head = '', body] = text.split('\r\n\r\n', 2)
    const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0)
    if (body !== undefined && body.length >= length) return
  }
}

/**
 * Repeats one compressed megabyte, which is a thousandth of the size on the wire. No client reaches the missing
 * checksum.
 */
function gzipBomb(megabytes: number): Buffer {
  const flush = { finishFlush: constants.Z_FULL_FLUSH }
  const megabyte = deflateRawSync(Buffer.alloc(MEGABYTE), flush)
  return Buffer.concat([
    Buffer.from('HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n'),
    Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]),
    ...Array<Buffer>(megabytes).fill(megabyte),
  ])
}

export interface Listener {
  url: string
  /** The number of connections so far. */
  made(): number
  /** The number of open connections. */
  open(): number
  close(): Promise<void>
}

/** Starts all receivers, each on its own port, and `elsewhere`, which must never be called. */
export async function startHostileReceivers() {
  const elsewhere = await listen('http', (socket) => socket.resume())
  const all = new Map<HostilityName, Listener>()
  for (const [name, behave] of Object.entries(hostilities(elsewhere.url)))
    all.set(name as HostilityName, await listen(OVER_TLS.includes(name) ? 'https' : 'http', behave))
  return { elsewhere, all }
}

async function listen(scheme: string, behave: Hostility): Promise<Listener> {
  const sockets = new Set<Socket>()
  let made = 0
  const server = createServer((socket) => {
    made++
    sockets.add(socket)
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket))
    behave(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      for (const socket of sockets) socket.destroy()
    })
  return {
    url: `${scheme}://127.0.0.1:${port}/`,
    made: () => made,
    open: () => sockets.size,
    close,
  }
}
