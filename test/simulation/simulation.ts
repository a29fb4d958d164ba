import { env } from 'cloudflare:workers'
import { sealedPrefix } from '../../src/kit/db/sealing'
import { isDead } from '../support/counting'
import { FORM } from '../support/session'
import { type Queued, type Sent, TOKEN, World } from '../support/world'
import { Clock, SECOND } from './clock'
import { EMAIL_FROM, type Emails, emailBinding } from './email'
import type { Registration } from './endpoint-settings'
import { History } from './history'
import type {
  Approvals,
  Decision,
  KnownBook,
  KnownEndpoint,
  KnownEntry,
  KnownSource,
  KnownWebhook,
  Rotation,
  Validity,
} from './known'
import { Words } from './words'

export const OWNER = { Authorization: `Bearer ${TOKEN}` }

export interface Answer {
  status: number
  text: string
  body: Record<string, unknown> & { id: string }
  /** Where a redirect leads, and the version of a page; null if there is none. */
  location: string | null
  etag: string | null
  cookie: string | null
}

interface Request {
  headers?: Record<string, string>
  /** An object is sent as JSON. */
  body?: object | string | URLSearchParams | undefined
}

/** What a run is about: see THEMES in plan.ts. */
export type Theme = 'incoming' | 'outgoing' | 'books' | 'all'

/** How the guestbook is set up. It stays the same during a run. */
export interface Setup {
  /** By default, `incoming`: one book, three sources, and one endpoint that gets everything. */
  theme?: Theme
  /** The endpoints besides the first one. */
  receivers?: Registration[]
  /** Whether the receivers recover after the last step. If not, most endpoints end up disabled. */
  isHealed: boolean
  /**
   * `wild`: everything may happen. `faults`: one action at a time, and D1 may fail. `races`: two actions at a time, and
   * nothing fails. Except in wild runs, no process dies and no queue message arrives twice, so each attempt is sent
   * once.
   */
  mode: 'wild' | 'faults' | 'races'
  isFreePlan: boolean
  /** Whether the sources refuse unverified webhooks on arrival. */
  isStrict: boolean
  /** How receivers answer at first. */
  firstAnswers: string
}

/** A successful attempt, as the program has recorded it. */
export interface Recorded {
  endpoint_id: string
  message_id: string
  step: number
  request: Sent & { step: number }
}

/** The owner has changed something while an order was under way. */
export interface Cut {
  /** When the change was answered, in epoch milliseconds. */
  at: number
  /** How long a request may have taken since its data was read, besides the second that is allowed. */
  slackMs: number
}

/** A form that a guest has opened. */
export interface OpenForm {
  book: string
  kind: 'page' | 'embed'
  questions: { id: string | null; field: string; text: string }[]
  stamp: string
  /** In epoch milliseconds. */
  openedAt: number
}

export interface SeenView {
  etag: string
  text: string
}

const NO_LIMIT: RateLimit = { limit: async () => ({ success: true }) }

/**
 * A guestbook with two isolates over one database, the outside world, and what is known about both. Actions change it
 * step by step. Afterwards, the judges compare what is known with the tables and with what receivers have got.
 */
