import { Checkout } from './checkout'
import { Account } from './stand-in/account'
import { Cloudflare } from './stand-in/cloudflare'
import { Runtime } from './stand-in/runtime'

export interface Clone {
  account: Account
  cloudflare: Cloudflare
  checkout: Checkout
}

/** Accounts and clones for tests that need many of them. They share one runtime, and one bundled Worker. */
export class ManyAccounts {
  readonly runtime: Runtime
  readonly #original = new Checkout()
  #count = 0

  /** @param size how many databases all accounts together can have */
  constructor(size: number) {
    this.runtime = new Runtime(size)
  }

  async start(): Promise<void> {
    await this.#original.bundle()
    await this.runtime.start()
  }

  /** Gives a new account and a new clone to a function. @throws Error if wrangler makes a call that nobody knows */
  async with<T>(use: (clone: Clone) => Promise<T>): Promise<T> {
    const account = new Account(String(this.#count++).padStart(32, '0'), this.runtime)
    const cloudflare = await Cloudflare.start(account)
    const checkout = new Checkout(this.#original.folder)
    try {
      const result = await use({ account, cloudflare, checkout })
      if (cloudflare.unknown.length > 0) throw new Error(cloudflare.unknown.join('\n'))
      return result
    } finally {
      await cloudflare.end()
      checkout.remove()
    }
  }

  async end(): Promise<void> {
    this.#original.remove()
    await this.runtime.end()
  }
}
