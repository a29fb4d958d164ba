import type { TestProject } from 'vitest/node'
import { Checkout } from './checkout'

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder of a clone whose Worker is bundled. */
    bundledCheckout: string
  }
}

/** Bundles the Worker once for all files. Only `deploy.test.ts` deploys from the sources, as an owner does. */
export default async function setup(project: TestProject) {
  const checkout = new Checkout()
  await checkout.bundle()
  project.provide('bundledCheckout', checkout.folder)
  return () => checkout.remove()
}
