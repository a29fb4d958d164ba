import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { readDevVars } from '../../scripts/lib/dev-vars.mjs'
import { nodePath, ROOT } from '../../scripts/lib/node.mjs'

/** Sweeps run every second instead of every minute, so that some of them are killed too. */
const TICK_MS = '1000'
const START_MS = 90_000

/** The program as `npm start` runs it, restarted with the same database and the same port. */
export class Program {
  output = ''
  /** How far the sweeps' clock is ahead of real time. */
  aheadMs = 0
  #child = null
  #token = readDevVars().ADMIN_TOKEN

  constructor(port, state) {
    this.state = state
    this.port = port
    this.url = `http://127.0.0.1:${port}`
  }

  /** Starts the program without waiting until it is ready. */
  spawn() {
    this.output = ''
    const env = {
      PORT: this.port,
      GUESTHOOK_STATE: this.state,
      GUESTHOOK_TICK_MS: TICK_MS,
      GUESTHOOK_ENTRY: 'test/support/entry.ts',
    }
    // The process gets its own process group, so that SIGKILL also reaches wrangler and workerd.
    this.#child = spawn(nodePath(), [join(ROOT, 'scripts', 'start.mjs')], {
      env: { ...process.env, ...env },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream.on('data', (text) => {
        this.output += text
      })
  }

  /** @throws Error if the program does not start within 90 seconds */
  async untilReady() {
    const deadline = Date.now() + START_MS
    while (!this.output.includes('Dashboard')) {
      if (this.#child?.exitCode != null || Date.now() > deadline)
        throw new Error(`The program did not start:\n${this.output}`)
      await sleep(50)
    }
  }

  /** Sends SIGKILL to the process group and waits until all processes are gone. */
  async kill() {
    const child = this.#child
    if (!child) return
    const exited = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : null
    this.killNow()
    await exited
    for (let tries = 0; isAlive(child.pid); tries++) {
      if (tries > 200) throw new Error(`Processes in group ${child.pid} survived SIGKILL.`)
      await sleep(25)
    }
  }

  /** Kills without waiting, for this process's exit handler, which cannot wait. */
  killNow() {
    const child = this.#child
    this.#child = null
    if (child && isAlive(child.pid)) process.kill(-child.pid, 'SIGKILL')
  }

  /** Advances the sweeps' clock, and triggers a sweep. */
  async jump(ms) {
    this.aheadMs += ms
    const time = Date.now() + this.aheadMs
    await this.fetch('GET', `/cdn-cgi/local/scheduled?cron=*+*+*+*+*&time=${time}`)
  }

  /** @returns the parsed response. @throws Error if the status is not 2xx */
  async api(method, path, body) {
    const response = await this.fetch(method, path, { body })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return JSON.parse(text)
  }

  fetch(method, path, { body, headers = {} } = {}) {
    const owner = { Authorization: `Bearer ${this.#token}` }
    return fetch(this.url + path, {
      method,
      headers: { ...owner, 'Content-Type': 'application/json', ...headers },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    })
  }
}

function isAlive(group) {
  try {
    return process.kill(-group, 0)
  } catch (cause) {
    if (cause.code === 'ESRCH') return false
    throw cause
  }
}

/** @returns {Promise<number>} a port that was free a moment ago */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}
