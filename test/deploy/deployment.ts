import { inject } from 'vitest'
import { type Receiver, startReceiver } from '../support/receiver'
import { Checkout } from './checkout'
import { Account } from './stand-in/account'
import { Cloudflare } from './stand-in/cloudflare'
import { DeployedWorker } from './stand-in/deployed'
import { Runtime } from './stand-in/runtime'

/** A clone of the repository, an account to deploy it to, and a receiver for the deployed guestbook. */
export class Deployment {
  readonly account: Account
  #guestbook: DeployedWorker | null = null

  private constructor(
    private readonly runtime: Runtime,
    readonly cloudflare: Cloudflare,
    readonly checkout: Checkout,
    readonly receiver: Receiver
  ) {
    this.account = cloudflare.account
  }

  /** @param from the clone to deploy from, in which the Worker may be bundled */
  static async begin(from = inject('bundledCheckout')): Promise<Deployment> {
    const runtime = new Runtime(1)
    await runtime.start()
    const cloudflare = await Cloudflare.start(new Account('a'.repeat(32), runtime))
    return new Deployment(runtime, cloudflare, new Checkout(from), await startReceiver())
  }

  /** Runs the Worker that is deployed now. */
  async run(name: string): Promise<DeployedWorker> {
    this.#guestbook?.end()
    this.#guestbook = await DeployedWorker.start(this.account, name, (request) => this.#internet(request))
    return this.#guestbook
  }

  /** The internet of the deployed guestbook: one receiver, which is on loopback. */
  async #internet(request: Request): Promise<Response> {
    const { hostname, pathname } = new URL(request.url)
    if (hostname !== 'receiver.example') return new Response('Unknown host.', { status: 523 })
    const { method, headers } = request
    return fetch(this.receiver.url + pathname, { method, headers, body: await request.text() })
  }

  /** Repeats a check until it passes. @throws the last failure, after ten seconds */
  async eventually(check: () => unknown): Promise<void> {
    for (let tries = 0; ; tries++) {
      try {
        await check()
        return
      } catch (cause) {
        if (tries > 100) throw cause
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    }
  }

  /** @throws Error if wrangler made a call that the stand-in does not know, because results are then unreliable */
  async end(): Promise<void> {
    this.#guestbook?.end()
    await this.cloudflare.end()
    await this.runtime.end()
    await this.receiver.close()
    this.checkout.remove()
    if (this.cloudflare.unknown.length > 0) throw new Error(this.cloudflare.unknown.join('\n'))
  }
}
