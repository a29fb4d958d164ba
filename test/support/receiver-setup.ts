import type { TestProject } from 'vitest/node'
import { startReceiver } from './receiver'

/** Starts the receiver in Node, so that the Worker under test sends real HTTP requests. */
export default async function setup(project: TestProject) {
  const receiver = await startReceiver()
  project.provide('receiver', receiver.url)
  return receiver.close
}
