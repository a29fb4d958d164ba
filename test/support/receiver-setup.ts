import type { TestProject } from 'vitest/node'
import { startReceiver } from './receiver'

/** Runs in Node beside workerd, so that the worker under test sends over real HTTP. */
export default async function setup(project: TestProject) {
  const receiver = await startReceiver()
  project.provide('receiver', receiver.url)
  return receiver.close
}
