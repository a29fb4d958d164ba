import { inject } from 'vitest'
import { Checkout } from './checkout'
import { Account } from './stand-in/account'
import { Cloudflare } from './stand-in/cloudflare'
import { Runtime } from './stand-in/runtime'

export interface Clone {
  account: Account
  cloudflare: Cloudflare
  checkout: Checkout
}

/** Accounts and clones for tests that need many of them. They share one runtime. */
export class ManyAccounts {
  readonly runtime: Runtime
  #count = 0

  /** @param size how many databases all accounts together can have */
  constructor(size: number) {
    this.runtime = new Runtime(size)
  }

  start(): Promise<void> {
    return this.runtime.start()
  }

  /** Gives a new account and a new clone to a function. @throws Error if wrangler makes a call that nobody knows */
  async with<T>(use: (clone: Clone) => Promise<T>): Promise<T> {
    const account = new Account(String(this.#count++).padStart(32, '0'), this.runtime)
    const cloudflare = await Cloudflare.start(account)
    const checkout = new Checkout(inject('bundledCheckout'))
    try {
      const result = await use({ account, cloudflare, checkout })
      if (cloudflare.unknown.length > 0) throw new Error(cloudflare.unknown.join('\n'))
      return result
    } finally {
      await cloudflare.end()
      checkout.remove()
    }
  }

  end(): Promise<void> {
    return this.runtime.end()
  }
}
