import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { respondAsService } from './services/people'

export interface Received {
  path: string
  headers: Record<string, string>
  /** The exact bytes as Latin-1 text, which JSON can contain. */
  body: string
  /** Whether a service for people has rejected the request: see services/people.ts. */
  isRejected?: boolean
}

/** A page that the receiver serves. */
export interface Page {
  status?: number
  headers?: Record<string, string>
  body?: string
  /** A body that is not text. */
  base64?: string
}

interface State {
  log: Map<string, Received[]>
  scripts: Map<string, string[]>
  pages: Map<string, Page>
}

type Behavior = (response: ServerResponse, socket: Socket, argument: string, calls: number, body: string) => void

/** The behaviors of a receiver: `/<mailbox>/<behavior>[/<argument>]`. */
const BEHAVIORS: Record<string, Behavior> = {
  ok: (response) => response.end('Thank you.'),
  status: (response, _socket, status) => response.writeHead(Number(status)).end('as requested'),
  'retry-after': (response, _socket, seconds) => {
    response.writeHead(429, { 'Retry-After': seconds }).end()
  },
  unavailable: (response, _socket, seconds) => {
    response.writeHead(503, { 'Retry-After': seconds }).end()
  },
  /** Answers the challenge at registration, then accepts everything. */
  verify: (response, _socket, form, _calls, body) => {
    const { challenge } = JSON.parse(body).data
    response.end(challenge && form === 'json' ? JSON.stringify({ challenge }) : challenge)
  },
  echo: (response, _socket, _argument, _calls, body) => response.end(body),
  /** Repeats the whole request, as a debugging service does. */
  mirror: (response, _socket, _argument, _calls, body) => {
    const { url, headers } = response.req
    response.end(`Got ${url} ${JSON.stringify(headers)} ${body}`)
  },
  say: (response, _socket, text) => response.end(decodeURIComponent(text)),
  agree: (response, _socket, origin, _calls) => {
    const [allowed = '', rate = '*'] = origin.split(':')
    response.setHeader('WebHook-Allowed-Origin', allowed)
    response.setHeader('WebHook-Allowed-Rate', rate).writeHead(405).end()
  },
  redirect: (response) => response.writeHead(302, { Location: 'http://169.254.169.254/' }).end(),
  'fail-times': (response, _socket, times, calls) => {
    response.writeHead(calls <= Number(times) ? 500 : 200).end()
  },
  'fail-if': (response, _socket, word, _calls, body) => {
    response.writeHead(body.includes(word) ? 500 : 200).end()
  },
  'late-ok': (response, _socket, ms) => {
    setTimeout(() => response.end('Thank you.'), Number(ms))
  },
  'late-500': (response, _socket, ms) => {
    setTimeout(() => response.writeHead(500).end(), Number(ms))
  },
  hang: () => undefined,
  drip: (response) => {
    response.writeHead(200).write('a')
    const timer = setInterval(() => response.write('a'), 1_000)
    response.on('close', () => clearInterval(timer))
  },
  endless: (response) => {
    response.writeHead(200)
    const block = Buffer.alloc(64 * 1_024, 'x')
    const pump = () => {
      while (!response.destroyed && response.write(block));
    }
    response.on('drain', pump)
    pump()
  },
  'big-body': (response) => response.end(Buffer.alloc(10 * 1_024 * 1_024, 'y')),
  'big-header': (_response, socket) => {
    socket.write(`HTTP/1.1 200 OK\r\nX-Big: ${'z'.repeat(10 * 1_024 * 1_024)}\r\nContent-Length: 0\r\n\r\n`)
  },
  close: (_response, socket) => socket.destroy(),
  'half-answer': (response, socket) => {
    response.writeHead(200, { 'Content-Length': '100' }).write('only this')
    setTimeout(() => socket.destroy(), 20)
  },
  broken: (response, socket, status) => {
    response.writeHead(Number(status), { 'Content-Length': '100', 'Retry-After': '600' }).write('half')
    setTimeout(() => socket.destroy(), 20)
  },
  'late-410': (response, _socket, ms) => {
    setTimeout(() => response.writeHead(410).end(), Number(ms))
  },
  nul: (response) => response.end(Buffer.from([0x61, 0x00, 0xff, 0x62])),
}

