import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

/** Linux gives the ports above to connections, and would give one away before the program that wants it listens. */
const [FIRST, LAST] = [20_000, 32_000]

/** @returns a port of 127.0.0.1 on which nothing listens */
export async function freePort(): Promise<number> {
  const port = randomInt(FIRST, LAST)
  const server = createServer()
  server.listen(port, '127.0.0.1')
  // `once` rejects if the server emits an error: the port is taken.
  const isFree = await once(server, 'listening').then(
    () => true,
    () => false
  )
  await new Promise((resolve) => server.close(resolve))
  return isFree ? port : freePort()
}