export class Simulation {
  readonly clock = new Clock()
  readonly queued: Queued[] = []
  readonly history = new History()
  readonly words = new Words()
  readonly endpoints: KnownEndpoint[] = []
  readonly emails: Emails = new Map()
  readonly books: KnownBook[] = []
  readonly sources: KnownSource[] = []
  readonly entries: KnownEntry[] = []
  readonly webhooks: KnownWebhook[] = []
  readonly signingKeys: Validity[] = []
  /** The requests to receivers, and the step in which each was sent. */
  readonly sent: (Sent & { step: number })[] = []
  /** The steps in which a call to D1 may have failed. */
  readonly faulty = new Set<number>()
  /** The steps in which an attempt may be sent without being recorded, or twice. */
  readonly mayRepeat = new Set<number>()
  /** The deliveries that each replay has to send and has not sent yet. */
  readonly replays = new Map<string, Set<string>>()
  /** In which step each job appeared. */
  readonly jobs = new Map<string, number>()
  /** The deliveries that a person has asked for one by one, and in which steps. */
  readonly asked = new Map<string, Set<number>>()
  /** The selections that were sent again or discarded, for each endpoint: see actions/selections.ts. */
  readonly selected: { step: number; act: 'resend' | 'discard'; endpoint_id: string; states: string[] }[] = []
  /** In which step each message was dispatched to the last endpoint. */
  readonly dispatched = new Map<string, number>()
  /** The successful attempts that were recorded, in order, each with its request. */
  readonly recorded: Recorded[] = []
  /** What each delivery was before it was reopened. */
  readonly priors = new Map<string, { status: string; reason: string | null }>()
  /** The ids of the events that the owner has published. */
  readonly published: string[] = []
  /** The changes that were made while an order was under way, by step: see actions/slowly.ts. */
  readonly cuts = new Map<number, Cut>()
  /** Who may register endpoints, or null if that is not certain. */
  registration: string | null = 'off'
  /** Whether the settings of endpoints, or of books, may have changed in this step. */
  readonly mayHaveChanged = { endpoints: true, books: true }
  /** What the owner has decided about each entry: see guests.ts. */
  readonly approvals: Approvals = new Map()
  /** The last decision in the dashboard, which can be undone. */
  decision: Decision | null = null
  /** The forms that guests have opened and not sent yet. */
  readonly forms: OpenForm[] = []
  /** The last version of each view that a visitor has seen, by isolate. */
  readonly seenViews = new Map<string, SeenView>()
  /** The owner's session in the dashboard, or null. */
  session: { Cookie: string } | null = null
  /** In which step each of these was deleted by the owner, as far as the owner knows. */
  readonly deleting = new Map<string, number>()
  /** In which step each message was erased. */
  readonly erasedMessages = new Map<string, number>()
  /** In which step each message about an edit was replaced by one about a later change. */
  readonly replacedMessages = new Map<string, number>()
  /** The shortest retention so far, in days. */
  readonly shortest = { settled_days: 30, failed_days: 90, jobs_days: 30, inbound_days: 30 }
  keys: { SECRETS_KEY: string; SECRETS_KEY_PREVIOUS?: string } = { SECRETS_KEY: env.SECRETS_KEY }
  /** Since when every isolate has the new SECRETS_KEY, in epoch milliseconds. */
  rotatingSince = 0
  isFreePlan: boolean
  isolates: World[]
  /** The isolates that still have an old SECRETS_KEY. */
  readonly #outdated = new WeakSet<World>()
  /** Whether there has been such an isolate. It records attempts that it cannot sign, and does not send. */
  hasBeenOutdated = false
  /** The isolates that may die or fail in this step. */
  readonly failing = new Set<World>()
  /** What happens after the step: a deployment, or finding out what the step has done, if its answers may be lost. */
  readonly afterStep: (() => Promise<void>)[] = []
  /** When deliveries that had waited were released, in epoch milliseconds. */
  readonly releases = new Map<KnownEndpoint, { at: number; count: number }[]>()
  step = 0
  /** When the step began, in epoch milliseconds. */
  stepBegan = 0
  /** Whether two actions are performed at the same time in this step. */
  isTogether = false
  /** How many processes have died, and how many calls to D1 have failed. */
  kills = 0
  faults = 0
  #counter = 0

  constructor(readonly setup: Setup) {
    this.isFreePlan = setup.isFreePlan
    this.isolates = [this.newIsolate(), this.newIsolate()]
  }

  newIsolate(): World {
    const FREE_PLAN = String(this.isFreePlan) as 'true'
    const EMAIL = emailBinding(this.endpoints, this.emails, () => world)
    const world: World = new World({ ...this.keys, FREE_PLAN, TEST_LIMIT: NO_LIMIT, EMAIL, EMAIL_FROM }, this.queued)
    return world
  }