export interface Receiver {
  url: string
  /** @returns the requests to a mailbox. Another process uses `GET /log/<mailbox>`. */
  received(mailbox: string): Received[]
  close(): Promise<void>
}

/**
 * Starts a receiver on loopback. The path of a request selects the behavior. `/<mailbox>/scripted` behaves as the last
 * request to `/script/<mailbox>/<behavior>` selected. `/<mailbox>/page` is the page that was sent to
 * `/pages/<mailbox>`, and `/button.gif` the one that was sent to `/pages/button.gif`. `GET /log/<mailbox>` lists the requests to a mailbox. Requests for ntfy, Telegram and Matrix get
 * what those respond, or what a script selects if they accept the request: services/people.ts.
 */
export async function startReceiver(): Promise<Receiver> {
  const state: State = { log: new Map(), scripts: new Map(), pages: new Map() }
  const { log } = state
  const server = createServer((request, response) => {
    receive(request, response, state).catch((cause) => response.destroy(cause))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  // Node closes an idle connection after five seconds, and a request that is sent on it at that moment is lost.
  server.keepAliveTimeout = 0
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { url: `http://127.0.0.1:${port}`, received: (mailbox) => log.get(mailbox) ?? [], close }
}

async function receive(
  request: IncomingMessage,
  response: ServerResponse,
  { log, scripts, pages }: State
): Promise<void> {
  const path = request.url ?? '/'
  const [mailbox = '', name = '', ...rest] = path.split('/').slice(1)
  if (mailbox === 'script') {
    scripts.set(name, rest)
    response.end()
    return
  }
  if (mailbox === 'log') {
    response.setHeader('Content-Type', 'application/json')
    response.end(JSON.stringify(log.get(name) ?? []))
    return
  }
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  if (mailbox === 'pages') {
    pages.set(name, JSON.parse(Buffer.concat(chunks).toString()))
    response.end()
    return
  }
  const text = Buffer.concat(chunks).toString()
  const service = respondAsService({ method: request.method ?? '', path, headers: request.headers, body: text })
  if (service) {
    const isRejected = service.status >= 300
    const one = { path, headers: request.headers as never, body: text, isRejected }
    const received = [...(log.get(service.mailbox) ?? []), one]
    log.set(service.mailbox, received)
    const [behavior = '', argument = ''] = scripts.get(service.mailbox) ?? []
    const behave = isRejected || behavior === 'status' ? undefined : BEHAVIORS[behavior]
    if (behave) return behave(response, request.socket, argument, received.length, text)
    const status = behavior === 'status' && !isRejected ? Number(argument) : service.status
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(service.body))
    return
  }
  const received = log.get(mailbox) ?? []
  const body = Buffer.concat(chunks).toString('latin1')
  received.push({ path, headers: request.headers as Record<string, string>, body })
  log.set(mailbox, received)
  const calls = received.filter((one) => one.path === path).length
  const [behavior = 'ok', argument = ''] = name === 'scripted' ? (scripts.get(mailbox) ?? []) : [name, ...rest]
  const page = name === 'page' || path === '/button.gif' ? (pages.get(mailbox) ?? {}) : null
  if (page) {
    const { status = 200, headers = {}, body: content = '', base64 } = page
    response.writeHead(status, { 'Content-Type': 'text/html', ...headers })
    response.end(base64 === undefined ? content : Buffer.from(base64, 'base64'))
    return
  }
  const behave = BEHAVIORS[behavior] ?? BEHAVIORS.ok
  behave?.(response, request.socket, argument, calls, body)
}
