import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A loaded wrangler. It ends with this process. */
interface Warm {
  socket: string
  process: ChildProcess
}

const idle: Warm[] = []

/** Lends a loaded wrangler, so that one runs one command at a time. @param use gets the path of its socket */
export async function withWarmWrangler<T>(use: (socket: string) => Promise<T>): Promise<T> {
  const warm = idle.pop() ?? (await start())
  try {
    return await use(warm.socket)
  } finally {
    idle.push(warm)
  }
}

async function start(): Promise<Warm> {
  const home = mkdtempSync(join(tmpdir(), 'guesthook-wrangler-'))
  const socket = join(home, 'socket')
  const env = { PATH: process.env.PATH, HOME: home, NODE_COMPILE_CACHE: join(tmpdir(), 'guesthook-compile-cache') }
  const args = ['--no-warnings', join(import.meta.dirname, 'server.cjs'), socket]
  const child = spawn(process.execPath, args, { env, stdio: ['pipe', 'pipe', 'inherit'] })
  await new Promise<void>((resolve, reject) => child.once('exit', reject).stdout.once('data', () => resolve()))
  process.once('exit', () => rmSync(home, { recursive: true, force: true }))
  child.unref()
  return { socket, process: child }
}

/** Links all packages into a clone, with the client of the loaded wrangler in the place of wrangler's program. */
export function linkPackages(from: string, to: string): void {
  mkdirSync(join(to, 'wrangler/bin'), { recursive: true })
  for (const name of readdirSync(from)) if (name !== 'wrangler') symlinkSync(join(from, name), join(to, name))
  symlinkSync(join(import.meta.dirname, 'client.cjs'), join(to, 'wrangler/bin/wrangler.js'))
}
