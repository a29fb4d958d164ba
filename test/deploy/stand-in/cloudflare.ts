import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Account } from './account'
import { ApiError } from './api-error'
import { type ApiRequest, findRoute } from './routes'

/** One kind of call, such as the third `POST /queues`. */
export interface Call {
  route: string
  number: number
}

/**
 * From this call on, the route fails. An `error` is returned before anything happens. A `lost` call takes effect, but
 * its response never arrives.
 */
export interface Fault extends Call {
  kind: 'error' | 'lost' | 'login'
}

const TOKEN = 'a-token-of-the-stand-in'

/** A stand-in for Cloudflare's API, on loopback. It knows the calls in `routes.ts`, and nothing else. */
export class Cloudflare {
  readonly token = TOKEN
  calls: Call[] = []
  /** Calls that the stand-in does not know. A test with such calls is unreliable. */
  unknown: string[] = []
  fault: Fault | null = null
  /** More accounts of the same person, which contain nothing. */
  otherAccounts: { id: string; name: string }[] = []
  readonly #server: Server

  private constructor(readonly account: Account) {
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((cause) => {
        this.unknown.push(`${request.method} ${request.url}: ${cause.stack}`)
        response.writeHead(500).end()
      })
    })
  }

  static async start(account: Account): Promise<Cloudflare> {
    const cloudflare = new Cloudflare(account)
    await new Promise<void>((resolve) => cloudflare.#server.listen(0, '127.0.0.1', resolve))
    return cloudflare
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/client/v4`
  }

  async #answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = incoming
    const { pathname, searchParams: query } = new URL(url, 'http://127.0.0.1')
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk)
    const body = Buffer.concat(chunks)
    const init = { method: 'POST', headers: new Headers(headers as Record<string, string>), body }
    const request: ApiRequest = {
      method,
      path: pathname.replace('/client/v4', ''),
      query,
      headers: init.headers,
      json: async <T>() => JSON.parse(body.toString('utf8')) as T,
      form: () => new Response(body, { headers: { 'Content-Type': headers['content-type'] ?? '' } }).formData(),
    }
    const { status, answer } = await this.#handle(request)
    if (status === 0) response.destroy()
    else response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer))
  }

  /** @returns status 0 if the response is lost */
  async #handle(request: ApiRequest): Promise<{ status: number; answer: unknown }> {
    try {
      const { route, run } = this.#route(request)
      if (route === null) this.unknown.push(`${request.method} ${request.path}`)
      const fault = this.#count(route ?? request.path)
      if (fault === 'error') throw new ApiError(500, 10013, 'An unknown error has occurred.')
      if (fault === 'login') throw new ApiError(401, 10000, 'Authentication error')
      const result = await run(this.account, request)
      return { status: fault === 'lost' ? 0 : 200, answer: { success: true, errors: [], messages: [], result } }
    } catch (cause) {
      if (!(cause instanceof ApiError)) throw cause
      const { status, code, message } = cause
      return { status, answer: { success: false, errors: [{ code, message }], messages: [], result: null } }
    }
  }

  #route(request: ApiRequest) {
    const [, accountId, path = ''] = /^\/accounts\/([^/]+)(\/.*)$/.exec(request.path) ?? []
    const isUpload = path === '/workers/assets/upload'
    if (!isUpload && request.headers.get('authorization') !== `Bearer ${TOKEN}`) {
      throw new ApiError(401, 10000, 'Authentication error')
    }
    if (request.path === '/accounts' || request.path === '/memberships') return this.#listAccounts(request.path)
    if (accountId !== this.account.id) throw new ApiError(403, 9109, 'Unauthorized to access requested resource')
    return findRoute(request.method, path)
  }

  #listAccounts(path: string) {
    const accounts = [{ id: this.account.id, name: 'Ada' }, ...this.otherAccounts]
    return {
      route: `GET ${path}`,
      run: () => (path === '/accounts' ? accounts : accounts.map((account) => ({ account }))),
    }
  }

  #count(route: string): Fault['kind'] | null {
    const number = this.calls.filter((call) => call.route === route).length + 1
    this.calls.push({ route, number })
    return this.fault?.route === route && number >= this.fault.number ? this.fault.kind : null
  }

  async end(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