  /** Replaces all isolates, which forget everything. */
  deploy(): void {
    if (this.isolates.some((isolate) => this.#outdated.has(isolate))) this.rotatingSince = this.clock.latest
    this.isolates = [this.newIsolate(), this.newIsolate()]
  }

  /** During a deployment, an isolate keeps the old SECRETS_KEY, and cannot open what is sealed under the new one. */
  keepOld(isolate: World): void {
    this.#outdated.add(isolate)
    this.hasBeenOutdated = true
    this.isolates[0] = isolate
  }

  mayFail(isolate: World): boolean {
    return this.failing.has(isolate) || this.#outdated.has(isolate)
  }

  /** @returns a number that this run has not used yet */
  next(): number {
    this.#counter += 1
    return this.#counter
  }

  /** @returns a word that occurs nowhere yet. No word is part of another */
  nextWord(): string {
    return `word${this.next()}end`
  }

  pick<T>(items: readonly T[], which: number): T | undefined {
    return items[which % Math.max(items.length, 1)]
  }

  /** The endpoints that can be used in requests, because their ids are known. */
  presentEndpoints(): (KnownEndpoint & { id: string })[] {
    return this.endpoints.filter((one): one is KnownEndpoint & { id: string } => one.id !== null && !isDeleted(one))
  }

  /**
   * Sends a request to an isolate.
   * @returns null if there is no answer, because the isolate died or D1 failed. The request may still have had its effect
   * @throws Error if the answer is an error of ours without a cause, or if it contains erased words
   */
  async ask(world: World, method: string, path: string, request: Request = {}): Promise<Answer | null> {
    try {
      const answer = await send(world, method, path, request)
      if (isDead(world.recorder)) return null
      if (answer.status >= 500 && this.mayFail(world)) return null
      if (answer.status >= 500) throw new Error(`${method} ${path} failed with ${answer.status}: ${answer.text}`)
      const isWebhook = path.startsWith('/api/inbound/')
      this.words.requireNone(answer.text, this.step, `the answer to ${method} ${path}`, isWebhook)
      return answer
    } catch (cause) {
      if (this.mayFail(world)) return null
      throw cause
    }
  }

  /** Like `ask`, for the owner, on an isolate that does not fail. */
  async askOwner(method: string, path: string, body?: object): Promise<Answer> {
    const answer = await this.ask(this.newIsolate(), method, path, { headers: OWNER, body })
    if (!answer) throw new Error('A healthy isolate answers.')
    return answer
  }

  /** @returns whether a request began more than a second after the change that was made while it waited for its turn */
  isAfterCut({ at, step }: Sent & { step: number }): boolean {
    const cut = this.cuts.get(step)
    return cut !== undefined && at > cut.at + SECOND + cut.slackMs
  }

  /** @param before the time before the step, in epoch milliseconds */
  rotation(graceMs: number, before: number): Rotation {
    return { step: this.step, graceMs, before, after: this.clock.now }
  }

  /** @returns how many secrets are not sealed under the current SECRETS_KEY */
  async countStale(): Promise<number> {
    const prefix = await sealedPrefix({ ...env, ...this.keys })
    const sealed = ['endpoints', 'sources'].map((table) => `select secrets as box from ${table} where secrets <> ''`)
    const boxes = `${sealed.join(' union all ')} union all select seed from signing_keys`
    const stale = env.DB.prepare(`select count(*) as n from (${boxes}) where substr(box, 1, 8) <> ?`).bind(prefix)
    return (await stale.first<number>('n')) ?? 0
  }
}

export function isDeleted({ deleted }: KnownEndpoint): boolean {
  return Number.isFinite(deleted)
}

async function send(world: World, method: string, path: string, { headers, body }: Request): Promise<Answer> {
  const isForm = body instanceof URLSearchParams
  const isJson = typeof body === 'object' && !isForm
  const response = await world.request(path, {
    method,
    headers: { ...headers, ...(isJson && { 'Content-Type': 'application/json' }), ...(isForm && FORM) },
    ...(body !== undefined && { body: isJson ? JSON.stringify(body) : String(body) }),
  })
  const text = await response.text()
  const [location, etag, cookie] = ['Location', 'ETag', 'Set-Cookie'].map((name) => response.headers.get(name))
  return { status: response.status, text, body: parse(text), location, etag, cookie } as Answer
}

function parse(text: string): Answer['body'] {
  try {
    return JSON.parse(text)
  } catch {
    return { id: '' }
  }
}
