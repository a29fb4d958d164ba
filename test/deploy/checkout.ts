import { spawn } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Cloudflare } from './stand-in/cloudflare'
import { linkPackages, withWarmWrangler } from './warm/warm-wrangler'

/** The repository. */
export const ROOT = join(import.meta.dirname, '../..')
/** Without package-lock.json: scripts would install packages again, through the link, into the real node_modules. */
const COPIED = ['migrations', 'package.json', 'public', 'scripts', 'src', 'tsconfig.json', 'wrangler.toml']

const WRANGLER = join(ROOT, 'node_modules/wrangler/bin/wrangler.js')

export interface Run {
  code: number
  output: string
}

/** A clone of the repository, in which `npm run deploy` leaves its files. */
export class Checkout {
  readonly folder = mkdtempSync(join(tmpdir(), 'guesthook-checkout-'))
  readonly #isWarm: boolean

  /** @param from the repository, or another clone, which deploys with a wrangler that is already loaded */
  constructor(from = ROOT) {
    this.#isWarm = from !== ROOT
    for (const name of COPIED) cpSync(join(from, name), join(this.folder, name), { recursive: true })
    const [packages, own] = [join(ROOT, 'node_modules'), join(this.folder, 'node_modules')]
    if (this.#isWarm) linkPackages(packages, own)
    else symlinkSync(packages, own)
  }

  read(name: string): string {
    return readFileSync(join(this.folder, name), 'utf8')
  }

  /** Bundles the Worker, so that deployments of this clone, and of its clones, do not each bundle it again. */
  async bundle(): Promise<void> {
    await this.wrangler('deploy', '--dry-run', '--outdir', 'src/bundle')
    this.configure('main = "src/index.ts"', 'main = "src/bundle/index.js"\nno_bundle = true')
    this.configure('minify = true', 'minify = false')
  }

  /** Changes wrangler.toml. @throws Error if it does not contain the text */
  configure(before: string, after: string): void {
    const text = this.read('wrangler.toml')
    if (!text.includes(before)) throw new Error(`wrangler.toml does not contain ${before}`)
    writeFileSync(join(this.folder, 'wrangler.toml'), text.replaceAll(before, after))
  }

  /** @returns the secrets in the private file, and the file's mode, or null if there is no file */
  secrets(): { values: Record<string, string>; mode: number } | null {
    const folder = join(this.folder, '.deploy')
    if (statSync(folder, { throwIfNoEntry: false }) === undefined) return null
    const names = readdirSync(folder)
    if (names.length !== 1) throw new Error(`.deploy contains ${names.join(', ')}.`)
    const file = join(folder, names[0] ?? '')
    return { values: JSON.parse(readFileSync(file, 'utf8')), mode: statSync(file).mode & 0o777 }
  }

  /** Leaves the files of `wrangler login`. A login that has expired cannot be renewed. */
  logIn(token: string, expires = '2100-01-01T00:00:00.000Z'): void {
    const config = join(this.#home.HOME, '.wrangler', 'config')
    mkdirSync(config, { recursive: true })
    const login = { oauth_token: token, refresh_token: 'old', expiration_time: expires }
    const lines = Object.entries(login).map(([name, value]) => `${name} = "${value}"`)
    writeFileSync(join(config, 'default.toml'), [...lines, 'scopes = []'].join('\n'))
  }

  /** Runs `npm run deploy` without a terminal. @param env added to the environment */
  deploy(cloudflare: Cloudflare, args: string[], env: Record<string, string> = {}): Promise<Run> {
    const all: Record<string, string> = { ...this.#env(cloudflare), ...env }
    const run = (more = {}) => this.#run(process.execPath, [this.#script, ...args], { ...all, ...more })
    // A login of wrangler's own, which it reads when it is loaded, needs a new one.
    if (!this.#isWarm || !all.CLOUDFLARE_API_TOKEN) return run()
    return withWarmWrangler((socket) => run({ GUESTHOOK_WRANGLER: socket }))
  }

  /** Runs `npm run deploy` in a terminal, in which a person types the answers when the questions appear. */
  deployInTerminal(cloudflare: Cloudflare, answers: [question: RegExp, answer: string][]): Promise<Run> {
    const command = `'${process.execPath}' '${this.#script}'`
    return this.#run('script', ['-qefc', command, '/dev/null'], this.#env(cloudflare), answers)
  }

  /** Runs wrangler on local data. @returns its output. @throws Error if it fails */
  async wrangler(...args: string[]): Promise<string> {
    const { code, output } = await this.#run(process.execPath, [WRANGLER, ...args], this.#home)
    if (code !== 0) throw new Error(`wrangler ${args.join(' ')} failed:\n${output}`)
    return output
  }

  get #script(): string {
    return join(this.folder, 'scripts', 'deploy.mjs')
  }

  async #run(program: string, args: string[], env: Record<string, string>, answers: [RegExp, string][] = []) {
    const child = spawn(program, args, { cwd: this.folder, env })
    if (answers.length === 0) child.stdin.end()
    const open = [...answers]
    let output = ''
    let unread = ''
    const read = (text: Buffer) => {
      output += text
      unread += text
      if (!open[0]?.[0].test(unread)) return
      child.stdin.write(`${open.shift()?.[1]}\r`)
      unread = ''
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    const code = await new Promise<number>((resolve) => child.on('close', (status) => resolve(status ?? -1)))
    return { code, output }
  }

  /** The environment of a person with a login. */
  #env({ url, token }: Cloudflare): Record<string, string> {
    return { ...this.#home, CLOUDFLARE_API_BASE_URL: url, CLOUDFLARE_API_TOKEN: token }
  }

  /** A home directory, in the checkout. */
  get #home(): Record<string, string> & { HOME: string } {
    const home = join(this.folder, 'home')
    return {
      PATH: process.env.PATH ?? '',
      HOME: home,
      XDG_CONFIG_HOME: home,
      WRANGLER_LOG_PATH: join(home, 'logs'),
      WRANGLER_HIDE_BANNER: 'true',
      WRANGLER_SEND_METRICS: 'false',
      NODE_COMPILE_CACHE: join(tmpdir(), 'guesthook-compile-cache'),
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}
