import { BOOK_SETTINGS, type Settings } from '../../../src/guestbook/books/settings'

/** A value of each setting that is not its first one. A setting that is on or off needs none. */
const OTHERS: Partial<Settings> = {
  welcome: 'Come in',
  banner: 'News',
  language: 'de',
  home_url: 'https://example.com/',
  links: [
    { label: '‹ Before', url: 'https://before.example/' },
    { label: 'Ring of gardens', url: 'https://ring.example/' },
  ],
  theme: 'zine',
  accent: '#123456',
  avatars: 'face',
  own_smileys: [
    { text: ':parrot:', emoji: '🦜' },
    { text: ':x:', emoji: '❌' },
  ],
  css: '.page {\n  color: red\n}',
  asks_for: ['place'],
  drawings: 'held',
  questions: [
    { text: 'Who?', is_required: true, expected: 'me' },
    { text: 'What?', is_required: false, expected: null },
  ],
  return_origins: ['https://a.example', 'https://b.example'],
  daily_quota_mb: 7,
  form_place: 'below',
  wall_excluded: ['ada.example', 'bob.example'],
  moderation: 'all',
  max_links: 0,
  blocked_words: ['a b', 'casino'],
}

/** Each setting of a book, with another value than its first one. */
export const OTHER_SETTINGS: Record<string, unknown> = Object.fromEntries(
  Object.entries(BOOK_SETTINGS).map(([name, { initial }]) => [name, OTHERS[name as keyof Settings] ?? !initial])
)
